"""Who a person can sign in with: the providers that a Sigstore names, and their endpoints.

https://openid.net/specs/openid-connect-discovery-1_0.html, RFC 8414 and RFC 8628. Every
endpoint is https, or on loopback; what is typed or sent there is as good as the identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import ServiceError
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import UrlError, split_service_url
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slsa_gen.github.seam import HttpGet
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance

#: Who asks, and for whom tokens are: the same name in every Sigstore (Fulcio's audience).
CLIENT_ID: Final = "sigstore"
_DISCOVERY: Final = "/.well-known/openid-configuration"
_SERVICE: Final = "the identity provider's configuration"
_HINT: Final = (
    "Look at the provider, and at oidcUrls of the Sigstore configuration that names it "
    "(docs/self-hosted.md)."
)


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider that a person can sign in with.

    ``issuer`` is what its tokens' ``iss`` says. Of the two ways to sign in one is empty where
    the provider has it not. ``names_itself`` says that its answers carry ``iss`` (RFC 9207).
    """

    issuer: str
    token_endpoint: str
    jwks_uri: str
    authorization_endpoint: str = ""
    device_endpoint: str = ""
    names_itself: bool = False


def find(instance: SigstoreInstance, http: HttpGet, now: datetime, limits: Limits) -> Provider:
    """Return the first provider of the Sigstore with which a person can sign in.

    A configuration may name an issuer of runs' tokens too: that one offers no sign-in.

    Raises:
        ServiceError: it names none, or its description cannot be had or used.
    """
    if instance.is_sandbox:
        raise provider_error(
            f"the Sigstore {instance.name!r} is a sandbox, which nobody signs in to",
            "Its own person signs with: --sigstore sandbox --identity interactive",
        )
    urls = issuer_urls(instance, now, limits)
    for url in urls:
        found = discover(url, http, limits)
        if found is not None:
            return found
    names = " or ".join(urls)
    why = f"nobody can sign in at {names}" if names else "it names no identity provider (oidcUrls)"
    raise provider_error(f"no person can sign with the Sigstore {instance.name!r}: {why}")


def issuer_urls(instance: SigstoreInstance, now: datetime, limits: Limits) -> tuple[str, ...]:
    """Return the issuers whose tokens the Sigstore takes now (SigningConfig v0.2, oidcUrls).

    Raises:
        ServiceError: its signing configuration is not read.
    """
    if instance.signing_config is None:
        return ()
    try:
        config = strictjson.loads_object(
            instance.signing_config, max_bytes=limits.trust_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise provider_error(f"the Sigstore {instance.name!r} is not read: {error}") from error
    services = config.get("oidcUrls", [])
    return tuple(_valid(services, now)) if isinstance(services, list) else ()


def _valid(services: list[object], now: datetime) -> Iterator[str]:
    for service in services:
        url = service.get("url") if isinstance(service, dict) else None
        if isinstance(service, dict) and isinstance(url, str) and _is_valid(service, now):
            yield url


def _is_valid(service: Mapping[str, object], now: datetime) -> bool:
    """Tell whether a service is valid now; a period that cannot be read is over."""
    period = service.get("validFor", {})
    if not isinstance(period, dict):
        return False
    try:
        start, end = (
            datetime.fromisoformat(str(period[name])) if name in period else now
            for name in ("start", "end")
        )
        valid = start <= now <= end
    except (ValueError, TypeError):  # no date, or one without a zone
        return False
    return valid


def discover(issuer: str, http: HttpGet, limits: Limits) -> Provider | None:
    """Return what a provider says of itself; None when nobody can sign in there.

    Raises:
        ServiceError: it does not answer, or its description cannot be used.
    """
    _checked("the issuer", issuer)
    answer = http.get(
        f"{issuer.rstrip('/')}{_DISCOVERY}", service=_SERVICE, max_bytes=limits.answer_bytes
    )
    try:
        document = strictjson.loads_object(
            answer.body, max_bytes=limits.answer_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise provider_error(f"{_SERVICE} ({issuer}) cannot be read: {error}") from error
    named = document.get("issuer")
    if named != issuer:
        raise provider_error(
            f"{_SERVICE} ({issuer}) is that of {_shown(named)}; expected {issuer!r}"
        )
    authorization = _endpoint(document, "authorization_endpoint")
    device = _endpoint(document, "device_authorization_endpoint")
    if not authorization and not device:
        return None
    methods = document.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise provider_error(f"{_SERVICE} ({issuer}) offers no code challenge of method S256")
    return Provider(
        issuer=issuer,
        token_endpoint=_required(document, "token_endpoint", issuer),
        jwks_uri=_required(document, "jwks_uri", issuer),
        authorization_endpoint=authorization,
        device_endpoint=device,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _required(document: Mapping[str, object], name: str, issuer: str) -> str:
    url = _endpoint(document, name)
    if not url:
        raise provider_error(f"{_SERVICE} ({issuer}) names no {name}")
    return url


def _endpoint(document: Mapping[str, object], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise provider_error(f"{_SERVICE}: its {name} is no text")
    return _checked(f"its {name}", value) if value else ""


def _checked(what: str, url: str) -> str:
    try:
        parts = split_service_url(url)
    except UrlError as error:
        raise provider_error(
            f"{_SERVICE}: {what} is {_shown(url)}, which is not asked: {error}"
        ) from error
    if parts.fragment:
        raise provider_error(f"{_SERVICE}: {what} is {_shown(url)}, which has a fragment")
    return url


def _shown(value: object) -> str:
    return repr(harmless(value, 200)) if isinstance(value, str) else "(no text)"


def provider_error(message: str, hint: str = _HINT) -> ServiceError:
    """Return the error for a provider with which nobody can sign in."""
    return ServiceError(message, reason=Reason.IDENTITY_PROVIDER, hint=hint)
