"""What a user reads when a service fails, collected while the tests run; a table for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.integration.conftest import Outcome

#: What differs from run to run, and says nothing.
_PORT: Final = re.compile(r"127\.0\.0\.1:[0-9]+")
_HEAD: Final = (
    "| fault | service | log | reason | exit | tries | seconds | first line of the message |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """One failure as a user has it."""

    fault: str
    service: str
    log: int
    reason: str
    code: int
    calls: int | None
    seconds: float
    message: str

    def row(self) -> str:
        """Return its line of the table; a message may hold what Markdown reads otherwise."""
        said = _PORT.sub("127.0.0.1:PORT", self.message).replace("|", "\\|")
        tries = "" if self.calls is None else str(self.calls)
        return (
            f"| {self.fault} | {self.service} | v{self.log} | {self.reason} | {self.code} "
            f"| {tries} | {self.seconds:.1f} | {said} |\n"
        )


class Readings:
    """Collects failures."""

    def __init__(self) -> None:
        self._found: list[Reading] = []

    def add(
        self,
        place: tuple[str, str, int],
        outcome: Outcome,
        seconds: float,
        calls: int | None = None,
    ) -> str:
        """Remember a failure.

        Args:
            place: The fault, the service, and the version of the log.
            outcome: What the command did.
            seconds: How long it took.
            calls: How often the service was asked, where that was counted.

        Returns:
            The first line of its message.
        """
        assert outcome.code, outcome.out + outcome.err
        (message,) = (
            line.removeprefix("error: ")
            for line in outcome.err.splitlines()
            if line.startswith("error: ")
        )
        found = Reading(*place, outcome.reason, outcome.code, calls, seconds, message)
        self._found.append(found)
        return message

    def written(self) -> str:
        """Return the table in Markdown."""
        return _HEAD + "".join(found.row() for found in sorted(self._found))
