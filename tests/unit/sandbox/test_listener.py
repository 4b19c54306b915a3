"""HTTP on loopback: bounds, who may ask, and an end that leaves nothing behind."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.errors import ServiceError
from slsa_gen.limits import Limits
from slsa_gen.reasons import Reason
from slsa_gen.sandbox.api import Answer, Request, json_answer
from slsa_gen.sandbox.listener import Listener
from tests.support.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsa_gen.clock import Clock

pytestmark = pytest.mark.network

LIMITS = Limits(sandbox_entry_bytes=1000, sandbox_request_seconds=5)


def echo(request: Request) -> Answer:
    """Answer with what was asked."""
    return json_answer(
        {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "bearer": request.bearer,
            "body": request.body.decode("latin-1"),
        }
    )


@contextmanager
def listening(
    answer: Callable[[Request], Answer] = echo, limits: Limits = LIMITS, clock: Clock | None = None
) -> Iterator[str]:
    """Listen, and yield ``host:port``."""
    with Listener(answer, limits, clock or SystemClock()) as listener:
        yield listener.base_url.removeprefix("http://")


def raw(address: str, text: str, *, end: bool = True) -> HTTPResponse:
    """Send bytes as they are and return the answer's head."""
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text.replace("\n", "\r\n").replace("HOST", address).encode("latin-1"))
        if end:
            connection.shutdown(socket.SHUT_WR)
        response = HTTPResponse(connection)
        with closing(response):
            response.begin()
            response.read()
        return response


def test_a_request_is_handed_on() -> None:
    """Method, path, query, token and body; two on one connection."""
    with listening() as address:
        connection = HTTPConnection(address, timeout=10)
        connection.request("GET", "/a/b?x=1&y=%20", headers={"Authorization": "bearer T"})
        first = json.loads(connection.getresponse().read())
        headers = {"Content-Type": "application/json; charset=utf-8"}
        connection.request("POST", "/c", b"{}", headers)
        second = json.loads(connection.getresponse().read())
        connection.close()
    assert first == {
        "method": "GET",
        "path": "/a/b",
        "query": {"x": "1", "y": " "},
        "bearer": "T",
        "body": "",
    }
    assert second == {"method": "POST", "path": "/c", "query": {}, "bearer": "", "body": "{}"}


JSON = "Content-Type: application/json\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("GET / HTTP/1.1\nHost: evil.invalid\n\n", 421),
        ("GET / HTTP/1.1\nHost: localhost\n\n", 421),
        ("GET / HTTP/1.1\n\n", 421),
        ("GET / HTTP/1.1\nHost: HOST\nHost: HOST\n\n", 421),
        ("GET / HTTP/1.1\nHost: HOST\nOrigin: https://evil.invalid\n\n", 403),
        ("GET http://[ HTTP/1.1\nHost: HOST\n\n", 400),
        ("GET /?a=1&a=2 HTTP/1.1\nHost: HOST\n\n", 400),
        (f"GET /?{'&'.join('abcdefghijklmnopqrstuvwxyz')} HTTP/1.1\nHost: HOST\n\n", 400),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}\n", 411),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: -1\n\n", 411),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: ²\n\n", 411),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: 1\nContent-Length: 2\n\n", 411),
        (
            (
                f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: 1\n"
                "Transfer-Encoding: chunked\n\n"
            ),
            411,
        ),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: 1001\n\n", 413),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: {'9' * 5000}\n\n", 413),
        ("POST / HTTP/1.1\nHost: HOST\nContent-Type: text/plain\nContent-Length: 2\n\n{}", 415),
        ("POST / HTTP/1.1\nHost: HOST\nContent-Length: 2\n\n{}", 415),
        (f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: 9\n\n{{}}", 400),
        ("PUT / HTTP/1.1\nHost: HOST\n\n", 501),
    ],
)
def test_what_is_refused(text: str, status: int) -> None:
    """Strange names, web pages, and bodies whose length is not plain; the connection ends."""
    with listening(lambda _: pytest.fail("handed on")) as address:
        response = raw(address, text)
    assert response.status == status
    assert response.getheader("Connection") == "close"


