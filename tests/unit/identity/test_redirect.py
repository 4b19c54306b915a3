"""The listener takes one answer, at one address, and nothing else."""

from __future__ import annotations

import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.identity.redirect import Redirect

pytestmark = pytest.mark.network


def _get(redirect: Redirect, path: str, host: str = "", method: str = "GET") -> int:
    parts = urlsplit(redirect.url)
    connection = HTTPConnection("127.0.0.1", parts.port or 0, timeout=5)
    connection.request(method, path, headers={"Host": host} if host else {})
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_first_answer_is_taken_and_no_other() -> None:
    """A second one comes from somebody else."""
    with Redirect() as redirect:
        assert _get(redirect, "/auth/callback?code=a&state=b") == 200
        assert _get(redirect, "/auth/callback?code=c&state=d") == 404

        assert redirect.wait(SystemClock(), 1) == [("code", "a"), ("state", "b")]


@pytest.mark.parametrize(
    ("path", "host", "method"),
    [
        ("/", "", "GET"),
        ("/favicon.ico", "", "GET"),
        ("/auth/callback/x?code=a", "", "GET"),
        # A foreign page whose name was made to mean this address.
        ("/auth/callback?code=a", "evil.example", "GET"),
        ("/auth/callback?code=a", "", "POST"),
    ],
)
def test_what_is_no_answer_is_not_taken(path: str, host: str, method: str) -> None:
    """A browser asks for more than it is sent to."""
    with Redirect() as redirect:
        assert _get(redirect, path, host, method) in {404, 501}

        assert redirect.wait(SystemClock(), 0.05) is None


def test_too_many_fields_are_an_answer_without_any() -> None:
    """They are counted before they are read."""
    with Redirect() as redirect:
        _get(redirect, "/auth/callback?" + "&".join(f"a{n}=1" for n in range(50)))

        assert redirect.wait(SystemClock(), 1) == []


def test_a_connection_that_says_nothing_keeps_nobody_waiting() -> None:
    """Browsers open some in advance."""
    with Redirect() as redirect:
        silent = socket.create_connection(("127.0.0.1", urlsplit(redirect.url).port or 0))
        broken = socket.create_connection(("127.0.0.1", urlsplit(redirect.url).port or 0))
        broken.sendall(b"\x00\xff\r\n\r\n")
        assert _get(redirect, "/auth/callback?code=a") == 200

        assert redirect.wait(SystemClock(), 1) == [("code", "a")]
    silent.close()
    broken.close()


def test_it_listens_on_loopback_alone() -> None:
    """On a port that the system chose."""
    with Redirect() as redirect:
        parts = urlsplit(redirect.url)

        assert parts.hostname == "127.0.0.1"
        assert (parts.port or 0) > 1023
