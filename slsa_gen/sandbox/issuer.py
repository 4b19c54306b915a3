"""The OIDC issuer: signs tokens with the claims of a run, and checks them again.

The keys are published as RFC 7517 says, the rest as OpenID Connect Discovery 1.0 does.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import jwt
from cryptography.hazmat.primitives import serialization

from slsa_gen.model.instance import SANDBOX_ISSUER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    from slsa_gen.clock import Clock

#: Seconds that a token lives, as GitHub's do.
TOKEN_SECONDS: Final = 300
#: Seconds by which GitHub's tokens are valid before they are issued.
NOT_BEFORE_SECONDS: Final = 600

_ALGORITHM: Final = "RS256"
_REQUIRED: Final = ("aud", "exp", "iat", "iss", "nbf", "sub")


class TokenError(ValueError):
    """A token is not one of ours, or not for this use or time; the message says why."""


class TokenIssuer:
    """Signs and checks tokens.

    Args:
        key: The issuer's RSA key.
        clock: Says when a token is issued, and when it has expired.
        lifetime: The seconds that a token lives.
    """

    def __init__(self, key: RSAPrivateKey, clock: Clock, lifetime: int = TOKEN_SECONDS) -> None:
        self._key = key
        self._clock = clock
        self._lifetime = lifetime
        self._key_id = key_id(key.public_key())

    def issue(self, claims: Mapping[str, object], audience: str) -> str:
        """Return a signed token with these claims, for one audience."""
        now = int(self._clock.now().timestamp())
        times = {
            "jti": str(uuid.uuid4()),
            "iss": SANDBOX_ISSUER,
            "aud": audience,
            "iat": now,
            "nbf": now - NOT_BEFORE_SECONDS,
            "exp": now + self._lifetime,
        }
        return jwt.encode(
            {**claims, **times}, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id}
        )

    def verify(self, raw: str, audience: str) -> dict[str, object]:
        """Return the claims of a token that is ours, for this audience, and valid now.

        Raises:
            TokenError: it is not.
        """
        try:
            claims: dict[str, object] = jwt.decode(
                raw,
                self._key.public_key(),
                algorithms=[_ALGORITHM],
                audience=audience,
                issuer=SANDBOX_ISSUER,
                # The times are checked below, by the clock that the services share.
                options={
                    "require": list(_REQUIRED),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise TokenError(f"{error}") from error
        now = self._clock.now()
        if now >= _moment(claims, "exp"):
            raise TokenError(f"it expired at {_moment(claims, 'exp'):%Y-%m-%d %H:%M:%S} UTC")
        if now < _moment(claims, "nbf"):
            raise TokenError(f"it is not valid before {_moment(claims, 'nbf'):%Y-%m-%d %H:%M:%S}")
        return claims


def key_set(key: RSAPublicKey) -> dict[str, object]:
    """Return the issuer's JSON Web Key Set."""
    numbers = key.public_numbers()
    return {
        "keys": [
            {
                "kty": "RSA",
                "use": "sig",
                "alg": _ALGORITHM,
                "kid": key_id(key),
                "n": _base64url_uint(numbers.n),
                "e": _base64url_uint(numbers.e),
            }
        ]
    }


def discovery(base_url: str) -> dict[str, object]:
    """Return the discovery document; ``base_url`` is where the keys are served."""
    return {
        "issuer": SANDBOX_ISSUER,
        "jwks_uri": f"{base_url}/.well-known/jwks",
        "subject_types_supported": ["public", "pairwise"],
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": [_ALGORITHM],
        "scopes_supported": ["openid"],
    }


def key_id(key: RSAPublicKey) -> str:
    """Return the name of a key in the set: the start of the hash of its public half."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()[:32]


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    value = claims[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TokenError(f"its {name} is no number of seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TokenError(f"its {name} is out of range") from error


def _base64url_uint(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
