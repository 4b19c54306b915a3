"""Where a service's requests come in: they are counted, and go wrong where they are told to.

What can go wrong is in ``tests/support/wrongs.py``; whoever is behind the door stays as it is.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from tests.support.wrongs import Exchange, Reply, pass_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from tests.support.wrongs import Fault

_NO_FAREWELL: Final = struct.pack("ii", 1, 0)


class Door:
    """Lets requests in, one fault each where faults were injected.

    Attributes:
        calls: How many requests came.
    """

    def __init__(self) -> None:
        self.calls = 0
        self._next: list[Fault] = []
        self._always: Fault = pass_on
        self._first: Reply | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()

    def inject(self, *faults: Fault) -> None:
        """Let the next requests meet these faults, one each, in this order."""
        self._next.extend(faults)

    def always(self, fault: Fault) -> None:
        """Let every request meet a fault, after those of :meth:`inject`."""
        self._always = fault

    def end(self) -> None:
        """End every fault that is under way."""
        self._ended.set()

    def answer(self, handler: BaseHTTPRequestHandler, ask: Callable[[], Reply]) -> None:
        """Answer one request, well or wrongly.

        Args:
            handler: Through which it is answered.
            ask: Has the service act, and returns its answer.
        """
        with self._lock:
            self.calls += 1
            fault = self._next.pop(0) if self._next else self._always

        def asked() -> Reply:
            reply = ask()
            if self._first is None and reply.status < HTTPStatus.BAD_REQUEST:
                self._first = reply
            return reply

        exchange = Exchange(
            handler,
            asked,
            self._first,
            self._ended,
            lambda: datetime.now(UTC),  # noqa: TID251 (HTTP dates are the real time's)
        )
        try:
            fault(exchange)
        except OSError:  # the client went away
            handler.close_connection = True


def reset_halfway(exchange: Exchange) -> None:
    """Let the service act, and reset the connection in the middle of its answer (RFC 9293, 3.5)."""
    answer = exchange.ask()
    exchange.head(answer.status, answer.headers, len(answer.body))
    exchange.handler.wfile.write(answer.body[: len(answer.body) // 2])
    connection = exchange.handler.connection
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_FAREWELL)
    os.close(connection.detach())
    exchange.handler.close_connection = True
