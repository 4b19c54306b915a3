"""The server of the simulator's API: HTTP, faults, and nothing about releases."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from tests.support.github_api_answers import Refusal
from tests.support.github_api_calls import Call
from tests.support.github_api_description import answer_violations, request_violations
from tests.support.github_api_faults import GitHubExchange
from tests.support.github_api_http import Handler, Server

if TYPE_CHECKING:
    from tests.support.wrongs import Reply

_CHUNK: Final = 64 * 1024


class _ApiHandler(Handler):
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


class ApiServer(Server):
    """Answers the API."""

    handler = _ApiHandler
