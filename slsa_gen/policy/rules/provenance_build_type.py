"""Provenance is of a build type whose fields can be held against the certificate.

Without that comparison the predicate may say anything. A policy that names the build type
(``build-type`` in a policy file) accepts it as it stands, and nothing else.
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
    """Check the build type of a provenance."""
    statement, named = case.verified.statement, case.policy.build_type
    if named is None and not statement.predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        return ()
    uri = build_types.named_by(statement.predicate_type, statement.predicate)
    known = " or ".join(sorted(known.uri for known in build_types.KNOWN))
    passed = uri == named if named is not None else build_types.lookup(uri or "") is not None
    return (
        checked(
            RULE.name,
            expected=named or f"one that can be compared with the certificate ({known})",
            found="(no build type)" if uri is None else uri,
            passed=passed and uri is not None,
            reason=Reason.PROVENANCE_BUILD_TYPE,
            hint="If you trust whoever signed to say the truth about it, name it in a policy "
            f"file: build-type: {json.dumps(uri)}",
        ),
    )


RULE = Rule("provenance.build-type", (Reason.PROVENANCE_BUILD_TYPE,), check)
