"""HTTP on loopback: reads requests within bounds, hands them on, writes answers.

Nobody outside this machine can connect, and no web page on it can either: the Host field
must be this server's own address (against DNS rebinding), and a browser's requests, which
carry an Origin, are refused.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from slsa_gen.errors import ServiceError
from slsa_gen.reasons import Reason
from slsa_gen.sandbox.api import JSON, Answer, ApiError, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits

    Answerer = Callable[[Request], Answer]

HOST: Final = "127.0.0.1"

_CHUNK: Final = 64 * 1024
_QUERY_FIELDS: Final = 16


class Listener:
    """Listens on a free port of loopback between ``with`` and its end.

    Args:
        answer: Answers a request; called on a thread of each connection.
        limits: The size and time of a request.
        clock: Counts the time of a request.

    Raises:
        ServiceError: there is no loopback interface, or no port is free.
    """

    def __init__(self, answer: Answerer, limits: Limits, clock: Clock) -> None:
        try:
            self._server = _Server(answer, limits, clock)
        except OSError as error:
            raise ServiceError(
                f"the sandbox cannot listen on {HOST}: {error.strerror}",
                reason=Reason.SANDBOX_SERVER,
                hint="Its services are reached over loopback: look whether this machine, or the "
                "container around this command, has a loopback interface, and how many files it "
                "may open (ulimit -n).",
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},  # how long the end of the command may wait for it
            name="slsa-gen sandbox",
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
        """Stop to listen; what has been asked is answered first."""
        self._server.shutdown()
        self._thread.join()
        self._server.hear_no_more()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        """Return the server's address, without a trailing slash."""
        return f"http://{HOST}:{self._server.server_port}"


class _Server(ThreadingHTTPServer):
    """One thread a connection, all of which end with the server."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, answer: Answerer, limits: Limits, clock: Clock) -> None:
        self.answer = answer
        self.limits = limits
        self.clock = clock
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, 0), _Handler)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that the base class makes."""
        super(ThreadingHTTPServer, self).server_bind()
        self.server_port = self.server_address[1]

    def note(self, connection: socket.socket) -> None:
        """Remember a connection while it is open."""
        with self._lock:
            self._connections.add(connection)

    def forget(self, connection: socket.socket) -> None:
        """Forget a connection that ends."""
        with self._lock:
            self._connections.discard(connection)

    def hear_no_more(self) -> None:
        """End the reading half of every connection: an answer can still be written."""
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is no fault of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "slsa-gen-sandbox"
    sys_version = ""
    # Header and body are two writes; without this the second waits 40 ms for an answer.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.limits.sandbox_request_seconds)
        self.server.note(self.connection)

    def finish(self) -> None:
        self.server.forget(self.connection)
        super().finish()

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self._respond()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._respond()

    def _respond(self) -> None:
        try:
            request = self._read()
        except ApiError as error:
            # What was not read of the request would be taken for the next one.
            self.close_connection = True
            self._write(error.answer())
            return
        self._write(self.server.answer(request))

    def _read(self) -> Request:
        base_url = f"http://{HOST}:{self.server.server_port}"
        hosts = self.headers.get_all("Host") or []
        if hosts != [base_url.removeprefix("http://")]:
            raise ApiError(
                HTTPStatus.MISDIRECTED_REQUEST, f"this is {base_url}, and answers to no other name"
            )
        if "Origin" in self.headers:
            raise ApiError(HTTPStatus.FORBIDDEN, "this server is for programs, not for web pages")
        path, query = _target(self.path)
        return Request(
            method=self.command,
            path=path,
            query=query,
            base_url=base_url,
            bearer=self._bearer(),
            body=self._body() if self.command == "POST" else b"",
        )

    def _bearer(self) -> str:
        fields = self.headers.get_all("Authorization") or []
        scheme, _, token = fields[0].partition(" ") if len(fields) == 1 else ("", "", "")
        return token.strip() if scheme.lower() == "bearer" else ""

    def _body(self) -> bytes:
        lengths = self.headers.get_all("Content-Length") or []
        plain = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdecimal()
        if not plain or "Transfer-Encoding" in self.headers:
            raise ApiError(HTTPStatus.LENGTH_REQUIRED, "one Content-Length is required")
        if self.headers.get_content_type() != JSON:
            raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"only {JSON} is taken")
        limit = self.server.limits.sandbox_entry_bytes
        # Python refuses to read numbers of thousands of digits, so they are counted first.
        if len(lengths[0]) > len(str(limit)) or int(lengths[0]) > limit:
            raise ApiError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {limit} bytes of a request are taken"
            )
        return self._receive(int(lengths[0]))

    def _receive(self, length: int) -> bytes:
        """Read a body, in less than the time of a request however slowly it comes."""
        clock, body = self.server.clock, bytearray()
        deadline = clock.monotonic() + self.server.limits.sandbox_request_seconds
        while len(body) < length:
            try:
                chunk = self.rfile.read1(min(_CHUNK, length - len(body)))
            except TimeoutError:
                chunk = b""
            if not chunk:
                raise ApiError(HTTPStatus.BAD_REQUEST, "the request ended before its length")
            body += chunk
            if clock.monotonic() > deadline:
                raise ApiError(HTTPStatus.REQUEST_TIMEOUT, "the request took too long to arrive")
        return bytes(body)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)


def _target(text: str) -> tuple[str, dict[str, str]]:
    """Return a request target's path and query; a name may stand once."""
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_QUERY_FIELDS)
    except ValueError as error:
        raise ApiError(HTTPStatus.BAD_REQUEST, "the request's target is malformed") from error
    query = dict(pairs)
    if len(query) != len(pairs):
        raise ApiError(HTTPStatus.BAD_REQUEST, "a name stands twice in the query")
    return parts.path, query
