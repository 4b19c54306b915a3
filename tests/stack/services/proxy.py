"""A proxy in front of one service, through which a test changes what is asked."""

from __future__ import annotations

import http.client
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.stack.services.processes import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    #: Changes the fields of a request's head in place.
    Change = Callable[[dict[str, str]], None]

#: Fields that are about one connection, and not passed on.
_OF_A_CONNECTION = frozenset({"connection", "host", "transfer-encoding", "content-length"})


@contextmanager
def before(port: int, change: Change) -> Iterator[str]:
    """Serve a proxy on a free port.

    Args:
        port: Of the service on this machine.
        change: Called with the fields of each request, which it may change.

    Yields:
        The proxy's URL.
    """
    with _Proxy(port, change) as proxy:
        yield f"http://{HOST}:{proxy.server_port}"


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, change: Change) -> None:
        self.port = port
        self.change = change
        super().__init__((HOST, 0), _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Pass on a GET."""
        self._pass_on(b"")

    def do_POST(self) -> None:
        """Pass on a POST."""
        self._pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""

    def _pass_on(self, body: bytes) -> None:
        fields = {n: v for n, v in self.headers.items() if n.lower() not in _OF_A_CONNECTION}
        self.server.change(fields)
        with closing(http.client.HTTPConnection(HOST, self.server.port, timeout=30)) as service:
            service.request(self.command, self.path, body=body, headers=fields)
            answer = service.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_A_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
