"""The run's claims held against the certificate that was issued for them.

Used at signing, before anything leaves: a certificate authority that answered with a
certificate for another run, or a field that it left out, is found here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.identity import BUILD_FIELDS, LATER_FIELDS, SignerIdentity
from slsa_gen.provenance.comparison import FieldComparison, compared

if TYPE_CHECKING:
    from slsa_gen.model.identity import BuildContext


def compare_context(context: BuildContext, signer: SignerIdentity) -> tuple[FieldComparison, ...]:
    """Compare every field of the context, and the build signer with the certificate's name.

    What older certificate authorities leave out is compared where the certificate has it.
    Here ``field`` is the context's name for it; ``expected`` is what the certificate says.
    """
    later = (name for name in LATER_FIELDS if getattr(signer, name) is not None)
    fields = [
        compared(name, name, getattr(signer, name), getattr(context, name))
        for name in (*BUILD_FIELDS, *later)
    ]
    name = compared(
        "build_signer_uri",
        "subject_alternative_name",
        signer.name,
        context.build_signer_uri,
    )
    return (*fields, name)


def expected_signer(context: BuildContext) -> SignerIdentity:
    """Return what a certificate for this run must say."""
    fields = {name: getattr(context, name) for name in BUILD_FIELDS}
    return SignerIdentity(subject_alternative_name=context.build_signer_uri, **fields)
