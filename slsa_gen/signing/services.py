"""Which services of a signing configuration are asked (protobuf-specs, SigningConfig v0.2).

The choice is made here and the library is handed a configuration with exactly the chosen
ones, so that what is said about a service in a message is about the one that was asked:
those valid now, in a version spoken here, of each operator the highest version; then as
many as the selector wants. Timestamp authorities are not handed on: see ``timestamps``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import SigningError
from slsa_gen.model.urls import UrlError, split_service_url
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance

_TRUST_CONFIG_TYPE: Final = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
_HINT: Final = (
    "Correct the Sigstore configuration, or use another: --sigstore public-good|staging|FILE"
)


@dataclass(frozen=True, slots=True)
class Services:
    """What is asked, and the configuration for the library that says the same.

    ``timestamp_urls`` are the authorities in the configuration's order, of which
    ``timestamps`` must answer. ``library_stamps`` says that the library asks them.
    """

    authority_url: str
    log_url: str
    log_version: int
    timestamp_urls: tuple[str, ...]
    timestamps: int
    trust_config: bytes = field(repr=False)

    @property
    def library_stamps(self) -> bool:
        """Tell whether the library must ask the timestamp authorities itself.

        It makes no bundle of a version 2 entry without a timestamp, and would find that out
        only after the log took the entry.
        """
        return self.log_version > 1


def choose(instance: SigstoreInstance, now: datetime, limits: Limits) -> Services:
    """Choose the services to sign with.

    Raises:
        SigningError: there is no signing configuration, it cannot be read, or names
            nothing that can be asked now.
    """
    if instance.signing_config is None:
        raise _error(instance, "it has a trusted root only, and nothing to sign with")
    config = _document(instance, instance.signing_config, limits)
    root = _document(instance, instance.trusted_root, limits)
    authorities = _valid(instance, config, "caUrls", (1,), now)
    stamps, wanted_stamps = _selected(instance, config, "tsaUrls", "tsaConfig", (1,), now)
    # An entry of a version 2 log has no time of its own: without a timestamp nobody could
    # verify the bundle, and that would be found only after the log took the entry.
    versions = (1, 2) if stamps else (1,)
    logs, wanted_logs = _selected(
        instance, config, "rekorTlogUrls", "rekorTlogConfig", versions, now
    )
    if not authorities:
        raise _error(instance, "it names no certificate authority (caUrls) that is valid now")
    if not logs:
        raise _error(instance, _why_no_log(instance, config, now))
    if wanted_logs > 1:
        raise _error(
            instance, f"it demands entries in {wanted_logs} logs; bundles with one are made here"
        )
    authority, log = authorities[0], logs[0]
    if split_service_url(str(authority["url"])).path not in {"", "/"}:
        # sigstore-python would drop it and ask another place.
        raise _error(instance, f"its certificate authority has a path: {authority['url']!r}")
    log = {**log, "url": str(log["url"]).rstrip("/")}
    version = _version(log)
    if version > 1:  # the library asks exactly these, and we ask them before it does
        stamps = stamps[:wanted_stamps]
    return Services(
        authority_url=str(authority["url"]),
        log_url=str(log["url"]),
        log_version=version,
        timestamp_urls=tuple(str(stamp["url"]) for stamp in stamps),
        timestamps=wanted_stamps,
        trust_config=_trust_config(root, config, authority, log, stamps if version > 1 else []),
    )


def _trust_config(
    root: Mapping[str, object],
    config: Mapping[str, object],
    authority: Mapping[str, object],
    log: Mapping[str, object],
    stamps: Sequence[Mapping[str, object]],
) -> bytes:
    return strictjson.dumps(
        {
            "mediaType": _TRUST_CONFIG_TYPE,
            "trustedRoot": root,
            "signingConfig": {
                "mediaType": config.get("mediaType"),
                "caUrls": [authority],
                "rekorTlogUrls": [log],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaUrls": stamps,
                "tsaConfig": {"selector": "ALL"},
            },
        }
    )


def _selected(
    instance: SigstoreInstance,
    config: Mapping[str, object],
    name: str,
    selector_name: str,
    versions: tuple[int, ...],
    now: datetime,
) -> tuple[list[Mapping[str, object]], int]:
    """Return the candidates, one an operator, and how many of them the selector wants."""
    candidates = _valid(instance, config, name, versions, now)
    selection = config.get(selector_name)
    selection = selection if isinstance(selection, dict) else {}
    selector = selection.get("selector", "ALL")
    if selector == "ANY":
        wanted = min(1, len(candidates))
    elif selector == "EXACT":
        count = selection.get("count")
        wanted = count if isinstance(count, int) and count > 0 else 1
        if candidates and len(candidates) < wanted:
            raise _error(
                instance, f"{selector_name} wants {wanted} services, {len(candidates)} are valid"
            )
    elif selector in {"ALL", "SERVICE_SELECTOR_UNDEFINED"}:
        wanted = len(candidates)
    else:
        raise _error(instance, f"{selector_name} has the unknown selector {str(selector)[:40]!r}")
    return candidates, wanted


def _valid(
    instance: SigstoreInstance,
    config: Mapping[str, object],
    name: str,
    versions: tuple[int, ...],
    now: datetime,
) -> list[Mapping[str, object]]:
    """Return the services that are valid now, of each operator the one of highest version."""
    services = config.get(name, [])
    if not isinstance(services, list):
        raise _error(instance, f"its {name} is no list")
    best: dict[str, Mapping[str, object]] = {}
    for service in services:
        if not isinstance(service, dict):
            raise _error(instance, f"its {name} holds something that is no service")
        version = _version(service)
        if version not in versions or not _is_valid(instance, name, service, now):
            continue
        try:
            split_service_url(str(service.get("url", "")))
        except UrlError as error:
            got = str(service.get("url"))[:200]
            raise _error(
                instance, f"a URL in its {name} cannot be asked: {error}; got {got!r}"
            ) from (error)
        operator = str(service.get("operator", ""))
        if operator not in best or version >= _version(best[operator]):
            best[operator] = service
    return list(best.values())


def _version(service: Mapping[str, object]) -> int:
    version = service.get("majorApiVersion", 0)
    return version if isinstance(version, int) else 0


def _is_valid(
    instance: SigstoreInstance, name: str, service: Mapping[str, object], now: datetime
) -> bool:
    period = service.get("validFor")
    if not isinstance(period, dict):
        return True
    start, end = (_time(instance, name, period.get(key)) for key in ("start", "end"))
    return (start is None or start <= now) and (end is None or now <= end)


def _time(instance: SigstoreInstance, name: str, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise _error(instance, f"a time in its {name} is no date with a zone: {str(value)[:40]!r}")
    return time


def _why_no_log(instance: SigstoreInstance, config: Mapping[str, object], now: datetime) -> str:
    if _valid(instance, config, "rekorTlogUrls", (2,), now):
        return (
            "its log speaks version 2, whose entries have no time, and it names no timestamp "
            "authority (tsaUrls): nobody could verify the bundle"
        )
    return "it names no transparency log (rekorTlogUrls) that is valid now"


def _document(instance: SigstoreInstance, raw: bytes, limits: Limits) -> dict[str, object]:
    try:
        return strictjson.loads_object(
            raw, max_bytes=limits.trust_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError as error:
        raise _error(instance, f"it is not read: {error}") from error


def _error(instance: SigstoreInstance, why: str) -> SigningError:
    return SigningError(
        f"the Sigstore {instance.name!r} cannot sign: {why}",
        reason=Reason.SIGNING_CONFIGURATION,
        hint=_HINT,
    )
