"""No external parameter that the build type does not define, unless the policy allows it.

External parameters are under the control of whoever starts the build, so one that nobody
looked at may have changed everything (SLSA provenance v1, ``externalParameters``; "Verifying
artifacts", step 2). ``allowed-parameters`` of a policy file lists the ones that may be there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.provenance import build_types
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the external parameters of a provenance whose build type is known."""
    statement = case.verified.statement
    if not statement.predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        return ()
    uri = build_types.named_by(statement.predicate_type, statement.predicate)
    build_type = build_types.lookup(uri or "")
    if build_type is None:
        return ()
    allowed = case.policy.allowed_parameters
    unknown = build_type.unknown_parameters(statement.predicate)
    refused = [name for name in unknown if name not in allowed]
    return (
        checked(
            RULE.name,
            expected=", ".join(["those of the build type", *allowed]),
            found=f"also {', '.join(refused)}" if refused else "no others",
            passed=not refused,
            reason=Reason.PROVENANCE_EXTERNAL_PARAMETERS,
            hint="If they may be there, list them in a policy file: allowed-parameters: "
            f"{json.dumps(refused)}",
        ),
    )


RULE = Rule("provenance.external-parameters", (Reason.PROVENANCE_EXTERNAL_PARAMETERS,), check)
