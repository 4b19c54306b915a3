"""A statement is bytes: encoded once, never encoded again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slsa_gen.model.digest import Digest
    from slsa_gen.model.subject import Subject

STATEMENT_V1: Final = "https://in-toto.io/Statement/v1"
STATEMENT_V01: Final = "https://in-toto.io/Statement/v0.1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
SLSA_PROVENANCE_V1: Final = "https://slsa.dev/provenance/v1"
SLSA_PROVENANCE_PREFIX: Final = "https://slsa.dev/provenance/"
#: The versions of SLSA provenance that are known here, the newest first.
SLSA_PROVENANCE_TYPES: Final = (
    SLSA_PROVENANCE_V1,
    f"{SLSA_PROVENANCE_PREFIX}v0.2",
    f"{SLSA_PROVENANCE_PREFIX}v0.1",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """An in-toto statement: what its bytes say, and the bytes themselves.

    ``payload`` is what is signed; the other fields are read from it and nothing is ever
    written back. ``predicate`` is JSON as Python parses it.
    """

    statement_type: str
    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, object]
    payload: bytes = field(repr=False)
    _by_digest: Mapping[Digest, Subject] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A thousand artifacts may be looked for in one statement of a thousand subjects.
        found = {d: subject for subject in reversed(self.subjects) for d in subject.digests}
        object.__setattr__(self, "_by_digest", found)

    def subject_with(self, digests: Iterable[Digest]) -> Subject | None:
        """Return the first subject that has one of the digests, or None."""
        return next((self._by_digest[d] for d in digests if d in self._by_digest), None)
