"""What can go wrong with GitHub's API, beside what ``tests/support/wrongs.py`` has for any server.

=======================  ===================================================================
``reset_before``         the connection is reset before a byte of the body is read
``reset_midway``         … when half of the body has come: an upload leaves a ``starter``
``reset_after``          … after GitHub acted, before its answer
``failed_upload``        502, and an upload leaves a ``starter``, as GitHub's page says
``acted_then``           GitHub acts, and then another fault answers
``secondary_limit``      403 or 429, with ``Retry-After`` or without
``primary_limit``        403 or 429, none remaining, and when there will be more
``refused``              any status with a text of GitHub's
``cut_short``            the answer is shorter than it says
=======================  ===================================================================
"""

from __future__ import annotations

import json
import socket
import struct
from typing import TYPE_CHECKING, Final

from tests.support.github_api_answers import Refusal
from tests.support.wrongs import Exchange, Reply, cut_halfway

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from tests.support.wrongs import Fault

#: Closing such a socket sends RST, whatever is still to be read.
LINGER_NONE: Final = struct.pack("ii", 1, 0)

_PAGES: Final = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"

#: The head of an answer, and half of what it promised.
cut_short = cut_halfway


class GitHubExchange(Exchange):
    """One request at the simulator; its body may not have been read yet."""

    def interrupt(self, fraction: float) -> None:
        """Read a part of the body and no more; an upload then leaves a ``starter``."""
        raise NotImplementedError


def reset_before(exchange: Exchange) -> None:
    """Reset the connection; nothing was read and nothing done."""
    _reset(exchange.handler)


def reset_midway(exchange: Exchange) -> None:
    """Reset the connection in the middle of the request's body."""
    assert isinstance(exchange, GitHubExchange)
    exchange.interrupt(0.5)
    _reset(exchange.handler)


def reset_after(exchange: Exchange) -> None:
    """Let GitHub act, and reset the connection instead of an answer."""
    exchange.ask()
    _reset(exchange.handler)


def failed_upload(exchange: Exchange) -> None:
    """Answer 502 and leave a ``starter``, as when GitHub's storage fails."""
    assert isinstance(exchange, GitHubExchange)
    exchange.interrupt(1.0)
    page_of_html(502)(exchange)


def acted_then(fault: Fault) -> Fault:
    """Let GitHub act, and answer with something else."""

    def both(exchange: Exchange) -> None:
        exchange.ask()
        fault(exchange)

    return both


def refused(
    code: int, message: str, *, headers: dict[str, str] | None = None, page: str = ""
) -> Fault:
    """Answer with a status and a text."""
    refusal = Refusal(code, message, headers=headers, page=page or "https://docs.github.com/rest")
    return lambda exchange: exchange.send(refusal.reply())


def secondary_limit(*, retry_after: int | None = None, code: int = 403) -> Fault:
    """Say that there were too many requests at once; nothing is done."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return refused(
        code,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        headers=headers,
        page=f"{_PAGES}#about-secondary-rate-limits",
    )


def primary_limit(*, seconds: int = 60, code: int = 403) -> Fault:
    """Say that the hour's requests are used up; there are more after some seconds."""

    def fault(exchange: Exchange) -> None:
        reset = int(exchange.now().timestamp()) + seconds
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
        page = f"{_PAGES}#about-primary-rate-limits"
        text = "API rate limit exceeded for installation ID 12345."
        refused(code, text, headers=headers, page=page)(exchange)

    return fault


def page_of_html(code: int) -> Fault:
    """Answer with a web page, as a proxy or GitHub's front end does when all is down."""
    body = f"<!DOCTYPE html><title>{code}</title><h1>Unicorn!</h1>".encode()
    return lambda exchange: exchange.send(Reply(code, body, {"Content-Type": "text/html"}))


def document(body: object, code: int = 200) -> Fault:
    """Answer with a JSON document of the test's own."""
    return lambda exchange: exchange.send(Reply(code, json.dumps(body).encode()))


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    handler.close_connection = True
