"""GitHub's REST API for releases and their assets, as GitHub behaves, on loopback.

Begin here. ``url`` is what goes into GITHUB_API_URL, and ``token`` into GITHUB_TOKEN::

    with GitHubSimulator() as github:
        github.add_release("v1.0.0", draft=True)
        ...                                        # what is tested runs
        assert github.release("v1.0.0").files == {"a.intoto.jsonl": b"..."}
        assert github.count(Call.UPLOAD) == 1

* ``add_release`` and ``add_asset`` make what is there before; ``repository.immutable`` is the
  setting of the repository, ``add_token`` makes tokens with less permission.
* ``fault(Call.UPLOAD, reset_after, status(503))`` makes the next requests of a kind meet
  faults, one each; ``always`` makes all of them. What there is: ``github_api_faults.py``, and
  ``wrongs.py`` for what can go wrong with any server.
* Every request is kept in ``requests``. A second server (``web``) stands for GitHub's pages and
  storage: the bytes of assets come from there, and no token may go there.
* Every request and every answer is held against GitHub's own description
  (``github_api_description.py``). What does not fit is in ``violations``, and at the end of
  the ``with`` they fail the test.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slsa_gen.clock import SystemClock
from tests.support.github_api_answers import Addresses
from tests.support.github_api_rules import Rules
from tests.support.github_api_server import ApiServer
from tests.support.github_api_state import Asset, AssetState, Contents, Release, Repository, Token
from tests.support.github_api_web import WebServer
from tests.support.secrets import register
from tests.support.wrongs import pass_on

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer
    from types import TracebackType
    from typing import Self

    from slsa_gen.clock import Clock
    from tests.support.github_api_calls import Call, Seen
    from tests.support.wrongs import Fault

#: The repository of ``tests.support.sandboxes.make_checkout``.
REPOSITORY: Final = "octo-org/octo-repo"
#: What a run's GITHUB_TOKEN may ask in an hour.
HOURLY: Final = 1000


@dataclass(slots=True)
class RateLimit:
    """The requests of an hour: how many there are, were used, and when they begin anew."""

    limit: int = HOURLY
    used: int = 0
    reset: int = 0


@dataclass(slots=True)
class _Plans:
    """What shall go wrong."""

    once: dict[Call, list[Fault]] = field(default_factory=dict)
    always: dict[Call, Fault] = field(default_factory=dict)


class GitHubSimulator:
    """Serves the API between ``with`` and its end.

    Args:
        repository: The full name of the repository that there is.
        clock: Its clock; a :class:`~tests.support.clock.FakeClock` stands still.
        private: Whether the repository is private.
        immutable: Whether what is published in it cannot be changed any more.
        port: Where it answers; 0 lets the system choose.

    Attributes:
        repository: The repository.
        rules: All that is kept; its limits may be lowered.
        token: A token with ``contents: write``.
        requests: Every request to the API, in order.
        downloads: Every request to the other host.
        violations: What did not fit GitHub's description.
        rate: The primary rate limit.
    """

    def __init__(
        self,
        repository: str = REPOSITORY,
        *,
        clock: Clock | None = None,
        private: bool = False,
        immutable: bool = False,
        port: int = 0,
    ) -> None:
        self.clock = clock or SystemClock()
        self.lock = threading.RLock()
        self.ended = threading.Event()
        self._api = ApiServer(self, port)
        self._web = WebServer(self)
        self.url = f"http://127.0.0.1:{self._api.server_port}"
        self.web = f"http://127.0.0.1:{self._web.server_port}"
        self.rules = Rules(self.clock, Addresses(self.url, self.web))
        self.repository = self.add_repository(repository, private=private, immutable=immutable)
        self.token = self.add_token()
        self.requests: list[Seen] = []
        self.downloads: list[Seen] = []
        self.violations: list[str] = []
        self.rate = RateLimit(reset=int(self.clock.now().timestamp()) + 3600)
        self._plans = _Plans()

    def __enter__(self) -> Self:
        servers: tuple[ThreadingHTTPServer, ...] = (self._api, self._web)
        for server in servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        for server in (self._api, self._web):
            server.shutdown()
            server.server_close()
        if kind is None and self.violations:
            raise AssertionError("not as GitHub describes its API:\n" + "\n".join(self.violations))

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables by which a run finds the API."""
        return {"GITHUB_API_URL": self.url, "GITHUB_TOKEN": self.token}

    @property
    def releases(self) -> list[Release]:
        """Return the repository's releases, the newest first."""
        return self.repository.releases

    def release(self, tag: str) -> Release:
        """Return the one release, draft or not, of a tag."""
        (found,) = (release for release in self.releases if release.tag == tag)
        return found

    def add_repository(
        self, full_name: str, *, private: bool = False, immutable: bool = False
    ) -> Repository:
        """Make one more repository."""
        number = next(self.rules.numbers)
        repository = Repository(full_name, number, private=private, immutable=immutable)
        self.rules.repositories.append(repository)
        return repository

    def add_token(self, contents: Contents = Contents.WRITE, repository: str = "") -> str:
        """Make a token with this permission, in one repository or in all."""
        token = register(f"ghs_{secrets.token_hex(18)}", "tokens of the GitHub simulator")
        self.rules.tokens[token] = Token(contents, repository)
        return token

    def add_release(
        self, tag: str, *, draft: bool = False, prerelease: bool = False, immutable: bool = False
    ) -> Release:
        """Make a release, as if it had been there before; a later one is newer."""
        with self.lock:
            moment = self.clock.now()
            release = Release(next(self.rules.numbers), tag, moment, draft, immutable, prerelease)
            release.published_at = None if draft else moment
            self.releases.insert(0, release)
        return release

    def add_asset(
        self,
        release: Release,
        name: str,
        data: bytes = b"",
        state: AssetState = AssetState.UPLOADED,
    ) -> Asset:
        """Put an asset on a release, as if it had been there before."""
        with self.lock:
            asset = Asset(next(self.rules.numbers), name, data, self.clock.now(), state=state)
            release.assets.append(asset)
        return asset

    def rename(self, full_name: str) -> None:
        """Give the repository another name: the old one then redirects."""
        with self.lock:
            self.rules.moved[self.repository.full_name.lower()] = full_name
            self.repository.full_name = full_name

    def fault(self, call: Call, *faults: Fault) -> None:
        """Let the next requests of a kind meet these faults, one each, in this order."""
        with self.lock:
            self._plans.once.setdefault(call, []).extend(faults)

    def always(self, call: Call, fault: Fault) -> None:
        """Let every request of a kind meet a fault, after those of :meth:`fault`."""
        with self.lock:
            self._plans.always[call] = fault

    def heal(self) -> None:
        """Forget every fault."""
        with self.lock:
            self._plans = _Plans()

    def count(self, call: Call) -> int:
        """Return how often something was asked."""
        return sum(seen.call is call for seen in self.requests)

    def gaps(self, call: Call) -> list[float]:
        """Return the seconds between one request of a kind and the next."""
        times = [seen.at for seen in self.requests if seen.call is call]
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    def next_fault(self, call: Call | None) -> Fault:
        """Return what becomes of a request; the servers call this."""
        with self.lock:
            if call is None:
                return pass_on
            if self._plans.once.get(call):
                return self._plans.once[call].pop(0)
            return self._plans.always.get(call, pass_on)
