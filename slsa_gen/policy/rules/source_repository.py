"""The source repository is the expected one.

Certificate extension .12 against ``--repo``: the server exactly, owner and repository
without regard to the case of ASCII letters. Extension .15 against ``repository-id``, which
stays when a repository is renamed or transferred; where both are given, both must hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the name and the number of the source repository, as far as they are expected."""
    policy, checks = case.policy, []
    if policy.repo is not None:
        found = case.signer.source_repository_uri
        checks.append(
            checked(
                RULE.name,
                expected=f"{policy.server}/{policy.repo}",
                found=found,
                passed=policy.repo.is_named_by(found or "", policy.server),
                reason=Reason.SOURCE_REPOSITORY,
                hint="It was built from another repository: do not use it for this one."
                if found
                else "No workflow's run signed it, so nothing says from where it was built. Where "
                "a person may sign: --cert-identity NAME with --cert-oidc-issuer URL",
            )
        )
    if policy.repository_id is not None:
        number = case.signer.source_repository_identifier
        checks.append(
            checked(
                f"{RULE.name}-id",
                expected=policy.repository_id,
                found=number,
                passed=number == policy.repository_id,
                reason=Reason.SOURCE_REPOSITORY_ID,
                hint="A repository of this name may have been made anew by someone else.",
            )
        )
    return tuple(checks)


RULE = Rule("source.repository", (Reason.SOURCE_REPOSITORY, Reason.SOURCE_REPOSITORY_ID), check)
