"""A proxy in front of one service: it changes what is asked, and does wrong what it is told to.

What can go wrong is in ``tests/support/wrongs.py``; the service behind stays the real one.
"""

from __future__ import annotations

import http.client
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.stack.services.door import Door
from tests.stack.services.processes import HOST
from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: Changes the fields of a request's head in place.
    Change = Callable[[dict[str, str]], None]

#: Fields that are about one connection, and not passed on.
_OF_A_CONNECTION = frozenset({"connection", "host", "transfer-encoding", "content-length"})


class Proxy(Door):
    """Passes requests on, and counts them.

    Attributes:
        url: Where it answers.
    """

    def __init__(self, port: int, change: Change | None) -> None:
        super().__init__()
        self._port = port
        self._change = change
        self._server = _Server(self)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def serve(self) -> None:
        """Answer until the end."""
        self._server.serve_forever(poll_interval=0.02)

    def end(self) -> None:
        """Stop to answer, also in the middle of a fault."""
        super().end()
        self._server.shutdown()
        self._server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request, well or wrongly."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.answer(handler, lambda: self._ask(handler, body))

    def _ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> Reply:
        fields = {n: v for n, v in handler.headers.items() if n.lower() not in _OF_A_CONNECTION}
        if self._change is not None:
            self._change(fields)
        with closing(http.client.HTTPConnection(HOST, self._port, timeout=30)) as service:
            service.request(handler.command, handler.path, body=body or None, headers=fields)
            answer = service.getresponse()
            content = answer.read()
        kept = {n: v for n, v in answer.getheaders() if n.lower() not in _OF_A_CONNECTION}
        return Reply(answer.status, content, kept)


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
