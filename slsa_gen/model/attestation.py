"""A signed statement: the bundle, who signed it, when, and where it was logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slsa_gen.model.instance import SANDBOX_SERVER

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.problem import Problem
    from slsa_gen.model.publication import Publication
    from slsa_gen.model.statement import Statement


#: The kinds of entry that only logs of version 2 hold (rekor-tiles; intoto 0.0.2 is older).
_TILED: Final = frozenset({"hashedrekord 0.0.2", "dsse 0.0.2"})


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Where a transparency log holds an entry.

    ``log`` is the base URL of the log in the trusted root (empty when unknown), ``log_id``
    its key id in hexadecimal, ``index`` the entry's number there.
    """

    log: str
    log_id: str
    index: int
    kind: str
    integrated_at: datetime | None

    @property
    def url(self) -> str:
        """Return the page or document that shows the entry, or an empty string.

        A sandbox's log has none: it is only served while a command runs. Nor has a log of
        version 2: it serves tiles of many entries, and no entry alone.
        """
        if not self.log or self._in_sandbox or self.kind in _TILED:
            return ""
        if self.log.rstrip("/") == "https://rekor.sigstore.dev":
            return f"https://search.sigstore.dev/?logIndex={self.index}"
        return f"{self.log.rstrip('/')}/api/v1/log/entries?logIndex={self.index}"

    @property
    def place(self) -> str:
        """Return the same for people: where the entry has no page, whose it is."""
        nameless = not self.log or self._in_sandbox
        return self.url or ("" if nameless else f"of {self.log}")

    @property
    def _in_sandbox(self) -> bool:
        return self.log.startswith(f"{SANDBOX_SERVER}/")


@dataclass(frozen=True, slots=True)
class Attestation:
    """A statement and the bundle that proves it.

    ``bundle`` is one JSON document in UTF-8 on one line, without the line's end.
    """

    statement: Statement
    bundle: bytes = field(repr=False)
    signer: SignerIdentity
    signed_at: datetime
    log_entries: tuple[LogEntry, ...]


@dataclass(frozen=True, slots=True)
class AttestResult:
    """What became of a draft: the attestations and where they are.

    ``publications`` has the file first, which is always there, then each further target, also
    those that failed. ``extra_entries`` counts entries that the log may hold beyond those of
    the attestations: each is an answer that was lost after the log had accepted.
    """

    attestations: tuple[Attestation, ...]
    publications: tuple[Publication, ...]
    extra_entries: int = 0

    @property
    def file(self) -> Publication:
        """Return what became of the bundle file."""
        return self.publications[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return why targets failed; empty when none did."""
        return tuple(p.problem for p in self.publications if p.problem is not None)

    @property
    def exit_code(self) -> int:
        """Return 0, or the worst of the problems' exit codes: 2 > 1 > 3."""
        codes = {problem.exit_code for problem in self.problems}
        return next((code for code in (2, 1, 3) if code in codes), 0)
