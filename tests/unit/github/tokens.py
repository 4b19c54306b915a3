"""An issuer that makes tokens of every kind, good and bad, and an HTTP client that serves it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from slsa_gen.errors import ServiceError
from slsa_gen.model.instance import GITHUB_ISSUER, GITHUB_SERVER, Issuer
from slsa_gen.reasons import Reason
from tests.support.clock import START
from tests.support.secrets import register
from tests.unit.github.claims import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Mapping

JWKS_URL: Final = f"{GITHUB_ISSUER}/.well-known/jwks"
ISSUER: Final = Issuer(GITHUB_ISSUER, GITHUB_SERVER, jwks_url=JWKS_URL)
NOW: Final = START
SECONDS: Final = int(NOW.timestamp())


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def integer(value: int, length: int | None = None) -> str:
    """Return a number as JWK writes it."""
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8))


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the RSA key of that name; names tell keys apart within one run of the tests."""
    del name
    return rsa.generate_private_key(65537, bits)


@cache
def p256_key(name: str) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of that name."""
    del name
    return ec.generate_private_key(ec.SECP256R1())


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str | None = "key-1", **more: object) -> dict[str, object]:
    """Return the public half as a JWK."""
    numbers = key.public_key().public_numbers()
    named = {} if kid is None else {"kid": kid}
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "n": integer(numbers.n),
        "e": integer(numbers.e),
        **named,
        **more,
    }


def p256_jwk(key: ec.EllipticCurvePrivateKey, kid: str = "key-1") -> dict[str, object]:
    """Return the public half as a JWK."""
    numbers = key.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": integer(numbers.x, 32),
        "y": integer(numbers.y, 32),
        "kid": kid,
    }


def jwks(*keys: Mapping[str, object]) -> bytes:
    """Return a key set."""
    return json.dumps({"keys": list(keys)}).encode()


def claims_now(**changes: object) -> dict[str, object]:
    """Return the claims of a token issued just now; None takes a claim away."""
    claims = {
        **CLAIMS,
        "iat": SECONDS - 5,
        "nbf": SECONDS - 605,
        "exp": SECONDS + 300,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(header: bytes, payload: bytes, key: object) -> str:
    """Return a JWT of exactly these bytes; a key of bytes makes an HMAC, None no signature."""
    message = f"{b64(header)}.{b64(payload)}"
    token = f"{message}.{b64(_signature(message.encode(), key))}"
    return register(token, "identity tokens")


def _signature(message: bytes, key: object) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)
    if isinstance(key, bytes):
        return hmac.digest(key, message, hashlib.sha256)
    return b""


def make_token(
    claims: Mapping[str, object] | None = None,
    key: object = None,
    **header: object,
) -> str:
    """Return a token of the usual header (changed by ``header``; None takes a field away)."""
    fields = {"typ": "JWT", "alg": "RS256", "kid": "key-1", **header}
    fields = {name: value for name, value in fields.items() if value is not None}
    payload = claims_now() if claims is None else claims
    return signed(
        json.dumps(fields).encode(),
        json.dumps(payload).encode(),
        rsa_key("issuer") if key is None else key,
    )


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """Return the public key as PEM: what a confused verifier takes for a secret."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@dataclass(frozen=True, slots=True)
class Served:
    """An answer."""

    body: bytes


@dataclass
class FakeHttp:
    """Answers what it is told to, and remembers what it was asked.

    Args:
        answers: For each URL the bodies, in order; the last one is repeated.

    Attributes:
        asked: The URLs, in order.
        bearers: The bearer tokens, in the same order.
    """

    answers: dict[str, list[bytes]]
    asked: list[str] = field(default_factory=list)
    bearers: list[str | None] = field(default_factory=list)

    def get(
        self,
        url: str,
        *,
        service: str,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        max_bytes: int | None = None,
    ) -> Served:
        """Return the next answer for the URL, or fail as a service would."""
        del headers, max_bytes
        self.asked.append(url)
        self.bearers.append(bearer)
        bodies = self.answers.get(url)
        if not bodies:
            raise ServiceError(f"{service} is not there", reason=Reason.SERVICE_UNREACHABLE)
        return Served(bodies.pop(0) if len(bodies) > 1 else bodies[0])
