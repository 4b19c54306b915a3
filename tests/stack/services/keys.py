"""Keys and certificates that services are started with, each in a file.

Everything is valid from a day before now: clients skip what begins in the future, be it by
a millisecond. The passwords protect nothing; the programs insist on having one.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from tests.stack.services.processes import HOST

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PASSWORD: Final = "stack"
#: How long before now everything began.
AGE: Final = timedelta(days=1)
_LIFE: Final = timedelta(days=30)
_PATH_LENGTH: Final = 1


def certificate_authority(folder: Path, name: str, now: datetime) -> tuple[Path, Path]:
    """Make a root certificate as Fulcio's file authority wants it.

    Returns:
        The files ``NAME.pem`` and ``NAME.key``, the key encrypted with the password.
    """
    key = ec.generate_private_key(ec.SECP384R1())
    subject = _name(name)
    builder = (
        _builder(subject, subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=_PATH_LENGTH), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA384())
    path = _write(folder / f"{name}.pem", certificate.public_bytes(Encoding.PEM))
    return path, _private(folder / f"{name}.key", key, PrivateFormat.PKCS8, PASSWORD)


def server_certificate(folder: Path, name: str, now: datetime) -> tuple[Path, Path]:
    """Make a certificate for TLS on loopback, which is also what clients trust.

    Returns:
        The files ``NAME.pem`` and ``NAME.key``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    address = x509.IPAddress(ipaddress.ip_address(HOST))
    builder = (
        _builder(subject, subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    path = _write(folder / f"{name}.pem", certificate.public_bytes(Encoding.PEM))
    return path, _private(folder / f"{name}.key", key, PrivateFormat.PKCS8)


def certificate_log(folder: Path, name: str) -> tuple[Path, Path]:
    """Make the CT log's key (P-256).

    Returns:
        The files ``NAME.pub`` and ``NAME.key``; the key in the traditional form, encrypted,
        since ct_server takes no other.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    public = _public(folder / f"{name}.pub", key.public_key())
    return public, _private(folder / f"{name}.key", key, PrivateFormat.TraditionalOpenSSL, PASSWORD)


def log(folder: Path, name: str) -> tuple[Path, Path]:
    """Make the key of a Rekor v2 log (Ed25519).

    Returns:
        The files ``NAME.pub`` and ``NAME.key``.
    """
    key = ed25519.Ed25519PrivateKey.generate()
    public = _public(folder / f"{name}.pub", key.public_key())
    return public, _private(folder / f"{name}.key", key, PrivateFormat.PKCS8)


def _name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "stack"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - AGE)
        .not_valid_after(now + _LIFE)
    )


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _private(
    path: Path, key: PrivateKeyTypes, form: PrivateFormat, password: str | None = None
) -> Path:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return _write(path, key.private_bytes(Encoding.PEM, form, encryption))


def _public(path: Path, key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> Path:
    return _write(path, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
