"""The build ran on the expected commit.

Certificate extension .13 against ``--source-digest``: the full commit, exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the commit, where one is expected."""
    expected, found = case.policy.source_digest, case.signer.source_repository_digest
    if expected is None:
        return ()
    return (
        checked(
            RULE.name,
            expected=expected,
            found=found,
            passed=found == expected,
            reason=Reason.SOURCE_DIGEST,
            hint="It was built from another commit.",
        ),
    )


RULE = Rule("source.digest", (Reason.SOURCE_DIGEST,), check)
