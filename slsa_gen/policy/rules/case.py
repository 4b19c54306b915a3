"""What a rule is given, and how it says what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.model.verdict import Check

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.model.digest import Digest
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.verified import VerifiedStatement
    from slsa_gen.policy.policy import Policy
    from slsa_gen.reasons import Reason

#: What stands for a field that a certificate lacks.
NOT_IN_CERTIFICATE: Final = "(not in the certificate)"


@dataclass(frozen=True, slots=True)
class Case:
    """One proved statement, the artifact's digests, and what is expected of them."""

    verified: VerifiedStatement
    digests: tuple[Digest, ...]
    policy: Policy

    @property
    def signer(self) -> SignerIdentity:
        """Return who signed, as the certificate says."""
        return self.verified.signer


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name in reports, the reasons for which it refuses, and the rule itself.

    ``check`` returns no check where the policy expects nothing of the kind.
    """

    name: str
    reasons: tuple[Reason, ...]
    check: Callable[[Case], tuple[Check, ...]]


def checked(
    rule: str, *, expected: str, found: str | None, passed: bool, reason: Reason, hint: str = ""
) -> Check:
    """Return a check; a field that is not there never passes."""
    passed = passed and found is not None
    return Check(
        rule=rule,
        expected=expected,
        found=NOT_IN_CERTIFICATE if found is None else found,
        passed=passed,
        reason=None if passed else reason,
        hint="" if passed else hint,
    )
