"""Checks and verdicts: what was demanded, what was found, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.errors import RefusedError
    from slsa_gen.model.attestation import LogEntry
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.problem import Problem
    from slsa_gen.reasons import Reason


@dataclass(frozen=True, slots=True)
class Check:
    """One rule applied: what it expected, what it found, whether that will do.

    ``reason`` is set exactly when ``passed`` is false.
    """

    rule: str
    expected: str
    found: str
    passed: bool
    reason: Reason | None = None
    hint: str = ""


class Outcome(StrEnum):
    """What a verdict says."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDECIDED = "undecided"


class Standing(StrEnum):
    """How far a requirement of a SLSA level can be seen from the evidence."""

    PROVED = "proved"
    CLAIMED = "claimed"
    UNSEEN = "cannot be seen"
    VIOLATED = "violated"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of the Build track, and how it stands."""

    name: str
    level: int
    standing: Standing
    why: str


@dataclass(frozen=True, slots=True)
class BuildLevel:
    """The SLSA Build level that the evidence shows (0 when none), requirement by requirement."""

    level: int
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class AttestationVerdict:
    """What became of one bundle: every check, passed or not.

    ``signer``, ``predicate_type``, ``signed_at`` and ``level`` are None where the bundle was
    not proved: nothing in an unproved bundle is repeated as a fact.
    """

    source: str
    checks: tuple[Check, ...]
    signer: SignerIdentity | None = None
    predicate_type: str | None = None
    signed_at: datetime | None = None
    log_entries: tuple[LogEntry, ...] = ()
    level: BuildLevel | None = None

    @classmethod
    def unproved(cls, source: str, error: RefusedError) -> AttestationVerdict:
        """Return the verdict on a bundle that does not verify, for the reason of the refusal."""
        check = Check(
            rule=str(error.reason).partition(".")[0],
            expected="a bundle that verifies",
            found=error.message,
            passed=False,
            reason=error.reason,
            hint=error.hint,
        )
        return cls(source, (check,))

    @property
    def accepted(self) -> bool:
        """Tell whether there were checks and every one passed: no checks is a refusal."""
        return bool(self.checks) and all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one artifact: accepted when one attestation passes every rule.

    ``digests`` are those that were looked for; ``problem`` is set when no attestation could
    be judged (nothing found, unreadable file, unreachable place).
    """

    artifact: str
    digests: tuple[Digest, ...]
    outcome: Outcome
    attestations: tuple[AttestationVerdict, ...]
    problem: Problem | None = None

    @property
    def level(self) -> BuildLevel | None:
        """Return the highest level among the accepted attestations."""
        levels = [a.level for a in self.attestations if a.accepted and a.level is not None]
        return max(levels, key=lambda level: level.level, default=None)
