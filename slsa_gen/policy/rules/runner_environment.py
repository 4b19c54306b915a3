"""The job that signed ran on a machine of the platform, where that is demanded.

Certificate extension .11 must be ``github-hosted`` with ``--deny-self-hosted-runners``. It
speaks of the job that signed; a job that built before it may have run elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check

_HOSTED: Final = "github-hosted"


def check(case: Case) -> tuple[Check, ...]:
    """Check the runner, where self-hosted ones are denied."""
    if not case.policy.deny_self_hosted_runners:
        return ()
    found = case.signer.runner_environment
    return (
        checked(
            RULE.name,
            expected=_HOSTED,
            found=found,
            passed=found == _HOSTED,
            reason=Reason.RUNNER_SELF_HOSTED,
            hint="Leave --deny-self-hosted-runners out if you trust the owner's machines.",
        ),
    )


RULE = Rule("runner.environment", (Reason.RUNNER_SELF_HOSTED,), check)
