"""From a name or a file to the documents of a Sigstore.

A public instance's root is refreshed through TUF when the cache is older than a day. When
that fails, or must not be tried, the newest root whose signatures hold is used: the cache,
verified again from the packaged root, or the copy that ships with the package; its origin
and age are said. A failure that took long is remembered for some minutes.
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
    from collections.abc import Callable, Mapping
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
    known: Callable[[str], Repository | None] | None = None,
) -> SigstoreInstance:
    """Return a Sigstore's documents.

    Args:
        name_or_path: ``public-good``, ``staging``, or the path of a client trust
            configuration or a trusted root. The sandbox is handed in as a value elsewhere.
        offline: Open no socket. A file never does.
        environment: Where the cache, proxies and the server are looked up.
        clock: Says how old things are.
        limits: How long a refresh may take, and when one is due.
        known: Finds the TUF repository of a name; those of the public instances when None.

    Raises:
        TrustError: a file that is missing or malformed. A public instance always loads.
    """
    repository = (known or known_repository)(name_or_path)
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
    """The newest verified state that is at hand, when it was fetched, and of which files."""

    verified: Verified
    checked_at: datetime
    files: Mapping[str, bytes]


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
    known, distrust = _cached(store, repository)
    now = clock.now()
    if known is not None and _is_fresh(known, now, limits):
        return _from_cache(repository, known, now, "")
    failed = "not refreshed (offline)" if offline else _paused(store, now, limits)
    if not failed:
        began = clock.monotonic()
        try:
            fresh = refresh(
                repository,
                {} if known is None else known.files,
                environment=environment,
                clock=clock,
                limits=limits,
            )
            verified = verify(fresh.files, repository.root)
        except TrustError as error:
            failed = error.message
            # An answer that comes at once costs nothing to ask for again.
            if clock.monotonic() - began >= limits.trust_slow_seconds:
                store.remember_failure(clock.now())
        else:
            store.write(fresh)
            return _from_cache(repository, _Known(verified, fresh.checked_at, fresh.files), now, "")
    why = f"{distrust}; {failed}" if distrust else failed
    # The expiry is signed: a cache that was out of date when the package's copy was taken is
    # the older of the two, whatever the file says about itself.
    if known is not None and known.verified.expires > repository.dated:
        return _from_cache(repository, known, now, why)
    return _from_package(repository, now, why)


def _cached(store: Store, repository: Repository) -> tuple[_Known | None, str]:
    """Return what is cached, verified anew; or why it is not believed."""
    cached = store.read()
    if cached is None:
        return None, ""
    try:
        verified = verify(cached.files, repository.root)
    except TrustError as error:
        return None, error.message
    return _Known(verified, cached.checked_at, cached.files), ""


def _is_fresh(known: _Known, now: datetime, limits: Limits) -> bool:
    age = now - known.checked_at
    recent = timedelta(0) <= age < timedelta(seconds=limits.trust_fresh_seconds)
    return recent and now < known.verified.expires


def _paused(store: Store, now: datetime, limits: Limits) -> str:
    """Return why no refresh is tried now; nothing when one may be."""
    failed_at = store.failed_at()
    if failed_at is None:
        return ""
    ago, pause = now - failed_at, timedelta(seconds=limits.trust_pause_seconds)
    if not timedelta(0) <= ago < pause:
        return ""
    return (
        f"not refreshed (that failed {_age(ago)} ago and took long; the next try is due in "
        f"{_age(pause - ago)})"
    )


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
