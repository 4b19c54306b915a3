"""Why an artifact was not accepted, from the JSON document of ``verify``: each reason once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RefusedFor:
    """One reason why an artifact was not accepted.

    Attributes:
        reason: The stable code.
        message: What was expected and found.
        hint: What mends it; may be empty.
    """

    reason: str
    message: str
    hint: str

    @property
    def told(self) -> str:
        """Return reason and message on one line."""
        return f"{self.reason}: {' '.join(self.message.splitlines())}"


def reasons(result: Document) -> Iterator[RefusedFor]:
    """Yield why one artifact of ``verify`` was not accepted, each reason once."""
    seen: set[RefusedFor] = set()
    for one in _all_reasons(result):
        if one not in seen:
            seen.add(one)
            yield one


def _all_reasons(result: Document) -> Iterable[RefusedFor]:
    if "error" in result:
        error = result["error"]
        yield RefusedFor(error["reason"], error["message"], error["hint"])
    for attestation in result["attestations"]:
        for check in attestation["checks"]:
            if not check["passed"]:
                message = f"expected {check['expected']}, found {check['found']}"
                yield RefusedFor(check["reason"], message, check["hint"])
