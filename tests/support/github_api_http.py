"""The ground of the simulator's two servers: HTTP, and which call a request is."""

from __future__ import annotations

import socket
import sys
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from tests.support.github_api_calls import Seen, find_call
from tests.support.github_api_faults import LINGER_NONE

if TYPE_CHECKING:
    from tests.support.github_api import GitHubSimulator

_SECONDS: Final = 30.0


class Server(ThreadingHTTPServer):
    """One of the simulator's servers, on loopback."""

    daemon_threads = True
    handler: type[BaseHTTPRequestHandler]

    def __init__(self, simulator: GitHubSimulator, port: int = 0) -> None:
        self.simulator = simulator
        super().__init__(("127.0.0.1", port), self.handler)

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Say nothing of clients that went away; keep what is wrong with ourselves."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.simulator.violations.append(f"the simulator failed: {error!r}")

    def shutdown_request(self, request: object) -> None:
        """Close a connection; one that is to be reset says no goodbye first."""
        assert isinstance(request, socket.socket)
        size = len(LINGER_NONE)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, size) == LINGER_NONE:
            self.close_request(request)
        else:
            super().shutdown_request(request)


class Handler(BaseHTTPRequestHandler):
    """Reads requests; how they are answered is the servers' own."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "github.com"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = _SECONDS

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the date by the simulator's clock."""
        if timestamp is not None:
            return super().date_time_string(timestamp)
        return format_datetime(self.server.simulator.clock.now(), usegmt=True)

    def do_GET(self) -> None:
        """Answer a GET."""
        self.respond()

    def do_POST(self) -> None:
        """Answer a POST."""
        self.respond()

    def do_PATCH(self) -> None:
        """Answer a PATCH."""
        self.respond()

    def do_PUT(self) -> None:
        """Answer a PUT."""
        self.respond()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self.respond()

    def respond(self) -> None:
        """Answer one request."""
        raise NotImplementedError

    def seen(self) -> Seen:
        """Return the request, without its body."""
        simulator = self.server.simulator
        parts = urlsplit(self.path)
        path = parts.path
        if path.startswith("/repositories/"):  # the form of GitHub's own links and redirects
            number, _, rest = path.removeprefix("/repositories/").partition("/")
            for repository in simulator.rules.repositories:
                if str(repository.identifier) == number:
                    path = f"/repos/{repository.full_name}/{rest}"
        call, parameters = find_call(self.command, path)
        return Seen(
            call,
            self.command,
            path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            simulator.clock.monotonic(),
            parameters=parameters,
        )
