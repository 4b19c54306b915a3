"""The owner of the source repository is the expected one.

Certificate extension .16 against ``--owner``: the server exactly, the owner without regard
to the case of ASCII letters. Extension .17 against ``owner-id``, which stays when an owner
is renamed; where both are given, both must hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.policy.names import owner_of_uri, same
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the name and the number of the owner, as far as they are expected."""
    policy, checks = case.policy, []
    if policy.owner is not None:
        found = case.signer.source_repository_owner_uri
        name = owner_of_uri(found or "", policy.server)
        checks.append(
            checked(
                RULE.name,
                expected=f"{policy.server}/{policy.owner}",
                found=found,
                passed=name is not None and same(name, policy.owner),
                reason=Reason.SOURCE_OWNER,
                hint="It was built from another owner's repository.",
            )
        )
    if policy.owner_id is not None:
        number = case.signer.source_repository_owner_identifier
        checks.append(
            checked(
                f"{RULE.name}-id",
                expected=policy.owner_id,
                found=number,
                passed=number == policy.owner_id,
                reason=Reason.SOURCE_OWNER_ID,
                hint="An owner of this name may be someone else today.",
            )
        )
    return tuple(checks)


RULE = Rule("source.owner", (Reason.SOURCE_OWNER, Reason.SOURCE_OWNER_ID), check)
