"""What can go wrong with a service, put around a sandbox; the sandbox itself has no faults.

A :class:`FaultyServer` stands between a client and a served sandbox, passes everything on,
counts it, and does wrong what it was told to::

    server.inject(Endpoint.LOG, status(503), cut_after())   # the next two requests
    server.always(Endpoint.TOKEN, status(429, retry_after=2))
    server.outage(20)                                        # all refused for 20 s
    assert server.count(Endpoint.LOG) == 3
    assert server.gaps(Endpoint.LOG)[0] >= 2                 # seconds between requests

=====================  =====================================================================
``status``             a status, with ``Retry-After`` in seconds or as a date
``reply``              any other answer: malformed JSON, an empty one
``redirect``           to another address
``cut_before``         the connection ends before the sandbox hears of the request
``cut_halfway``        … in the middle of its answer
``cut_after``          … after it acted, before its answer
``black_hole``         no answer, and the connection stays open
``drip``               the answer, a byte now and then
``flood``              an endless answer, also compressed
``rewrite``            the sandbox's own answer, changed: ``corrupt_*`` say how
``replay``             the answer to the first such request, whatever is asked
=====================  =====================================================================

Lifetimes and a wrong clock are arguments of the ``faulty_sandbox`` fixture.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slsa_gen.clock import SystemClock
from tests.support.wrongs import Exchange, Reply, pass_on, status

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.sandbox.server import Sandbox
    from tests.support.wrongs import Fault


class Endpoint(StrEnum):
    """What a client asks for."""

    TOKEN = "GET /token"
    KEYS = "GET /.well-known/jwks"
    CERTIFICATE = "POST /api/v2/signingCert"
    LOG = "POST /api/v1/log/entries"
    LOOK_UP = "GET /api/v1/log/entries"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that came, as ``METHOD path``, and when (seconds that never go back)."""

    what: str
    at: float


class FaultyServer:
    """Stands before a served sandbox, between ``with`` and its end.

    Attributes:
        sandbox: The sandbox behind it.
        seen: Every request, in order.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.seen: list[Seen] = []
        self._clock = SystemClock()
        self._once: dict[str, list[Fault]] = {}
        self._always: dict[str, Fault] = {}
        self._first: dict[str, Reply] = {}
        self._down_until = 0.0
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        """Return where it answers, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def inject(self, endpoint: Endpoint, *faults: Fault) -> None:
        """Let the next requests to an endpoint meet these faults, one each, in this order."""
        with self._lock:
            self._once.setdefault(endpoint, []).extend(faults)

    def always(self, endpoint: Endpoint, fault: Fault) -> None:
        """Let every request to an endpoint meet a fault, after those of :meth:`inject`."""
        with self._lock:
            self._always[endpoint] = fault

    def heal(self) -> None:
        """Forget every fault and outage."""
        with self._lock:
            self._once.clear()
            self._always.clear()
            self._down_until = 0.0

    def outage(self, seconds: float) -> None:
        """Answer everything with 503 for some seconds from now."""
        self._down_until = self._clock.monotonic() + seconds

    def count(self, endpoint: Endpoint) -> int:
        """Return how often an endpoint was asked."""
        return len(self._times(endpoint))

    def gaps(self, endpoint: Endpoint) -> list[float]:
        """Return the seconds between one request to an endpoint and the next."""
        return [later - earlier for earlier, later in itertools.pairwise(self._times(endpoint))]

    def instance(self) -> SigstoreInstance:
        """Return the sandbox's instance, reached through this server."""
        instance = self.sandbox.instance()
        assert instance.signing_config is not None
        here, there = self.base_url.encode(), self.sandbox.base_url.encode()
        return replace(instance, signing_config=instance.signing_config.replace(there, here))

    def run_variables(self, checkout: Path) -> dict[str, str]:
        """Begin a run of the sandbox whose token endpoint is reached through this server."""
        return {
            name: value.replace(self.sandbox.base_url, self.base_url)
            for name, value in self.sandbox.run_variables(checkout).items()
        }

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request, well or wrongly."""
        what = f"{handler.command} {urlsplit(handler.path).path}"
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.seen.append(Seen(what, self._clock.monotonic()))
            fault = self._fault(what)
        exchange = Exchange(
            handler,
            lambda: self._ask(handler, what, body),
            self._first.get(what),
            self._ended,
            lambda: datetime.now(UTC),  # noqa: TID251 (HTTP dates are the real time's)
        )
        try:
            fault(exchange)
        except OSError:  # the client went away
            handler.close_connection = True

    def _fault(self, what: str) -> Fault:
        if self._clock.monotonic() < self._down_until:
            return status(503)
        if self._once.get(what):
            return self._once[what].pop(0)
        return self._always.get(what, pass_on)

    def _ask(self, handler: BaseHTTPRequestHandler, what: str, body: bytes) -> Reply:
        there = urlsplit(self.sandbox.base_url).netloc
        # The length is written anew; what concerns one connection alone is left out.
        dropped = {"host", "connection", "content-length"}
        headers = {n: v for n, v in handler.headers.items() if n.lower() not in dropped}
        connection = HTTPConnection(there, timeout=30)
        try:
            connection.request(handler.command, handler.path, body or None, headers)
            answer = connection.getresponse()
            kept = {
                name: value
                for name, value in answer.getheaders()
                if name in {"Content-Type", "ETag", "Location"}
            }
            reply = Reply(answer.status, answer.read(), kept)
        finally:
            connection.close()
        if reply.status < 300:
            self._first.setdefault(what, reply)
        return reply

    def _times(self, endpoint: Endpoint) -> list[float]:
        with self._lock:
            return [seen.at for seen in self.seen if seen.what == endpoint]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, faulty: FaultyServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faulty = faulty

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: connections end here in every way."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self.server.faulty.handle(self)

    def do_POST(self) -> None:
        """Answer a POST."""
        self.server.faulty.handle(self)
