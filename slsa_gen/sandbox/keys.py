"""The sandbox's keys, certificates and trust configuration: one document, made once.

They stand in one file because they are worth nothing apart: a log whose key changed, or a
root that another authority made, would refuse everything that was signed before.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from slsa_gen import strictjson
from slsa_gen.sandbox import certificates, trust
from slsa_gen.sandbox.issuer import key_set

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How long before it was made the authority's life begins, so that no clock that is a
#: little wrong calls it "not valid yet".
HEAD_START: Final = timedelta(days=1)

_OIDC_BITS: Final = 2048
_PUBLIC_EXPONENT: Final = 65537
_DATE: Final = "%Y-%m-%dT%H:%M:%SZ"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class DamagedMaterialError(ValueError):
    """The document is not what :meth:`Material.document` makes; the message says why."""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that makes one sandbox this sandbox.

    ``start`` is when its authority and logs began to be valid. The root's private key is
    not here: it signed the intermediate and was thrown away.
    """

    start: datetime
    tree_id: int
    root: x509.Certificate
    intermediate: x509.Certificate
    intermediate_key: ec.EllipticCurvePrivateKey = field(repr=False)
    ct_key: ec.EllipticCurvePrivateKey = field(repr=False)
    log_key: ec.EllipticCurvePrivateKey = field(repr=False)
    oidc_key: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def generate(cls, now: datetime) -> Material:
        """Return new keys and certificates."""
        start = now.astimezone(UTC).replace(microsecond=0) - HEAD_START
        root_key = ec.generate_private_key(ec.SECP384R1())
        root = certificates.make_root(root_key, start)
        intermediate_key = _new_key()
        return cls(
            start=start,
            # As Trillian numbers its trees: 63 bits, never 0.
            tree_id=secrets.randbelow(2**63 - 1) + 1,
            root=root,
            intermediate=certificates.make_intermediate(
                root, root_key, intermediate_key.public_key()
            ),
            intermediate_key=intermediate_key,
            ct_key=_new_key(),
            log_key=_new_key(),
            oidc_key=rsa.generate_private_key(_PUBLIC_EXPONENT, _OIDC_BITS),
        )

    @property
    def chain(self) -> tuple[x509.Certificate, x509.Certificate]:
        """Return the intermediate and the root."""
        return (self.intermediate, self.root)

    def document(self) -> dict[str, object]:
        """Return what is kept: secrets, and the trust configuration that follows from them."""
        return {
            "mediaType": trust.MATERIAL_TYPE,
            "start": self.start.strftime(_DATE),
            "treeId": str(self.tree_id),
            "keys": {
                "intermediate": _private_pem(self.intermediate_key),
                "ct": _private_pem(self.ct_key),
                "log": _private_pem(self.log_key),
                "oidc": _private_pem(self.oidc_key),
            },
            "certificates": [pem(certificate) for certificate in self.chain],
            "trustedRoot": trust.trusted_root(
                start=self.start,
                log_key=certificates.spki(self.log_key.public_key()),
                ct_key=certificates.spki(self.ct_key.public_key()),
                chain=[c.public_bytes(serialization.Encoding.DER) for c in self.chain],
            ),
            "jwks": key_set(self.oidc_key.public_key()),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Material:
        """Read a document back.

        Raises:
            DamagedMaterialError: something is missing, malformed, or does not belong to the
                rest: keys, certificates and trust configuration must be of one making.
        """
        try:
            keys, chain = document["keys"], document["certificates"]
            if not isinstance(keys, dict) or not isinstance(chain, list):
                raise DamagedMaterialError("its keys or certificates are missing")
            intermediate, root = (x509.load_pem_x509_certificate(c.encode()) for c in chain)
            material = cls(
                start=datetime.strptime(str(document["start"]), _DATE).replace(tzinfo=UTC),
                tree_id=int(str(document["treeId"])),
                root=root,
                intermediate=intermediate,
                intermediate_key=_load_ec(keys["intermediate"]),
                ct_key=_load_ec(keys["ct"]),
                log_key=_load_ec(keys["log"]),
                oidc_key=_load_rsa(keys["oidc"]),
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise DamagedMaterialError(f"its keys cannot be read ({error})") from error
        if strictjson.dumps(material.document()) != strictjson.dumps(dict(document)):
            raise DamagedMaterialError("its trust configuration is not that of its keys")
        if material.intermediate.public_key() != material.intermediate_key.public_key():
            raise DamagedMaterialError("its certificates are not those of its keys")
        return material


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _private_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _load_ec(text: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(text.encode("ascii"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DamagedMaterialError("a key is not on the curve P-256")
    return key


def _load_rsa(text: str) -> rsa.RSAPrivateKey:
    # Its primes are not tested anew at each start (0.1 s): the file is the user's own.
    key = serialization.load_pem_private_key(
        text.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise DamagedMaterialError("the issuer's key is not RSA")
    return key
