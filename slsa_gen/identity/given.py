"""Whose token was handed in: a run's, or that of a person who signed in elsewhere.

A token says itself who issued it. That is believed of no token: it only chooses among the
issuers that the Sigstore's configuration names, and the token must then verify with the keys of
the one that was chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.github.jwks import decode_base64url
from slsa_gen.identity.provider import issuer_urls
from slsa_gen.model.instance import Issuer

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance

_PARTS: Final = 3


def persons_issuer(
    raw: str, runs: Issuer, instance: SigstoreInstance, now: datetime, limits: Limits
) -> Issuer | None:
    """Return the issuer whose person the token may be of; None for what a run has.

    Args:
        raw: The token, not verified.
        runs: Whose tokens a run has here.
        instance: The Sigstore, which names the issuers that it takes.
        now: The time of day.
        limits: The sizes that are read.

    Raises:
        ServiceError: the Sigstore's configuration is not read.
    """
    claimed = _claimed_issuer(raw, limits)
    if claimed == runs.issuer or claimed not in issuer_urls(instance, now, limits):
        return None
    return Issuer(claimed, "", discovery_url=claimed)


def _claimed_issuer(raw: str, limits: Limits) -> str:
    parts = raw.split(".") if len(raw) <= limits.token_bytes else []
    payload = decode_base64url(parts[1]) if len(parts) == _PARTS else None
    if payload is None:
        return ""
    try:
        claims = strictjson.loads_object(
            payload, max_bytes=limits.token_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError:
        return ""
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else ""
