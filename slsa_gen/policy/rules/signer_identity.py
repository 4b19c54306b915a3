"""The certificate's name is the expected one, exactly.

The subject alternative name. With ``--cert-identity`` it must equal that text; else, where
the source is named, it must be the workflow that the certificate says signed (extension .9),
so that a person's name never stands for a workflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the certificate's name."""
    # As it was before Fulcio wrote it as a URI, unless it was named in just that form.
    found = case.signer.subject_alternative_name
    if found != case.policy.cert_identity:
        found = case.signer.name
    expected = case.policy.cert_identity or case.signer.build_signer_uri
    return (
        checked(
            RULE.name,
            expected=expected or "the name of a workflow that signed",
            found=found,
            passed=found == expected,
            reason=Reason.SIGNER_IDENTITY,
            hint="The name must be that of the workflow that signed, or the one given with "
            "--cert-identity.",
        ),
    )


RULE = Rule("signer.identity", (Reason.SIGNER_IDENTITY,), check)
