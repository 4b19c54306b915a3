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
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

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


def server_certificate(
    folder: Path, name: str, now: datetime, address: str = HOST
) -> tuple[Path, Path]:
    """Make a certificate for TLS, which is also what clients trust.

    Args:
        folder: Where the files are put.
        name: What they are called.
        now: It is valid from a day before, and for a month.
        address: The only one that it is for.

    Returns:
        The files ``NAME.pem`` and ``NAME.key``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    names = [x509.IPAddress(ipaddress.ip_address(address))]
    builder = (
        _builder(subject, subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
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


def log_v1(folder: Path, name: str) -> Path:
    """Make the key of a Rekor v1 log (P-256), which tells its public half itself.

    Returns:
        The file ``NAME.key``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    return _private(folder / f"{name}.key", key, PrivateFormat.PKCS8)


def timestamps(folder: Path, name: str, now: datetime) -> tuple[Path, Path]:
    """Make a timestamp authority's certificate, and the one that it is issued by.

    Returns:
        The files ``NAME.pem`` with both, the leaf first, and ``NAME.key``.
    """
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name(f"{name} root")
    root = (
        _builder(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False
        )
    ).sign(root_key, hashes.SHA256())
    # RFC 3161, section 2.3: for timestamps alone, and whoever does not know that must refuse.
    leaf = (
        _builder(_name(name), root_name, key.public_key(), now)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
    ).sign(root_key, hashes.SHA256())
    chain = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, root))
    path = _write(folder / f"{name}.pem", chain)
    return path, _private(folder / f"{name}.key", key, PrivateFormat.PKCS8)


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
