"""Judging: a proved statement, an artifact's digests and a policy in, a verdict out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.verdict import AttestationVerdict
from slsa_gen.policy.levels import build_level
from slsa_gen.policy.rules import RULES
from slsa_gen.policy.rules.case import Case

if TYPE_CHECKING:
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.verified import VerifiedStatement
    from slsa_gen.policy.policy import Policy


def evaluate(
    verified: VerifiedStatement, digests: tuple[Digest, ...], policy: Policy
) -> AttestationVerdict:
    """Apply every rule, and say which SLSA Build level the statement shows.

    Args:
        verified: What a bundle proved; nothing else is ever judged.
        digests: The artifact's digests, of any of the acceptable algorithms.
        policy: What is expected.

    Returns:
        The verdict, with what was proved and every rule's checks. It is accepted when all
        passed; the first rule always leaves a check, so that no checks is a refusal.
    """
    case = Case(verified, digests, policy)
    checks = tuple(check for rule in RULES for check in rule.check(case))
    return AttestationVerdict(
        source=verified.source,
        checks=(*verified.proofs, *checks) if checks else (),
        signer=verified.signer,
        predicate_type=verified.statement.predicate_type,
        signed_at=verified.signed_at,
        log_entries=verified.log_entries,
        level=build_level(verified, digests),
    )
