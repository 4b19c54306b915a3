"""The statement says what was asked for: SLSA provenance, unless another type is named.

``--predicate-type`` is compared exactly. Without it every version of SLSA provenance that
is known here will do.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from slsa_gen.model.statement import SLSA_PROVENANCE_TYPES
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the predicate type."""
    found, named = case.verified.statement.predicate_type, case.policy.predicate_type
    passed = found in SLSA_PROVENANCE_TYPES if named is None else found == named
    return (
        checked(
            RULE.name,
            expected=named or f"SLSA provenance ({SLSA_PROVENANCE_TYPES[0]})",
            found=found,
            passed=passed,
            reason=Reason.PREDICATE_TYPE,
            hint=f"If that is what you look for: --predicate-type {shlex.quote(found)}",
        ),
    )


RULE = Rule("predicate.type", (Reason.PREDICATE_TYPE,), check)
