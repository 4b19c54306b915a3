"""Who a signing certificate says signed: Fulcio's extensions, read strictly.

https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md. Reading proves nothing: the
chain is proved by ``prove``.
"""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence import der_text
from slsa_gen.model.identity import EXTENSION_NUMBERS, SignerIdentity
from slsa_gen.reasons import Reason

_FULCIO: Final = "1.3.6.1.4.1.57264.1."
_OLD_ISSUER: Final = x509.ObjectIdentifier(f"{_FULCIO}1")
_HINT: Final = "Ask whoever signed to sign again with a current Sigstore client."

#: What cryptography raises for a certificate that it cannot take apart.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


def load(der: bytes) -> x509.Certificate:
    """Parse a certificate with its extensions and its key.

    Raises:
        UntrustedSignatureError: it is not a certificate (X.509 v3, DER) with a key on an
            elliptic curve, the only kind that Sigstore's signers use.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions
        key = certificate.public_key()
    except UNREADABLE as error:
        raise UntrustedSignatureError(
            "the signing certificate cannot be read: it is not X.509 in DER, or one of its "
            "extensions is malformed",
            reason=Reason.CERTIFICATE_MALFORMED,
            hint="The bundle is damaged: take it anew from where it was published.",
        ) from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UntrustedSignatureError(
            "the signing certificate's key is not on an elliptic curve",
            reason=Reason.CERTIFICATE_KEY,
            hint=_HINT,
        )
    return certificate


def signer_identity(certificate: x509.Certificate) -> SignerIdentity:
    """Return what a certificate says about its signer.

    The subject alternative name must be exactly one URI or e-mail address. Names of other
    kinds are refused, so that two kinds that read alike are never taken for each other.

    Raises:
        UntrustedSignatureError: a name or an extension is missing, doubled or malformed.
    """
    try:
        extensions = certificate.extensions
        name = _alternative_name(extensions)
        values = {
            field: _extension(extensions, number) for field, number in EXTENSION_NUMBERS.items()
        }
        values["issuer"] = _issuer(values["issuer"], extensions)
    except UNREADABLE as error:
        detail = str(error) if isinstance(error, der_text.DerTextError) else "it is malformed"
        raise _refused(detail) from error
    return SignerIdentity(subject_alternative_name=name, **values)


def _alternative_name(extensions: x509.Extensions) -> str:
    try:
        names = list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound as error:
        raise _refused("it has no subject alternative name") from error
    if len(names) != 1:
        raise _refused(f"it must have one subject alternative name, it has {len(names)}")
    name = names[0]
    if not isinstance(name, x509.UniformResourceIdentifier | x509.RFC822Name):
        raise _refused(
            "its subject alternative name must be a URI or an e-mail address, got "
            f"{type(name).__name__}"
        )
    return der_text.plain(name.value.encode("utf-8"))


def _extension(extensions: x509.Extensions, number: int) -> str | None:
    raw = _raw(extensions, x509.ObjectIdentifier(f"{_FULCIO}{number}"))
    if raw is None:
        return None
    try:
        return der_text.decode(raw)
    except der_text.DerTextError as error:
        raise _refused(f"extension {_FULCIO}{number}: {error}") from error


def _issuer(issuer: str | None, extensions: x509.Extensions) -> str | None:
    # .1 holds the same as .8, as bare UTF-8; certificates from before 2022-11 have only .1.
    raw = _raw(extensions, _OLD_ISSUER)
    if raw is None:
        return issuer
    old = der_text.plain(raw)
    if issuer is not None and old != issuer:
        raise _refused(f"it names two issuers, {old!r} and {issuer!r}")
    return old


def _raw(extensions: x509.Extensions, oid: x509.ObjectIdentifier) -> bytes | None:
    try:
        value = extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return None
    if not isinstance(value, x509.UnrecognizedExtension):
        raise _refused(f"extension {oid.dotted_string} is not what it should be")
    return value.value


def _refused(what: str) -> UntrustedSignatureError:
    return UntrustedSignatureError(
        f"the signing certificate does not say clearly who signed: {what}",
        reason=Reason.CERTIFICATE_IDENTITY,
        hint=_HINT,
    )
