"""A sandbox's signature counts only where the sandbox was named, and only its own does then.

The sandbox signs whatever is asked of it, so it proves nothing to anyone else. It is known by
the trusted root that was used and by its issuer, and both must say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check that policy, trusted root and issuer agree about the sandbox."""
    wanted = case.policy.sandbox
    root, issuer = case.verified.sandbox, case.signer.issuer == SANDBOX_ISSUER
    found = "a sandbox" if root and issuer else "no sandbox"
    if issuer and not root:
        found = "a sandbox's identity under a trusted root that is no sandbox's"
    elif root and not issuer:
        found = "an identity that is no sandbox's under a sandbox's trusted root"
    return (
        checked(
            RULE.name,
            expected="a sandbox" if wanted else "no sandbox",
            found=found,
            passed=root == issuer == wanted,
            reason=Reason.SIGNER_SANDBOX,
            hint="What a sandbox signed is accepted only with --sigstore sandbox.",
        ),
    )


RULE = Rule("signer.sandbox", (Reason.SIGNER_SANDBOX,), check)
