"""Where an issuer's keys come from: the configuration, or the issuer's own server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.github.jwks import keys_error
from slsa_gen.github.verification import UnknownKeyError, check_form, verify_token
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import UrlError, split_service_url

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.github.seam import HttpGet
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import Issuer
    from slsa_gen.model.token import IdentityToken

_DISCOVERY: Final = "/.well-known/openid-configuration"


class IssuerKeys:
    """One issuer's keys, fetched when first needed and once more for an unknown key.

    Args:
        issuer: Whose keys, and where they are.
        http: Asks for them.
        limits: The bytes that are read.
    """

    def __init__(self, issuer: Issuer, http: HttpGet, limits: Limits) -> None:
        self._issuer = issuer
        self._http = http
        self._limits = limits
        self._jwks: bytes | None = issuer.jwks

    def verify(self, raw: str, now: datetime) -> IdentityToken:
        """Verify a token with the keys, which may have changed since they were fetched.

        Raises:
            ContextError: It does not verify.
            ServiceError: The keys could not be had.
        """
        check_form(raw, self._limits)
        fetched = self._jwks is None
        if self._jwks is None:
            self._jwks = self._fetch()
        try:
            return verify_token(raw, self._issuer, self._jwks, now, self._limits)
        except UnknownKeyError:
            if fetched or self._issuer.jwks is not None:
                raise
        self._jwks = self._fetch()
        return verify_token(raw, self._issuer, self._jwks, now, self._limits)

    def _fetch(self) -> bytes:
        url = self._issuer.jwks_url or self._discover()
        answer = self._http.get(
            url, service="the issuer's key set", max_bytes=self._limits.answer_bytes
        )
        return answer.body

    def _discover(self) -> str:
        """Return the ``jwks_uri`` of the discovery document (OpenID Connect Discovery 1.0)."""
        base = self._issuer.discovery_url.rstrip("/")
        if not base:
            raise keys_error(f"nothing says where the keys of {self._issuer.issuer} are")
        answer = self._http.get(
            f"{base}{_DISCOVERY}",
            service="the issuer's configuration",
            max_bytes=self._limits.answer_bytes,
        )
        try:
            document = strictjson.loads_object(
                answer.body, max_bytes=self._limits.answer_bytes, max_depth=self._limits.json_depth
            )
        except strictjson.StrictJsonError as error:
            raise keys_error(f"the issuer's configuration cannot be read: {error}") from error
        # The sandbox is served on loopback, under a name that no host can have.
        sandbox = self._issuer.issuer == SANDBOX_ISSUER
        expected = SANDBOX_ISSUER if sandbox else self._issuer.discovery_url
        named = document.get("issuer")
        if named != expected:
            raise keys_error(
                f"the issuer's configuration is that of {_shown(named)}; expected {expected!r}"
            )
        return _same_origin(base, document.get("jwks_uri"))


def _same_origin(base: str, url: object) -> str:
    try:
        if isinstance(url, str) and _origin(url) == _origin(base):
            return url
    except UrlError as error:
        raise keys_error(f"the issuer's key set at {_shown(url)} is not asked: {error}") from error
    raise keys_error(
        f"the issuer's key set is said to be at {_shown(url)}, which is another origin than {base}"
    )


def _origin(url: str) -> tuple[str, str, int]:
    parts = split_service_url(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, str(parts.hostname).lower(), parts.port or default


def _shown(value: object) -> str:
    return repr(harmless(value, 100)) if isinstance(value, str) else "(no text)"