def test_two_tokens_are_none() -> None:
    """Two programs might each read another one."""
    seen: list[str] = []

    def keep(request: Request) -> Answer:
        seen.append(request.bearer)
        return Answer(HTTPStatus.OK)

    with listening(keep) as address:
        raw(address, "GET / HTTP/1.1\nHost: HOST\nAuthorization: Bearer a\n\n")
        for values in (["bearer a", "bearer b"], [], ["a"]):
            fields = "".join(f"Authorization: {value}\n" for value in values)
            raw(address, f"GET / HTTP/1.1\nHost: HOST\n{fields}\n")
    assert seen == ["a", "", "", ""]


def test_a_body_that_stays_away_is_given_up() -> None:
    """After the time of a request the connection is not held any more."""
    limits = Limits(sandbox_request_seconds=0.05)
    head = f"POST / HTTP/1.1\nHost: HOST\n{JSON}Content-Length: 9\n\n"
    with listening(limits=limits) as address:
        assert raw(address, head, end=False).status == 400


def test_a_body_that_drips_is_given_up() -> None:
    """The time counts for the whole, not for each byte."""
    clock = FakeClock()
    head = f"POST / HTTP/1.1\r\n{JSON}Content-Length: 9\r\n".replace("json\n", "json\r\n")
    with listening(clock=clock) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"{head}Host: {address}\r\n\r\n{{".encode())
            wait_until_read(connection)
            clock.advance(LIMITS.sandbox_request_seconds + 1)
            connection.sendall(b"}")
            response = HTTPResponse(connection)
            response.begin()
            response.read()
            assert response.status == 408


def wait_until_read(connection: socket.socket) -> None:
    """Wait a moment for the other side to take what was sent."""
    threading.Event().wait(0.2)
    assert connection.fileno() >= 0


def test_the_end_waits_for_answers_and_for_nobody_idle() -> None:
    """What was asked is answered; a connection that only stays open is ended."""
    asked, release, results = threading.Event(), threading.Event(), []

    def slow(_request: Request) -> Answer:
        asked.set()
        release.wait(10)
        return json_answer("done")

    listener = Listener(slow, LIMITS, SystemClock())
    with listener:
        address = listener.base_url.removeprefix("http://")
        idle = socket.create_connection(("127.0.0.1", int(address.partition(":")[2])))

        def ask() -> None:
            connection = HTTPConnection(address, timeout=10)
            connection.request("GET", "/")
            results.append(connection.getresponse().read())
            connection.close()

        client = threading.Thread(target=ask)
        client.start()
        assert asked.wait(10)
        threading.Timer(0.1, release.set).start()
        began = time.monotonic()
    assert time.monotonic() - began < LIMITS.sandbox_request_seconds / 2
    client.join(10)
    assert results == [b'"done"']
    assert idle.recv(1) == b""
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.partition(":")[2])))


def test_a_client_that_goes_away_disturbs_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, and the next one is served."""
    gone = threading.Event()

    def large(_request: Request) -> Answer:
        gone.wait(10)
        return Answer(HTTPStatus.OK, b" " * 10_000_000)

    with listening(large) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        gone.set()
        assert raw(address, "GET / HTTP/1.1\nHost: HOST\n\n").status == 200
    assert capfd.readouterr() == ("", "")


def test_without_loopback_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container without any interface."""

    def refuse(*_arguments: object) -> None:
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(
        ServiceError, match=r"cannot listen on 127\.0\.0\.1: Cannot assign"
    ) as caught:
        Listener(echo, LIMITS, SystemClock())
    assert caught.value.reason is Reason.SANDBOX_SERVER
    assert "a loopback interface, and how many files it may open (ulimit -n)" in caught.value.hint
