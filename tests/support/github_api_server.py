"""The two servers of the GitHub simulator: HTTP, and nothing about releases."""

from __future__ import annotations

import secrets
import socket
import sys
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.github_api_answers import Refusal
from tests.support.github_api_calls import Call, Seen, find_call
from tests.support.github_api_description import answer_violations, request_violations
from tests.support.github_api_faults import LINGER_NONE, GitHubExchange
from tests.support.wrongs import Reply

if TYPE_CHECKING:
    from tests.support.github_api import GitHubSimulator
    from tests.support.github_api_state import Asset

_CHUNK: Final = 64 * 1024
_SECONDS: Final = 30.0


class _Server(ThreadingHTTPServer):
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


class _Handler(BaseHTTPRequestHandler):
    server: _Server
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


class _ApiHandler(_Handler):
    def respond(self) -> None:
        """Answer one call, well or wrongly, and hold both ways against the description."""
        simulator = self.server.simulator
        self._sent: set[str] = set()
        self._body = b""
        self._read = self._held = False
        self._seen = self.seen()
        with simulator.lock:
            simulator.requests.append(self._seen)
            simulator.rate.used += 1
        fault = simulator.next_fault(self._seen.call)
        try:
            fault(_exchange(self))
            if not self.close_connection:
                self.receive()
        except OSError:  # the client went away
            self.close_connection = True
        finally:
            self.hold_request()

    def hold_request(self) -> None:
        """Hold the request against the description, once, and before an answer is sent."""
        # Of a body that a fault left unread nothing can be said.
        arrived = len(self._body) == int(self.headers.get("Content-Length") or "0")
        if arrived and not self._held:
            self._held = True
            with self.server.simulator.lock:
                found = request_violations(self._seen, self._body)
                self.server.simulator.violations.extend(found)

    def receive(self, fraction: float = 1.0) -> bytes:
        """Read the body, or its beginning; what was not read ends the connection."""
        if self._read:
            return self._body
        self._read = True
        text = self.headers.get("Content-Length") or "0"
        length = int(text) if text.isdecimal() else 0
        wanted = int(length * fraction)
        body = bytearray()
        while len(body) < wanted:
            chunk = self.rfile.read1(min(_CHUNK, wanted - len(body)))
            if not chunk:
                break
            body += chunk
        self._body = bytes(body)
        self._seen.body_bytes = len(body)
        if len(body) < length:
            self.close_connection = True
            if self._seen.call is Call.UPLOAD:
                with self.server.simulator.lock:
                    self.server.simulator.rules.interrupted(self._seen)
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
        return self._body

    def ask(self) -> Reply:
        """Let GitHub act, and return what it answers."""
        body = self.receive()
        simulator = self.server.simulator
        with simulator.lock:
            if simulator.rate.used > simulator.rate.limit:
                text = "API rate limit exceeded for installation ID 12345."
                return Refusal(403, text).reply()
            reply = simulator.rules.answer(self._seen, body)
            if self._seen.call is not None:
                simulator.violations.extend(answer_violations(self._seen.call, reply))
            return reply

    def interrupt(self, fraction: float) -> None:
        """Read a part of the body; if it is an upload, it has failed."""
        self.receive(fraction)
        if fraction >= 1 and self._seen.call is Call.UPLOAD:
            with self.server.simulator.lock:
                self.server.simulator.rules.interrupted(self._seen)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer; whatever the client still sends is read first."""
        self.receive()
        self.hold_request()
        self._seen.status = code
        super().send_response(code, message)

    def send_header(self, keyword: str, value: str) -> None:
        """Write a field and remember that it was written."""
        self._sent.add(keyword.lower())
        super().send_header(keyword, value)

    def end_headers(self) -> None:
        """Add what every answer of the API has."""
        simulator = self.server.simulator
        rate = simulator.rate
        usual = {
            "X-GitHub-Request-Id": ":".join(secrets.token_hex(2).upper() for _ in range(5)),
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-RateLimit-Limit": str(rate.limit),
            "X-RateLimit-Remaining": str(max(rate.limit - rate.used, 0)),
            "X-RateLimit-Reset": str(rate.reset),
            "X-RateLimit-Used": str(rate.used),
            "X-RateLimit-Resource": "core",
        }
        for name, value in usual.items():
            if name.lower() not in self._sent:
                super().send_header(name, value)
        super().end_headers()


class _Exchange(GitHubExchange):
    def interrupt(self, fraction: float) -> None:
        assert isinstance(self.handler, _ApiHandler)
        self.handler.interrupt(fraction)


def _exchange(handler: _ApiHandler) -> _Exchange:
    simulator = handler.server.simulator
    return _Exchange(handler, handler.ask, None, simulator.ended, simulator.clock.now)


class ApiServer(_Server):
    """Answers the API."""

    handler = _ApiHandler


class _WebHandler(_Handler):
    def respond(self) -> None:
        """Give the bytes of an asset, to whoever comes without a token."""
        simulator = self.server.simulator
        seen = self.seen()
        with simulator.lock:
            simulator.downloads.append(seen)
            reply = self._reply(seen)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _reply(self, seen: Seen) -> Reply:
        simulator = self.server.simulator
        if "authorization" in seen.headers:
            simulator.violations.append(f"a token was sent to the storage host: {seen.path}")
            return Reply(400, b"<Error><Code>InvalidAuthenticationInfo</Code></Error>")
        asset = self._stored(seen) or self._released(seen)
        if asset is None:
            return Reply(404, b"Not Found")
        if seen.path.startswith("/storage/"):
            return Reply(200, asset.data, {"Content-Type": asset.content_type})
        return Reply(302, b"", {"Location": simulator.rules.stored_at(asset)})

    def _stored(self, seen: Seen) -> Asset | None:
        for repository in self.server.simulator.rules.repositories:
            for release in repository.releases:
                for asset in release.assets:
                    signed = seen.query.get("sig") == f"signed-{asset.identifier}"
                    if signed and seen.path == f"/storage/{asset.identifier}":
                        return asset
        return None

    def _released(self, seen: Seen) -> Asset | None:
        """Return the asset of ``/OWNER/REPO/releases/download/TAG/NAME``, if all may have it."""
        for repository in self.server.simulator.rules.repositories:
            base = f"/{repository.full_name}/releases/download/"
            if repository.private or not seen.path.startswith(base):
                continue
            tag, _, name = unquote(seen.path.removeprefix(base)).rpartition("/")
            release = repository.published(tag)
            for asset in release.assets if release else ():
                if asset.name == name:
                    return asset
        return None


class WebServer(_Server):
    """Stands for GitHub's pages and its storage of assets."""

    handler = _WebHandler
