"""The token's claims held against the certificate that was issued for them.

Used at signing, before anything leaves: a certificate authority that answered with a
certificate for another run, or a field that it left out, is found here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.identity import BUILD_FIELDS, LATER_FIELDS, Person, SignerIdentity
from slsa_gen.provenance.comparison import (
    MISSING,
    NOT_IN_CERTIFICATE,
    FieldComparison,
    compared,
)

if TYPE_CHECKING:
    from slsa_gen.model.identity import BuildContext


def compare_context(
    context: BuildContext | Person, signer: SignerIdentity
) -> tuple[FieldComparison, ...]:
    """Compare what the token says with every field of the certificate.

    Here ``field`` is the context's name for it; ``expected`` is what the certificate says.
    """
    return _person(context, signer) if isinstance(context, Person) else _run(context, signer)


def _run(context: BuildContext, signer: SignerIdentity) -> tuple[FieldComparison, ...]:
    """Compare every field of a run, and the build signer with the certificate's name.

    What older certificate authorities leave out is compared where the certificate has it.
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


def _person(person: Person, signer: SignerIdentity) -> tuple[FieldComparison, ...]:
    """Compare issuer and name, and demand that the certificate speaks of no workflow's run."""
    return (
        compared("issuer", "issuer", signer.issuer, person.issuer),
        compared("name", "subject_alternative_name", signer.subject_alternative_name, person.name),
        *(_absent(name, getattr(signer, name)) for name in BUILD_FIELDS if name != "issuer"),
    )


def _absent(name: str, value: str | None) -> FieldComparison:
    """Compare a field that only a workflow's run has with a person's token, which lacks it."""
    expected = NOT_IN_CERTIFICATE if value is None else value
    return FieldComparison(name, name, expected, MISSING, equal=value is None)


def expected_signer(context: BuildContext) -> SignerIdentity:
    """Return what a certificate for this run must say."""
    fields = {name: getattr(context, name) for name in BUILD_FIELDS}
    return SignerIdentity(subject_alternative_name=context.build_signer_uri, **fields)
