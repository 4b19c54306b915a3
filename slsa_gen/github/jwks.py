"""JSON Web Key Sets: which public key verifies a token (RFC 7517, RFC 7518).

The key decides the algorithm, never the token's header: an RSA key verifies RS256 and a
P-256 key ES256, so a token that says ``none`` or ``HS256`` has no key at all.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from slsa_gen import strictjson
from slsa_gen.errors import ServiceError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from slsa_gen.limits import Limits

#: The signature algorithms of JWT that a key here may verify.
ALGORITHMS: Final = ("RS256", "ES256")

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 8192
_MIN_RSA_EXPONENT: Final = 65537
_MAX_RSA_EXPONENT: Final = 2**32
_P256_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key that may verify tokens, with the one algorithm that it verifies."""

    key_id: str | None
    algorithm: str
    key: RSAPublicKey | EllipticCurvePublicKey


def read_keys(jwks: bytes, limits: Limits) -> tuple[VerificationKey, ...]:
    """Return the keys of a set that may verify tokens; others are passed over.

    Raises:
        ServiceError: It is no key set, or has more keys than are read.
    """
    try:
        document = strictjson.loads_object(
            jwks, max_bytes=limits.answer_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise keys_error(f"the issuer's key set cannot be read: {error}") from error
    keys = document.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise keys_error("the issuer's key set has no list of keys")
    if len(keys) > limits.issuer_keys:
        raise keys_error(
            f"the issuer's key set has {len(keys)} keys, at most {limits.issuer_keys} are read"
        )
    return tuple(found for key in keys if (found := _read_key(key)) is not None)


def keys_error(message: str) -> ServiceError:
    """Return the error for an issuer's keys that are not to be had."""
    return ServiceError(
        message,
        reason=Reason.CONTEXT_ISSUER_KEYS,
        hint=(
            "Try again; when it stays so, look at the issuer's key set, or at the Sigstore "
            "configuration that names it."
        ),
    )


def decode_base64url(text: object) -> bytes | None:
    """Return the bytes of base64url without padding (RFC 7515), or None."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None


def _read_key(jwk: dict[str, object]) -> VerificationKey | None:
    operations = jwk.get("key_ops")
    for_verifying = jwk.get("use", "sig") == "sig" and (
        operations is None or (isinstance(operations, list) and "verify" in operations)
    )
    key_id = jwk.get("kid")
    if not for_verifying or not isinstance(key_id, str | None):
        return None
    key: RSAPublicKey | EllipticCurvePublicKey | None
    if jwk.get("kty") == "RSA":
        algorithm, key = "RS256", _rsa(jwk)
    elif jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
        algorithm, key = "ES256", _p256(jwk)
    else:
        return None
    if key is None or jwk.get("alg", algorithm) != algorithm:
        return None
    return VerificationKey(key_id, algorithm, key)


def _rsa(jwk: dict[str, object]) -> RSAPublicKey | None:
    modulus, exponent = decode_base64url(jwk.get("n")), decode_base64url(jwk.get("e"))
    if modulus is None or exponent is None:
        return None
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    if not _MIN_RSA_BITS <= n.bit_length() <= _MAX_RSA_BITS:
        return None
    if not _MIN_RSA_EXPONENT <= e < _MAX_RSA_EXPONENT:
        return None
    try:
        return RSAPublicNumbers(e, n).public_key()
    except ValueError:  # an even exponent or modulus
        return None


def _p256(jwk: dict[str, object]) -> EllipticCurvePublicKey | None:
    x, y = decode_base64url(jwk.get("x")), decode_base64url(jwk.get("y"))
    if x is None or y is None or len(x) != _P256_BYTES or len(y) != _P256_BYTES:
        return None
    try:
        numbers = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1())
        return numbers.public_key()
    except ValueError:  # not a point of the curve
        return None
