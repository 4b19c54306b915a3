"""A proxy in front of one service: it changes what is asked, and does wrong what it is told to.

What can go wrong is in ``tests/support/wrongs.py``; the service behind stays the real one.
"""

from __future__ import annotations

import http.client
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.stack.services.processes import HOST
from tests.support.wrongs import Exchange, Reply, pass_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.wrongs import Fault

    #: Changes the fields of a request's head in place.
    Change = Callable[[dict[str, str]], None]

#: Fields that are about one connection, and not passed on.
_OF_A_CONNECTION = frozenset({"connection", "host", "transfer-encoding", "content-length"})


class Proxy:
    """Passes requests on, and counts them.

    Attributes:
        calls: How many requests came.
        url: Where it answers.
    """

    def __init__(self, port: int, change: Change | None) -> None:
        self.calls = 0
        self._port = port
        self._change = change
        self._next: list[Fault] = []
        self._always: Fault = pass_on
        self._first: Reply | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def inject(self, *faults: Fault) -> None:
        """Let the next requests meet these faults, one each, in this order."""
        self._next.extend(faults)

    def always(self, fault: Fault) -> None:
        """Let every request meet a fault, after those of :meth:`inject`."""
        self._always = fault

    def serve(self) -> None:
        """Answer until the end."""
        self._server.serve_forever(poll_interval=0.02)

    def end(self) -> None:
        """Stop to answer, also in the middle of a fault."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request, well or wrongly."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.calls += 1
            fault = self._next.pop(0) if self._next else self._always
        exchange = Exchange(
            handler,
            lambda: self._ask(handler, body),
            self._first,
            self._ended,
            lambda: datetime.now(UTC),  # noqa: TID251 (HTTP dates are the real time's)
        )
        try:
            fault(exchange)
        except OSError:  # the client went away
            handler.close_connection = True

    def _ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> Reply:
        fields = {n: v for n, v in handler.headers.items() if n.lower() not in _OF_A_CONNECTION}
        if self._change is not None:
            self._change(fields)
        with closing(http.client.HTTPConnection(HOST, self._port, timeout=30)) as service:
            service.request(handler.command, handler.path, body=body or None, headers=fields)
            answer = service.getresponse()
            content = answer.read()
        kept = {n: v for n, v in answer.getheaders() if n.lower() not in _OF_A_CONNECTION}
        reply = Reply(answer.status, content, kept)
        if self._first is None and answer.status < http.HTTPStatus.BAD_REQUEST:
            self._first = reply
        return reply


@contextmanager
def before(port: int, change: Change | None = None) -> Iterator[Proxy]:
    """Serve a proxy on a free port for the length of a block.

    Args:
        port: Of the service on this machine.
        change: Called with the fields of each request, which it may change.
    """
    proxy = Proxy(port, change)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.end()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__((HOST, 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: connections end here in every way."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        self.server.proxy.handle(self)

    def do_POST(self) -> None:
        """Answer a POST."""
        self.server.proxy.handle(self)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""
