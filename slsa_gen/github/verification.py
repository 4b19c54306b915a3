"""Verify an identity token (a JWT, RFC 7519) before any of its claims is used.

The keys are those of the issuer that was expected before the token was seen; what a token
says about its own keys (``iss``, ``jku``, ``jwk``, ``x5u``) is never followed. No message
here holds any part of a token but the values of ``iss``, ``aud``, ``alg`` and ``kid``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import jwt

from slsa_gen import strictjson
from slsa_gen.errors import ContextError
from slsa_gen.github.jwks import ALGORITHMS, decode_base64url, read_keys
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import GITHUB_ISSUER
from slsa_gen.model.text import harmless
from slsa_gen.model.token import IdentityToken
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.github.jwks import VerificationKey
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import Issuer

#: The audience that Fulcio demands; a token for anybody else is none of our business.
AUDIENCE: Final = "sigstore"

_PARTS: Final = 3
#: 9999-12-31T23:59:59Z, the last second that a datetime holds.
_LAST_SECOND: Final = 253_402_300_799
#: An enterprise may have its own issuer: GitHub's, followed by its slug.
_ENTERPRISE: Final = re.compile(re.escape(GITHUB_ISSUER) + r"/[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class UnknownKeyError(ContextError):
    """The token was signed by a key that is not in the issuer's set (perhaps not yet)."""


def verify_token(
    raw: str, issuer: Issuer, jwks: bytes, now: datetime, limits: Limits = DEFAULT_LIMITS
) -> IdentityToken:
    """Return the token with its claims, once everything about it holds.

    Args:
        raw: The token in its compact form.
        issuer: Who must have issued it.
        jwks: That issuer's keys.
        now: The time of day.
        limits: Its size, and how far the issuer's clock may be ahead.

    Raises:
        ContextError: It does not verify (:class:`UnknownKeyError`: for want of a key).
        ServiceError: The issuer's keys cannot be read.
    """
    key = _choose_key(_read_header(raw, limits), read_keys(jwks, limits), issuer)
    try:
        verified = jwt.PyJWS(algorithms=[key.algorithm]).decode_complete(
            raw, key.key, algorithms=[key.algorithm]
        )
    except jwt.PyJWTError:
        # Not chained: its text, or its frames, may hold parts of the token.
        raise _error(f"its signature does not verify with the keys of {issuer.issuer}") from None
    try:
        claims = strictjson.loads_object(
            verified["payload"], max_bytes=limits.token_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError:
        raise _error("its claims are not one unambiguous JSON object") from None
    _check_issuer(claims, issuer)
    _check_audience(claims)
    return IdentityToken(raw=raw, claims=claims, expires_at=_check_times(claims, now, limits))


def check_form(raw: str, limits: Limits) -> None:
    """Make sure that a text can be a token at all, before anybody is asked for keys.

    Raises:
        ContextError: It is no signed JWT.
    """
    _read_header(raw, limits)


def _read_header(raw: str, limits: Limits) -> Mapping[str, object]:
    if len(raw) > limits.token_bytes:
        raise _error(f"it has more than the {limits.token_bytes} bytes that are read")
    parts = raw.split(".")
    if len(parts) != _PARTS or not all(decode_base64url(part) for part in parts):
        raise _error("it is not a signed JWT of three base64url parts")
    try:
        header = strictjson.loads_object(
            decode_base64url(parts[0]) or b"", max_bytes=limits.token_bytes, max_depth=8
        )
    except strictjson.StrictJsonError:
        raise _error("its header is not one unambiguous JSON object") from None
    if "crit" in header or "b64" in header:
        raise _error("its header demands an extension that is not known here")
    return header


def _choose_key(
    header: Mapping[str, object], keys: tuple[VerificationKey, ...], issuer: Issuer
) -> VerificationKey:
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(key_id, str | None):
        raise _error("the key id in its header is no text")
    if algorithm not in ALGORITHMS:
        raise _error(
            f"its header names the algorithm {_shown(algorithm)}; expected "
            f"{' or '.join(ALGORITHMS)}"
        )
    named = [key for key in keys if key.algorithm == algorithm]
    if key_id is not None:
        named = [key for key in named if key.key_id == key_id]
    if not named:
        raise UnknownKeyError(
            _message(f"no {algorithm} key of {issuer.issuer} has the key id {_shown(key_id)}"),
            reason=Reason.CONTEXT_TOKEN,
            hint=_HINT,
        )
    if len(named) > 1:
        raise _error(f"{len(named)} keys of {issuer.issuer} could have signed it")
    return named[0]


def _check_issuer(claims: Mapping[str, object], issuer: Issuer) -> None:
    found = claims.get("iss")
    if isinstance(found, str):
        if found == issuer.issuer:
            return
        if issuer.issuer == GITHUB_ISSUER and _ENTERPRISE.fullmatch(found):
            return
    raise _error(f"it was issued by {_shown(found)}; expected {issuer.issuer}")


def _check_audience(claims: Mapping[str, object]) -> None:
    found = claims.get("aud")
    if found not in (AUDIENCE, [AUDIENCE]):
        raise _error(f"it was issued for {_shown(found)}; expected {AUDIENCE!r} alone")


def _check_times(claims: Mapping[str, object], now: datetime, limits: Limits) -> datetime:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    starts = _seconds(claims, "nbf") if "nbf" in claims else issued
    present = now.timestamp()
    if present >= expires:  # no leeway: the certificate authority gives none
        raise _error(f"it expired at {_at(expires)}, and it is {_at(present)}")
    for name, value in (("issued at", issued), ("valid from", starts)):
        if value > present + limits.clock_leeway_seconds:
            raise _error(f"it is {name} {_at(value)}, and it is {_at(present)}; check the clock")
    return datetime.fromtimestamp(expires, UTC)


def _seconds(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _error(f"its claim {name!r} is no time")
    if not 0 <= value <= _LAST_SECOND:
        raise _error(f"its claim {name!r} is out of range")
    return float(value)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(value: object) -> str:
    if value is None:
        return "(missing)"
    return repr(harmless(value if isinstance(value, str) else repr(value)[:200], 100))


_HINT: Final = (
    "Use a fresh token of the job that built the subjects, asked for with the audience "
    f"{AUDIENCE!r}. In a workflow none has to be given: slsa-gen asks the runner."
)


def _message(why: str) -> str:
    return f"the identity token is refused: {why}"


def _error(why: str) -> ContextError:
    return ContextError(_message(why), reason=Reason.CONTEXT_TOKEN, hint=_HINT)
