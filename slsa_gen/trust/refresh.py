"""A refresh through TUF, by ``tuf``'s own client (the workflow of its specification).

The client works in a folder of its own that is thrown away: it is given what the cache
holds, and what it leaves is the new cache. Every download goes through our HTTP client, once
and within what is left of a few seconds: a machine without a network waits no longer.
"""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    RepositoryError,
)
from tuf.ngclient import (  # type: ignore[attr-defined]  # its __all__ is computed
    FetcherInterface,
    Updater,
    UpdaterConfig,
)

from slsa_gen.errors import ServiceError, TrustError
from slsa_gen.http import HttpClient, Request, StatusError
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason
from slsa_gen.retry import Budget, Retrier, TransientFailure, in_seconds
from slsa_gen.scratch import REMEDY, scratch_folder
from slsa_gen.trust.known import SIGNING_CONFIG, TRUSTED_ROOT
from slsa_gen.trust.store import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from tempfile import TemporaryDirectory
    from typing import IO

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.trust.known import Repository

_SERVICE: Final = "the TUF repository"
_SHOWN_BYTES: Final = 300


def refresh(
    repository: Repository,
    known: Mapping[str, bytes],
    *,
    environment: Mapping[str, str],
    clock: Clock,
    limits: Limits,
) -> Snapshot:
    """Return the repository's files as they are now, each verified by tuf's client.

    Args:
        repository: Where it is, and the root to verify from.
        known: The files of the last refresh; each is verified before it is used.
        environment: Where proxies are looked up.
        clock: Measures the seconds.
        limits: ``trust_refresh_seconds`` for all of it, ``trust_bytes`` for each file.

    Raises:
        TrustError: not reachable within its seconds, or what it serves does not verify.
    """
    budget = Budget(limits.trust_refresh_seconds, clock)
    fetcher = _Fetcher(
        HttpClient(Retrier(budget, clock, limits), limits, environment), budget, limits
    )
    with _own_folder(repository) as name:
        folder = Path(name)
        try:
            _update(repository, known, folder, fetcher, limits)
            return Snapshot(clock.now(), _files(folder, limits))
        except (DownloadError, RepositoryError, OSError, ValueError) as error:
            raise TrustError(
                f"the trusted root of {repository.name} could not be refreshed: "
                f"{fetcher.last_error or _words(error)}",
                reason=Reason.TRUST_REFRESH,
                hint="Look at the network and the proxy settings, or use --offline.",
            ) from error


def _words(error: Exception) -> str:
    """Return what tuf's client found wrong; some of it may be the repository's own words."""
    said = harmless(str(error), _SHOWN_BYTES).rstrip(".")
    if isinstance(error, RepositoryError):
        return f"what {_SERVICE} serves does not hold: {said}"
    return said


def _own_folder(repository: Repository) -> TemporaryDirectory[str]:
    try:
        return scratch_folder("slsa-gen-tuf-")
    except OSError as error:
        raise TrustError(
            f"the trusted root of {repository.name} could not be refreshed: there is no folder "
            "for temporary files",
            reason=Reason.TRUST_REFRESH,
            hint=f"{REMEDY}\nOr use what is at hand: --offline",
        ) from error


def _update(
    repository: Repository,
    known: Mapping[str, bytes],
    folder: Path,
    fetcher: _Fetcher,
    limits: Limits,
) -> None:
    for name, data in known.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    targets = folder / "targets"
    targets.mkdir(exist_ok=True)
    largest = limits.trust_bytes
    updater = Updater(
        metadata_dir=str(folder),
        metadata_base_url=repository.url,
        target_dir=str(targets),
        target_base_url=f"{repository.url}/targets/",
        fetcher=fetcher,
        config=UpdaterConfig(snapshot_max_length=largest, targets_max_length=largest),
        bootstrap=repository.root,
    )
    updater.refresh()
    for name in (TRUSTED_ROOT, SIGNING_CONFIG):
        info = updater.get_targetinfo(name)
        if info is None and name == TRUSTED_ROOT:
            raise RepositoryError("the repository has no trusted root")
        if info is not None and updater.find_cached_target(info) is None:
            updater.download_target(info)


def _files(folder: Path, limits: Limits) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        if name != "root.json" and path.stat().st_size <= limits.trust_bytes:
            files[name] = path.read_bytes()
    return files


class _Fetcher(FetcherInterface):
    """Downloads for tuf's client, each once."""

    def __init__(self, client: HttpClient, budget: Budget, limits: Limits) -> None:
        self._client = client
        self._budget = budget
        self._limits = limits
        #: What the last failed download said, for people.
        self.last_error = ""

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Yield a file from memory; tuf's own way needs a folder for temporary files."""
        body = b"".join(self.fetch(url))
        if len(body) > max_length:
            self.last_error = (
                f"{_SERVICE} ({url}) answered with {len(body)} bytes; {max_length} at most were "
                "expected"
            )
            raise DownloadLengthMismatchError(self.last_error)
        yield BytesIO(body)

    def _fetch(self, url: str) -> Iterator[bytes]:
        """Yield a file's bytes; tuf's documented place for a network stack of one's own."""
        request = Request("GET", url, _SERVICE, self._limits.trust_bytes)
        seconds = self._budget.remaining()
        if not seconds:
            self.last_error = (
                f"{_SERVICE} had not sent everything after {in_seconds(self._budget.seconds)}"
            )
            raise DownloadError(self.last_error)
        try:
            return iter((self._client.attempt(request, seconds).body,))
        except (ServiceError, TransientFailure) as failure:
            error = failure.error if isinstance(failure, TransientFailure) else failure
            if isinstance(error, StatusError):
                if error.status not in {403, 404}:  # which end the search for a newer root
                    self.last_error = error.message
                raise DownloadHTTPError(error.message, error.status) from failure
            self.last_error = error.message
            raise DownloadError(error.message) from failure
