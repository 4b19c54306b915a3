"""Takes the browser's one answer: a listener on loopback, for as long as it is waited for.

RFC 8252, section 7.3: a free port of 127.0.0.1. Whoever else sends something to the port
cannot know the state that an answer must repeat, nor the proof that the code needs.
"""

from __future__ import annotations

import socketserver
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from slsa_gen.clock import Clock

HOST: Final = "127.0.0.1"
#: The path that Sigstore's other clients use, so that a provider knows it already.
PATH: Final = "/auth/callback"
_FIELDS: Final = 20
#: Seconds in which a connection's request must have arrived.
_REQUEST_SECONDS: Final = 5.0
#: Seconds between two looks at the clock.
_LOOK_SECONDS: Final = 0.2
_PAGE: Final = b"""\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>slsa-gen</title></head>
<body><p>slsa-gen has the answer. Close this page, and go back to the terminal.</p></body></html>
"""


class Redirect:
    """Listens between ``with`` and its end.

    Raises:
        OSError: no port of loopback can be listened on.
    """

    def __init__(self) -> None:
        self._server = _Server()
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="slsa-gen sign-in",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return where the provider sends the browser to."""
        return f"http://{HOST}:{self._server.server_address[1]}{PATH}"

    def wait(self, clock: Clock, seconds: float) -> list[tuple[str, str]] | None:
        """Return the fields of the one answer; None when none came in time."""
        end = clock.monotonic() + seconds
        while (left := end - clock.monotonic()) > 0:
            if self._server.taken.wait(min(left, _LOOK_SECONDS)):
                return self._server.fields
        return None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False  # a connection that says nothing keeps nobody waiting

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.fields: list[tuple[str, str]] = []
        self.taken = threading.Event()
        self._lock = threading.Lock()

    def take(self, query: str) -> bool:
        """Take the first answer; False for every further one."""
        with self._lock:
            if self.taken.is_set():
                return False
            try:
                self.fields = parse_qsl(query, keep_blank_values=True, max_num_fields=_FIELDS)
            except ValueError:  # too many fields: no answer of a provider's
                self.fields = []
            self.taken.set()
            return True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a connection that breaks off: a browser opens some in vain."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _REQUEST_SECONDS

    def do_GET(self) -> None:
        """Take an answer at the one path; there is nothing else here."""
        self.close_connection = True
        parts = urlsplit(self.path)
        here = f"{HOST}:{self.server.server_address[1]}"
        # Another name for this address (one that a foreign page resolves to it) is not ours.
        if self.headers.get("Host") != here or parts.path != PATH or not self._take(parts.query):
            self._answer(HTTPStatus.NOT_FOUND, b"")
            return
        self._answer(HTTPStatus.OK, _PAGE)

    def _take(self, query: str) -> bool:
        return self.server.take(query)

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing: the request holds the code."""
