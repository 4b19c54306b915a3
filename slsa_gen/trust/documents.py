"""Files that a user names: Sigstore's client trust configuration, or a trusted root alone.

The formats are those of protobuf-specs (ClientTrustConfig v0.1, TrustedRoot v0.1,
SigningConfig v0.2), read strictly: a name that stands twice or that the format does not
know is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sigstore.errors import Error
from sigstore.models import ClientTrustConfig

from slsa_gen import strictjson
from slsa_gen.errors import TrustError
from slsa_gen.model.instance import (
    GITHUB_SERVER,
    SANDBOX_ISSUER,
    SANDBOX_SERVER,
    InstanceKind,
    Issuer,
    SigstoreInstance,
)
from slsa_gen.model.text import harmless, size
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular
from slsa_gen.trust.known import is_public_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slsa_gen.limits import Limits

CLIENT_CONFIG: Final = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
TRUSTED_ROOT: Final = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
SIGNING_CONFIG: Final = "application/vnd.dev.sigstore.signingconfig.v0.2+json"

_HINT: Final = (
    "Give Sigstore's client trust configuration or its trusted root, as "
    "`cosign trusted-root create` or `slsa-gen sandbox trust-config` write them."
)


def read_instance(path: Path, server_url: str, limits: Limits) -> SigstoreInstance:
    """Read a client trust configuration, or a trusted root to verify with.

    Args:
        path: The file.
        server_url: The server whose runs' tokens a named issuer is for; empty: github.com.
        limits: ``trust_bytes`` bounds the file.

    Raises:
        TrustError: missing, unreadable, too large, or not such a document.
    """
    document = _read(path, limits)
    media_type = document.get("mediaType")
    if media_type == CLIENT_CONFIG:
        root, config = document.get("trustedRoot"), document.get("signingConfig")
        if not isinstance(root, dict) or not isinstance(config, dict):
            raise _malformed(path, "it lacks its trustedRoot or its signingConfig")
        # cosign writes "tsaConfig": {} where no selector was given: the same as leaving it out.
        config = {name: value for name, value in config.items() if value != {}}
        _check(path, {**document, "signingConfig": config})
        return _instance(path, root, config, server_url)
    if media_type == TRUSTED_ROOT:
        wrapped = {
            "mediaType": CLIENT_CONFIG,
            # A root without logs is one too: GitHub's own instance has none.
            "trustedRoot": {"tlogs": [], "ctlogs": [], **document},
            "signingConfig": {"mediaType": SIGNING_CONFIG},
        }
        _check(path, wrapped)
        return _instance(path, document, None, server_url)
    raise TrustError(
        f"{str(path)!r} has the media type {str(media_type)[:100]!r}; {CLIENT_CONFIG!r} or "
        f"{TRUSTED_ROOT!r} was expected",
        reason=Reason.TRUST_MEDIA_TYPE,
        hint=_HINT,
    )


def _read(path: Path, limits: Limits) -> dict[str, object]:
    try:
        raw = read_regular(path, limits.trust_bytes)
    except FileNotFoundError as error:
        raise TrustError(
            f"there is no Sigstore called {str(path)!r}, and no file of that name",
            reason=Reason.TRUST_NOT_FOUND,
            hint="Use --sigstore public-good, staging, sandbox, or the path of a configuration.",
        ) from error
    except TooLargeError as error:
        raise TrustError(
            f"{str(path)!r} has more than the {size(limits.trust_bytes)} that is read",
            reason=Reason.TRUST_TOO_LARGE,
            hint=_HINT,
        ) from error
    except (OSError, ValueError, NotRegularError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise TrustError(
            f"{str(path)!r} cannot be read: {why}",
            reason=Reason.TRUST_NOT_FOUND,
            hint="Look at the path and its permissions.",
        ) from error
    try:
        return strictjson.loads_object(
            raw, max_bytes=limits.trust_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise _malformed(path, str(error)) from error


def _check(path: Path, document: Mapping[str, object]) -> None:
    """Have the library read it, so that what it would not take is said here."""
    try:
        config = ClientTrustConfig.from_json(strictjson.dumps(document).decode("utf-8"))
        _ = config.trusted_root
    except (Error, ValueError) as error:  # pydantic's ValidationError is a ValueError
        raise _malformed(path, _short(error)) from error


def _short(error: Exception) -> str:
    """Return what a library's error says, without the document that pydantic repeats."""
    details = getattr(error, "errors", None)
    if details is None:
        return harmless(str(error), 300)
    found = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in details()]
    more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""  # noqa: PLR2004 (three do)
    return harmless("; ".join(found[:3]), 400) + more


def _instance(
    path: Path,
    root: Mapping[str, object],
    config: Mapping[str, object] | None,
    server_url: str,
) -> SigstoreInstance:
    urls = [*_urls(root), *_urls(config or {})]
    hosts = {(urlsplit(url).hostname or "").lower() for url in urls}
    sandbox = any(_is_sandbox_host(host) for host in hosts)
    public = any(is_public_host(host) for host in hosts)
    issuers = _services(config or {}, "oidcUrls")
    return SigstoreInstance(
        name=str(path),
        kind=InstanceKind.SANDBOX if sandbox else InstanceKind.NAMED,
        trusted_root=strictjson.dumps(root),
        signing_config=None if config is None else strictjson.dumps(config),
        issuer=_issuer(issuers, server_url, sandbox=sandbox),
        public_log=public,
        origin=f"the file {str(path)!r}",
    )


def _issuer(urls: list[str], server_url: str, *, sandbox: bool) -> Issuer | None:
    if sandbox:
        discovery = urls[0] if urls else ""
        return Issuer(SANDBOX_ISSUER, SANDBOX_SERVER, discovery_url=discovery)
    # The public instances name the issuer of people; runs have GitHub's tokens there.
    if not urls or is_public_host(urlsplit(urls[0]).hostname or ""):
        return None
    return Issuer(urls[0], server_url or GITHUB_SERVER, discovery_url=urls[0])


def _is_sandbox_host(host: str) -> bool:
    name = urlsplit(SANDBOX_SERVER).hostname or ""
    return host == name or host.endswith("." + name)


def _urls(document: Mapping[str, object]) -> Iterator[str]:
    for name in ("tlogs", "ctlogs"):
        yield from _services(document, name, "baseUrl")
    for name in ("certificateAuthorities", "timestampAuthorities"):
        yield from _services(document, name, "uri")
    for name in ("caUrls", "rekorTlogUrls", "tsaUrls", "oidcUrls"):
        yield from _services(document, name)


def _services(document: Mapping[str, object], name: str, key: str = "url") -> list[str]:
    items = document.get(name)
    items = items if isinstance(items, list) else []
    return [str(item[key]) for item in items if isinstance(item, dict) and key in item]


def _malformed(path: Path, why: str) -> TrustError:
    return TrustError(
        f"{str(path)!r} is no Sigstore configuration: {why}",
        reason=Reason.TRUST_MALFORMED,
        hint=_HINT,
    )
