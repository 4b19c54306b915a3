"""From a name or a file to the documents of a Sigstore.

A public instance's root is refreshed through TUF when the cache is older than a day. When
that fails, or must not be tried, the newest root whose signatures hold is used: the cache,
verified again from the packaged root, or the copy that ships with the package; its origin
and age are said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.errors import TrustError
from slsa_gen.model.instance import SigstoreInstance
from slsa_gen.trust.documents import read_instance
from slsa_gen.trust.known import known_repository
from slsa_gen.trust.refresh import refresh
from slsa_gen.trust.signatures import Verified, verify
from slsa_gen.trust.store import Store, cache_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.trust.known import Repository


def load_instance(
    name_or_path: str,
    *,
    offline: bool,
    environment: Mapping[str, str],
    clock: Clock,
    limits: Limits,
) -> SigstoreInstance:
    """Return a Sigstore's documents.

    Args:
        name_or_path: ``public-good``, ``staging``, or the path of a client trust
            configuration or a trusted root. The sandbox is handed in as a value elsewhere.
        offline: Open no socket. A file never does.
        environment: Where the cache, proxies and the server are looked up.
        clock: Says how old things are.
        limits: How long a refresh may take, and when one is due.

    Raises:
        TrustError: a file that is missing or malformed. A public instance always loads.
    """
    repository = known_repository(name_or_path)
    if repository is None:
        server_url = environment.get("GITHUB_SERVER_URL", "")
        return read_instance(Path(name_or_path), server_url, limits)
    return load_repository(
        repository, offline=offline, environment=environment, clock=clock, limits=limits
    )


def load_trusted_root(path: Path, limits: Limits) -> SigstoreInstance:
    """Return what a file says to verify with: a trusted root, or a configuration's.

    Raises:
        TrustError: missing, unreadable, too large, or not such a document.
    """
    return read_instance(path, "", limits)


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest verified state that is at hand, and when it was fetched."""

    verified: Verified
    checked_at: datetime


def load_repository(
    repository: Repository,
    *,
    offline: bool,
    environment: Mapping[str, str],
    clock: Clock,
    limits: Limits,
) -> SigstoreInstance:
    """Return the documents of a public instance: refreshed, cached, or as shipped."""
    store = Store(cache_folder(environment), repository.name, limits)
    cached = store.read()
    known = None
    distrust = ""
    if cached is not None:
        try:
            known = _Known(verify(cached.files, repository.root), cached.checked_at)
        except TrustError as error:
            distrust = error.message
    now = clock.now()
    if known is not None and _is_fresh(known, now, limits):
        return _from_cache(repository, known, now, "")
    failed = "not refreshed (offline)"
    if not offline:
        try:
            fresh = refresh(
                repository,
                cached.files if known is not None and cached is not None else {},
                environment=environment,
                clock=clock,
                limits=limits,
            )
            known = _Known(verify(fresh.files, repository.root), fresh.checked_at)
        except TrustError as error:
            failed = error.message
        else:
            store.write(fresh)
            return _from_cache(repository, known, now, "")
    why = f"{distrust}; {failed}" if distrust else failed
    # The timestamp's expiry is signed: a cache that was out of date when the package's copy
    # was taken is the older of the two, whatever the file says about itself.
    if known is not None and known.verified.expires > repository.dated:
        return _from_cache(repository, known, now, why)
    return _from_package(repository, now, why)


def _is_fresh(known: _Known, now: datetime, limits: Limits) -> bool:
    age = now - known.checked_at
    recent = timedelta(0) <= age < timedelta(seconds=limits.trust_fresh_seconds)
    return recent and now < known.verified.expires


def _from_cache(repository: Repository, known: _Known, now: datetime, why: str) -> SigstoreInstance:
    verified = known.verified
    expired = "" if now < verified.expires else f", out of date since {verified.expires:%Y-%m-%d}"
    origin = f"TUF, fetched {_age(now - known.checked_at)} ago{expired}"
    return _instance(
        repository, verified.trusted_root, verified.signing_config, _origin(origin, why)
    )


def _from_package(repository: Repository, now: datetime, why: str) -> SigstoreInstance:
    dated = repository.dated
    origin = f"the copy of {dated:%Y-%m-%d} that ships with slsa-gen, {_age(now - dated)} old"
    return _instance(
        repository, repository.trusted_root, repository.signing_config, _origin(origin, why)
    )


def _instance(
    repository: Repository, trusted_root: bytes, signing_config: bytes | None, origin: str
) -> SigstoreInstance:
    return SigstoreInstance(
        name=repository.name,
        kind=repository.kind,
        trusted_root=trusted_root,
        signing_config=signing_config,
        issuer=None,
        public_log=True,
        origin=origin,
    )


def _origin(origin: str, why: str) -> str:
    return f"{origin}; {why}" if why else origin


def _age(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return "less than a minute"
