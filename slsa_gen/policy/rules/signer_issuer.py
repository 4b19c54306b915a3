"""The signer's identity was vouched for by the expected issuer, exactly.

Certificate extension .8. GitHub's issuer unless ``--cert-oidc-issuer`` names another; the
sandbox's where the sandbox is named. An enterprise's issuer with a longer path is another.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the issuer."""
    expected, found = case.policy.issuer, case.signer.issuer
    return (
        checked(
            RULE.name,
            expected=expected,
            found=found,
            passed=found == expected,
            reason=Reason.SIGNER_ISSUER,
            hint=f"If you trust it: --cert-oidc-issuer {shlex.quote(found)}" if found else "",
        ),
    )


RULE = Rule("signer.issuer", (Reason.SIGNER_ISSUER,), check)
