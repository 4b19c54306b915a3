"""The predicate says of the run what the certificate says, field by field.

The certificate's fields come from the platform's signed token; the predicate was written by
the job. Each build type says which fields must be equal, and each is a check of its own. The
field of the predicate is named in what was found, the certificate's in what was expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.provenance import build_types
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Compare every field of a provenance whose build type is known."""
    statement = case.verified.statement
    if not statement.predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        return ()
    uri = build_types.named_by(statement.predicate_type, statement.predicate)
    build_type = build_types.lookup(uri or "")
    if build_type is None:
        return ()
    return tuple(
        checked(
            f"{RULE.name}:{field.field}",
            expected=f"{field.expected} (certificate: {field.certificate_field})",
            found=f"{field.found} (predicate: {field.field})",
            passed=field.equal,
            reason=Reason.PREDICATE_CERTIFICATE_MISMATCH,
            hint="The provenance does not describe the run that signed it: do not use it.",
        )
        for field in build_type.compare(statement.predicate, case.signer)
    )


RULE = Rule("predicate.certificate", (Reason.PREDICATE_CERTIFICATE_MISMATCH,), check)
