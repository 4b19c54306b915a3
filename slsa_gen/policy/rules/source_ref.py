"""The build ran at the expected git ref, exactly.

Certificate extension .14, never the predicate. ``--source-tag v1`` means ``refs/tags/v1``,
``--source-branch main`` means ``refs/heads/main``; a branch named like a tag is not the tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the ref, where one is expected."""
    expected, found = case.policy.source_ref, case.signer.source_repository_ref
    if expected is None:
        return ()
    return (
        checked(
            RULE.name,
            expected=expected,
            found=found,
            passed=found == expected,
            reason=Reason.SOURCE_REF,
            hint="It was built at another ref: take the file of the release that you mean.",
        ),
    )


RULE = Rule("source.ref", (Reason.SOURCE_REF,), check)
