"""Something is expected of the signer or the source.

A valid signature alone is anyone's, so a policy that expects nothing accepts nothing. The
options and the policy file refuse such a policy before; this rule stands behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check that the policy says who may have signed or from which source."""
    says = case.policy.says_something
    return (
        checked(
            RULE.name,
            expected="an expectation of the source or the signer",
            found="there is one" if says else "nothing is expected",
            passed=says,
            reason=Reason.POLICY_EXPECTATION,
            hint="Say where it must come from: --repo OWNER/REPO",
        ),
    )


RULE = Rule("policy.expectation", (Reason.POLICY_EXPECTATION,), check)
