"""X.509 as Sigstore's certificate authority writes it: its own certificates, and leaves.

The leaf follows Fulcio's profile
(https://github.com/sigstore/fulcio/blob/main/docs/certificate-specification.md), with the
extensions of https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FULCIO_ARC: Final = "1.3.6.1.4.1.57264.1"
#: RFC 6962, section 3.3: the list of embedded SCTs.
SCT_LIST: Final = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
#: How long the authority itself lives.
AUTHORITY_LIFETIME: Final = timedelta(days=3652)

_DER_UTF8_STRING: Final = 0x0C
_DER_OCTET_STRING: Final = 0x04
_SHORT_FORM: Final = 0x80


def make_root(key: ec.EllipticCurvePrivateKey, not_before: datetime) -> x509.Certificate:
    """Return the self-signed certificate that everything hangs from."""
    name = _name("sandbox root")
    builder = _authority(name, name, key.public_key(), key.public_key(), not_before, 1)
    return builder.sign(key, hashes.SHA384())


def make_intermediate(
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    public_key: ec.EllipticCurvePublicKey,
) -> x509.Certificate:
    """Return the certificate of the authority that signs leaves; it lives as long as its root."""
    builder = _authority(
        root.subject,
        _name("sandbox intermediate"),
        public_key,
        root_key.public_key(),
        root.not_valid_before_utc,
        0,
    ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    return builder.sign(root_key, hashes.SHA384())


def make_leaf(
    public_key: ec.EllipticCurvePublicKey,
    name: x509.GeneralName,
    extensions: Mapping[str, bytes],
    *,
    not_before: datetime,
    lifetime: timedelta,
    issuer: x509.Certificate,
    issuer_key: ec.EllipticCurvePrivateKey,
    log_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return a signing certificate with an embedded SCT.

    Args:
        public_key: Whose signatures it vouches for.
        name: The one alternative name: a run's URI in ASCII (``model.urls.escaped_uri``), or a
            person's e-mail address; critical, since the subject is empty.
        extensions: Values by the last number of their OID below ``FULCIO_ARC``.
        not_before: Whole seconds.
        lifetime: How long it is valid.
        issuer: The intermediate.
        issuer_key: The intermediate's key.
        log_key: The certificate transparency log's key.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_before + lifetime)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([name]),
            critical=True,
        )
    )
    for number, value in extensions.items():
        oid = x509.ObjectIdentifier(f"{FULCIO_ARC}.{number}")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    # What the log signs is the TBSCertificate without its SCTs, and this is how it comes
    # about: the same builder, signed once more below with one extension added at its end.
    precertificate = builder.sign(issuer_key, hashes.SHA256())
    scts = _sct_list(
        precertificate.tbs_certificate_bytes, issuer_key.public_key(), log_key, not_before
    )
    builder = builder.add_extension(x509.UnrecognizedExtension(SCT_LIST, scts), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def key_id(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a log's id: SHA-256 of its SubjectPublicKeyInfo (RFC 6962, section 3.2)."""
    return hashlib.sha256(spki(public_key)).digest()


def spki(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as a DER SubjectPublicKeyInfo."""
    return public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def utf8_string(text: str) -> bytes:
    """Return a DER UTF8String."""
    return _der(_DER_UTF8_STRING, text.encode("utf-8"))


def _sct_list(
    tbs: bytes,
    issuer_public_key: ec.EllipticCurvePublicKey,
    log_key: ec.EllipticCurvePrivateKey,
    moment: datetime,
) -> bytes:
    """Return the extension's value: one SCT, version 1 (RFC 6962, sections 3.2 and 3.3)."""
    milliseconds = int(moment.timestamp()) * 1000
    version, certificate_timestamp, precert_entry, no_extensions = 0, 0, 1, 0
    signed = (
        struct.pack("!BBQH", version, certificate_timestamp, milliseconds, precert_entry)
        + key_id(issuer_public_key)
        + len(tbs).to_bytes(3, "big")
        + tbs
        + struct.pack("!H", no_extensions)
    )
    signature = log_key.sign(signed, ec.ECDSA(hashes.SHA256()))
    sha256, ecdsa = 4, 3
    sct = (
        struct.pack("!B32sQH", version, key_id(log_key.public_key()), milliseconds, no_extensions)
        + struct.pack("!BBH", sha256, ecdsa, len(signature))
        + signature
    )
    entries = struct.pack("!H", len(sct)) + sct
    return _der(_DER_OCTET_STRING, struct.pack("!H", len(entries)) + entries)


def _authority(
    issuer: x509.Name,
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    not_before: datetime,
    path_length: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_before + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sandbox.slsa-gen.invalid"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _der(tag: int, content: bytes) -> bytes:
    """Return one DER value (X.690, section 8.1)."""
    length = len(content)
    if length < _SHORT_FORM:
        return bytes((tag, length)) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_FORM | len(digits))) + digits + content
