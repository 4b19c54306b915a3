"""Tests of slsa_gen.http: bounds, retries, and where a token never goes."""

from __future__ import annotations

import gzip
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3.exceptions
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.clock import SystemClock
from slsa_gen.errors import ServiceError
from slsa_gen.http import HttpClient, Request, StatusError, proxies_for
from slsa_gen.http_failures import RedirectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import UrlError, is_loopback, split_service_url, without_query
from slsa_gen.reasons import Reason
from slsa_gen.retry import Budget, Retrier, TransientFailure
from tests.support.wire import answer, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.clock import FakeClock
    from tests.support.wire import Script

TOKEN = "eyJhbGciOi.secret.signature"


def make_client(
    clock: FakeClock | SystemClock,
    environment: Mapping[str, str] | None = None,
    *,
    budget: float = 10.0,
    attempt: float = 5.0,
    notices: list[str] | None = None,
) -> HttpClient:
    """Return a client; waits take no time on a FakeClock."""
    limits = replace(DEFAULT_LIMITS, attempt_seconds=attempt, shown_answer_bytes=60)
    lines = [] if notices is None else notices
    retrier = Retrier(Budget(budget, clock), clock, limits, lambda: 0.5, lines.append)
    return HttpClient(retrier, limits, environment)


@pytest.mark.network
def test_an_answer_arrives_with_status_headers_and_body(clock: FakeClock) -> None:
    """A good answer is handed on, its header names in lower case."""
    with serving(answer(b"hello", headers="X-Thing: 1\r\n", status="201 Created")) as server:
        response = make_client(clock).get(server.url + "/a?b=c", service="the thing", bearer=TOKEN)
    assert (response.status, response.body) == (201, b"hello")
    assert response.headers["x-thing"] == "1"
    assert server.heads[0].startswith("GET /a?b=c HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}" in server.heads[0]
    assert "User-Agent: slsa-gen/" in server.heads[0]


@pytest.mark.network
def test_a_document_is_posted_with_its_type(clock: FakeClock) -> None:
    """The body arrives unchanged, with the content type and without a token."""
    with serving(answer(b"{}")) as server:
        make_client(clock).post(
            server.url, service="the thing", body=b"\x00\x01", content_type="application/x-y"
        )
    assert server.bodies == [b"\x00\x01"]
    assert "Content-Type: application/x-y" in server.heads[0]
    assert "Authorization" not in server.heads[0]


@pytest.mark.network
@pytest.mark.parametrize("status", ["408 Request Timeout", "429 Too Many", "500 X", "503 Y"])
def test_what_may_pass_is_tried_again(clock: FakeClock, status: str) -> None:
    """408, 429 and every 5xx are tried again, and the wait is announced."""
    notices: list[str] = []
    with serving(answer(b"busy", status=status), answer(b"ok")) as server:
        client = make_client(clock, notices=notices)
        assert client.get(server.url, service="the thing").body == b"ok"
    assert clock.sleeps == [0.5]
    assert notices[0].startswith(f"the thing ({server.url}) answered {status[:3]} ")
    assert notices[0].endswith(": busy; trying again in 0.5 s (try 2)")


@pytest.mark.network
@pytest.mark.parametrize("status", ["400 Bad Request", "401 X", "403 X", "404 X", "422 X"])
def test_what_will_not_pass_is_not_tried_again(clock: FakeClock, status: str) -> None:
    """Any other 4xx is final, and carries status and answer."""
    with serving(answer(b'{"message":"no"}', status=status)) as server:
        with pytest.raises(StatusError) as caught:
            make_client(clock).get(server.url, service="the thing")
        assert len(server.heads) == 1
    assert caught.value.status == int(status[:3])
    assert caught.value.answer == '{"message":"no"}'
    assert caught.value.body == b'{"message":"no"}'
    assert caught.value.reason is Reason.SERVICE_REFUSED
    assert caught.value.hint.startswith("Read what it says; for the runner's token endpoint")
    assert clock.sleeps == []


@pytest.mark.network
def test_an_outage_ends_with_the_services_own_answer(clock: FakeClock) -> None:
    """When the budget is used up, the last answer is said, with tries and time."""
    with serving(answer(b"maintenance until 9", status="503 X")) as server:
        with pytest.raises(StatusError) as caught:
            make_client(clock).get(server.url, service="the thing")
        tries = len(server.heads)
    assert caught.value.reason is Reason.SERVICE_FAILED
    assert caught.value.message.startswith(
        f"the thing ({server.url}) answered 503 Service Unavailable: maintenance until 9 "
        f"(tried {tries} times in "
    )
    assert tries > 2


@pytest.mark.network
@pytest.mark.parametrize(
    "fields",
    [
        "Retry-After: 3\r\n",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Fri, 02 Jan 2026 00:00:03 GMT\r\n",
    ],
    ids=["seconds", "date"],
)
def test_retry_after_is_honoured_in_both_forms(clock: FakeClock, fields: str) -> None:
    """A date is counted from the answer's own Date, so that a wrong clock here is no matter."""
    with serving(answer(status="429 X", headers=fields), answer(b"ok")) as server:
        make_client(clock).get(server.url, service="the thing")
    assert clock.sleeps == [3.5]


@pytest.mark.network
def test_a_date_without_a_date_is_counted_from_our_clock(clock: FakeClock) -> None:
    """Where the answer has no Date, our own time is what there is."""
    date = "Retry-After: Fri, 02 Jan 2026 03:04:10 GMT\r\n"
    with serving(answer(status="503 X", headers=date), answer(b"ok")) as server:
        make_client(clock).get(server.url, service="the thing")
    assert clock.sleeps == [5.5]


@pytest.mark.network
def test_a_long_retry_after_fails_at_once(clock: FakeClock) -> None:
    """A wish beyond the budget is not waited for."""
    with (
        serving(answer(status="429 X", headers="Retry-After: 3600\r\n")) as server,
        pytest.raises(StatusError, match="the service asks to wait 3600 s"),
    ):
        make_client(clock).get(server.url, service="the thing")
    assert clock.sleeps == []


def cut(connection: socket.socket) -> None:
    """End the connection without an answer."""
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.network
@pytest.mark.parametrize(
    ("script", "why"),
    [
        (cut, "the connection was closed without an answer"),
        (answer(b"half", length=100), "the answer was cut off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "the answer was cut off"),
        (b"nonsense\r\n\r\n", "the connection was closed without an answer"),
    ],
    ids=["no answer", "half a body", "half a chunk", "no HTTP"],
)
def test_broken_connections_are_tried_again(
    clock: FakeClock, script: bytes | Script, why: str
) -> None:
    """What breaks on the way is a failure of the network, whichever way it breaks."""
    notices: list[str] = []
    with serving(script, answer(b"ok")) as server:
        client = make_client(clock, notices=notices)
        assert client.get(server.url, service="the thing").body == b"ok"
    assert f"could not be reached: {why}" in notices[0]


@pytest.mark.network
def test_what_was_being_handled_before_is_no_reason(clock: FakeClock) -> None:
    """An error of the caller's own, which is handled while it asks, explains nothing here."""
    client = make_client(clock)
    with serving(cut) as server:
        request = Request("GET", server.url, "the thing", 10)
        try:
            Path("/nowhere/at/all").read_bytes()
        except FileNotFoundError:
            with pytest.raises(TransientFailure) as caught:
                client.attempt(request, 5)
    error = caught.value.error
    assert isinstance(error, ServiceError)
    assert error.message.endswith("the connection was closed without an answer")


@pytest.mark.network
def test_a_service_that_is_not_there_is_named(clock: FakeClock) -> None:
    """A refused connection is tried until the budget ends, and then said plainly."""
    with serving(b"") as server:
        url = server.url
    with pytest.raises(ServiceError) as caught:
        make_client(clock).get(url + "/path?secret=1", service="the thing")
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE
    assert caught.value.message.startswith(
        f"the thing ({url}/path) could not be reached: Connection refused (tried "
    )


@pytest.mark.network
@pytest.mark.parametrize("kind", ["black hole", "drip of headers", "drip of body"])
def test_no_server_holds_an_attempt_beyond_its_deadline(kind: str) -> None:
    """Silence and slow drips end at the deadline, although each read succeeds in time."""
    # Only of silence may the read itself hear first; which does, the machine's load decides.
    silent = kind == "black hole"
    words = r"no whole answer within 0\.\d s" + (r"|it did not answer in time" if silent else "")
    ended = threading.Event()

    def script(connection: socket.socket) -> None:
        if kind == "drip of body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not ended.wait(0.05):
            if kind != "black hole":
                connection.sendall(b"x")

    clock = SystemClock()
    start = clock.monotonic()
    with serving(script) as server:
        with pytest.raises(ServiceError, match=words) as caught:
            make_client(clock, budget=0.5, attempt=0.5).get(server.url, service="the thing")
        ended.set()
    assert clock.monotonic() - start < 20  # without a bound it would never end
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE


@pytest.mark.network
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_an_answer_above_the_bound_is_refused(clock: FakeClock, *, packed: bool) -> None:
    """The bound holds for what the answer holds once it is decompressed, and is final."""
    body = b"0" * 1_000_001
    headers = "Content-Encoding: gzip\r\n" if packed else ""
    with serving(answer(gzip.compress(body) if packed else body, headers=headers)) as server:
        with pytest.raises(ServiceError) as caught:
            make_client(clock).get(server.url, service="the thing", max_bytes=1_000_000)
        assert len(server.heads) == 1
    assert caught.value.reason is Reason.SERVICE_ANSWER_TOO_LARGE
    assert "more than the 1000000 bytes" in caught.value.message


@pytest.mark.network
def test_an_answer_of_just_the_bound_is_read(clock: FakeClock) -> None:
    """The bound itself is allowed."""
    with serving(answer(b"0" * 1000)) as server:
        response = make_client(clock).get(server.url, service="the thing", max_bytes=1000)
    assert len(response.body) == 1000


@pytest.mark.network
def test_a_huge_error_is_read_to_its_start_only(clock: FakeClock) -> None:
    """Of an error's answer no more is read than anyone would look at."""
    with (
        serving(answer(b"e" * 10_000_000, status="400 X")) as server,
        pytest.raises(StatusError) as caught,
    ):
        make_client(clock).get(server.url, service="the thing")
    assert len(caught.value.body) < 200_000
    assert caught.value.answer == "e" * 60 + "…"


@pytest.mark.network
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_the_token_stays(clock: FakeClock, code: int) -> None:
    """The other server never hears of it; the message says where it was pointed to."""
    with serving(answer(b"stolen")) as other:
        location = f"Location: {other.url}/x\r\n"
        with serving(answer(status=f"{code} Moved", headers=location)) as server:
            with pytest.raises(ServiceError) as caught:
                make_client(clock).get(server.url, service="the thing", bearer=TOKEN)
            assert len(server.heads) == 1
        assert other.heads == []
    assert caught.value.reason is Reason.SERVICE_REDIRECT
    assert f"pointed to '{other.url}/x'; redirects are not followed" in caught.value.message


@pytest.mark.network
@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (f"https://x/?t={TOKEN}", "https://x/"),
        (f"https://x/#{TOKEN}", "https://x/"),
        (f"https://x/{TOKEN}/y", "https://x/[token]"),
        (f"https://{TOKEN}@x/y", "https://x/y"),
        ("http://[::1", "http://[::1"),
        ("https://a..b/", "https://a..b/"),
        ("\xff\xfe", "ÿþ"),
        ("", ""),
    ],
)
def test_whatever_a_redirect_points_to_is_harmless(
    clock: FakeClock, target: str, shown: str
) -> None:
    """A token that the service repeats is not said, and what is no URL is no fault of ours."""
    reply = answer(status="302 Found", headers="Location: LOCATION\r\n")
    script = reply.replace(b"LOCATION", target.encode("latin-1"))
    with serving(script) as server, pytest.raises(ServiceError) as caught:
        make_client(clock).get(server.url, service="the thing", bearer=TOKEN)
    assert caught.value.reason is Reason.SERVICE_REDIRECT
    assert f"pointed to {shown!r}; redirects" in caught.value.message
    assert TOKEN not in caught.value.message


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        UnicodeError("label empty or too long"),
        urllib3.exceptions.LocationParseError("a..b"),
        urllib3.exceptions.HTTPError("x"),
        urllib3.exceptions.ProtocolError("x"),
        requests.exceptions.InvalidJSONError("x"),
        OSError(5, "Input/output error"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_foreign_error_leaves(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever the library raises is an error of the service's."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "send", fail)
    with pytest.raises(ServiceError, match="the thing"):
        make_client(clock).get("https://example.org/", service="the thing")


@pytest.mark.network
def test_a_malformed_proxy_is_said(clock: FakeClock) -> None:
    """It is in the environment, and no fault of ours."""
    for proxy in ("http://[::1", "http://a..b:1"):
        with pytest.raises(ServiceError) as caught:
            make_client(clock, {"https_proxy": proxy}).get("https://x.org/", service="the thing")
        assert caught.value.reason is Reason.SERVICE_URL


@pytest.mark.parametrize("host", ["a..b", ".a", "a..", f"{'a' * 64}.org", "."])
def test_a_host_that_no_name_server_knows_is_refused(clock: FakeClock, host: str) -> None:
    """Empty and overlong parts of a name are errors deep within other libraries."""
    with pytest.raises(UrlError, match="empty or longer than 63"):
        split_service_url(f"https://{host}/")
    with pytest.raises(ServiceError) as caught:
        make_client(clock).get(f"https://{host}/", service="the thing")
    assert caught.value.reason is Reason.SERVICE_URL


@pytest.mark.parametrize(
    "host", ["[::1].evil.org", "evil.org[::1]", "[::1]evil.org:80", "[::1%25evil]", "[[::1]]"]
)
def test_an_address_in_brackets_is_the_whole_host(host: str) -> None:
    """Parsers differ on whose name the others are."""
    for scheme in ("http", "https"):
        with pytest.raises(UrlError):
            split_service_url(f"{scheme}://{host}/")


@pytest.mark.parametrize(
    "host", ["a.b", "a.b.", f"{'a' * 63}.org", "127.0.0.1", "[::1]", "[::1]:8"]
)
def test_a_host_with_whole_parts_is_asked(host: str) -> None:
    """A dot at the end, addresses and ports are all right."""
    assert split_service_url(f"https://{host}/").scheme == "https"


@given(st.text(alphabet="ab:/?#@[]."))
def test_a_query_is_never_shown(text: str) -> None:
    """Whatever the text, it is taken, and nothing after its query begins stays."""
    shown = without_query(text)
    assert "?" not in shown
    assert "#" not in shown


@pytest.mark.network
def test_a_netrc_does_not_replace_the_token(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the home folder's file nor the one that NETRC names is read."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password wrong\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(answer(b"ok")) as server:
        make_client(clock).get(server.url, service="the thing", bearer=TOKEN)
        make_client(clock).get(server.url, service="the thing")
    assert f"Authorization: Bearer {TOKEN}" in server.heads[0]
    assert "Authorization" not in server.heads[1]


@pytest.mark.network
def test_loopback_never_goes_through_a_proxy(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the environment handed in nor the process's own sends loopback elsewhere."""
    with serving(answer(b"proxied")) as proxy, serving(answer(b"ok")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        environment = {"all_proxy": proxy.url, "http_proxy": proxy.url}
        client = make_client(clock, environment)
        assert client.get(server.url, service="the thing").body == b"ok"
        assert proxy.heads == []


@pytest.mark.network
def test_the_named_proxy_is_asked_for_other_hosts(clock: FakeClock) -> None:
    """An https host is reached by a tunnel through HTTPS_PROXY; its refusal is said."""
    refuse = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with serving(refuse) as proxy:
        client = make_client(clock, {"HTTPS_PROXY": proxy.url}, budget=0.4)
        with pytest.raises(ServiceError) as caught:
            client.get("https://service.invalid/x", service="the thing", bearer=TOKEN)
        assert proxy.heads[0].startswith("CONNECT service.invalid:443 ")
        assert TOKEN not in proxy.heads[0]
    assert "could not be reached" in caught.value.message


@pytest.mark.parametrize(
    ("url", "environment", "proxied"),
    [
        ("https://a.example/", {"https_proxy": "http://p"}, True),
        ("https://a.example/", {"HTTPS_PROXY": "http://p"}, True),
        ("https://a.example/", {"ALL_PROXY": "http://p"}, True),
        ("https://a.example/", {"http_proxy": "http://p"}, False),
        ("https://a.example/", {}, False),
        ("https://a.example/", {"https_proxy": "http://p", "no_proxy": "a.example"}, False),
        ("https://a.example/", {"https_proxy": "http://p", "NO_PROXY": ".example"}, False),
        ("https://a.example/", {"https_proxy": "http://p", "NO_PROXY": "x, A.Example:443"}, False),
        ("https://a.example/", {"https_proxy": "http://p", "NO_PROXY": "*"}, False),
        ("https://a.example/", {"https_proxy": "http://p", "NO_PROXY": ".a.example"}, False),
        ("https://ba.example/", {"https_proxy": "http://p", "NO_PROXY": "a.example"}, True),
        ("https://a.example/", {"https_proxy": "http://p", "NO_PROXY": " ,,"}, True),
        ("https://127.0.0.1/", {"https_proxy": "http://p"}, False),
        ("https://localhost/", {"https_proxy": "http://p"}, False),
        ("https://[::1]/", {"https_proxy": "http://p"}, False),
    ],
)
def test_proxies_are_chosen_as_people_expect(
    url: str, environment: dict[str, str], *, proxied: bool
) -> None:
    """The usual variables count, in both cases of letters, and NO_PROXY's usual forms."""
    assert proxies_for(url, environment) == ({"https": "http://p"} if proxied else {})


@pytest.mark.network
def test_an_untrusted_certificate_is_final_and_explained(clock: FakeClock, tmp_path: Path) -> None:
    """A CA bundle that is not there is said at once, with the variable to set."""
    client = make_client(clock, {"REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem")})
    with pytest.raises(ServiceError) as caught:
        client.get("https://127.0.0.1:1/", service="the thing")
    assert caught.value.reason is Reason.SERVICE_CERTIFICATE
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert clock.sleeps == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/", "only https"),
        ("ftp://127.0.0.1/", "only https"),
        ("file:///etc/passwd", "not a URL with a host"),
        ("https://", "not a URL with a host"),
        ("https://host:port/", "not a URL with a host"),
        ("https://user:hunter2@example.org/", "a user name or password"),
        ("http://127.0.0.1\\@example.org/", "characters that no URL has"),
        ("https://exa mple.org/", "characters that no URL has"),
        ("https://example.org/\n", "characters that no URL has"),
        ("http://127.0.0.1.example.org/", "only https"),
        ("http://0x7f.1/", "only https"),
        ("", "characters that no URL has"),
    ],
)
def test_only_https_and_loopback_are_asked(clock: FakeClock, url: str, why: str) -> None:
    """Any other URL is refused before a socket opens, and no password is repeated."""
    with pytest.raises(ServiceError, match=why) as caught:
        make_client(clock).get(url, service="the thing", bearer=TOKEN)
    assert caught.value.reason is Reason.SERVICE_URL
    assert "hunter2" not in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("bad", ["a\nb", "a\r\nX: y", "tok\u00e9n"])
def test_a_broken_token_is_refused_without_being_repeated(clock: FakeClock, bad: str) -> None:
    """A token with a line break would be another header; its value is not shown."""
    with pytest.raises(ServiceError) as caught:
        make_client(clock).get("http://127.0.0.1:1/", service="the thing", bearer=bad)
    assert caught.value.reason is Reason.SERVICE_URL
    assert "Authorization" in caught.value.message
    assert bad not in caught.value.message


@pytest.mark.network
def test_a_token_that_the_service_repeats_is_not_printed(clock: FakeClock) -> None:
    """An error answer that echoes the request does not bring the token into a log."""
    with (
        serving(answer(f"bad token {TOKEN}!".encode(), status="401 X")) as server,
        pytest.raises(StatusError) as caught,
    ):
        make_client(clock).get(server.url, service="the thing", bearer=TOKEN)
    assert caught.value.answer == "bad token [token]!"
    assert TOKEN not in caught.value.message
    assert TOKEN.encode() not in caught.value.body


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost.example.org", False),
        ("10.0.0.1", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_loopback_is_known(host: str, *, own: bool) -> None:
    """Only this machine's own names and addresses count."""
    assert is_loopback(host) is own


@given(st.text(min_size=1))
def test_no_plain_url_is_ever_accepted_for_another_host(text: str) -> None:
    """Whatever stands in a URL: plain http is for loopback alone, and user names never pass."""
    for url in (text, f"http://{text}", f"http://127.0.0.1{text}", f"http://127.0.0.1/{text}"):
        try:
            parts = split_service_url(url)
        except UrlError:
            continue
        assert parts.scheme == "https" or is_loopback(parts.hostname or "")
        assert "@" not in parts.netloc


@given(st.one_of(st.text(), st.binary()), st.integers(min_value=0, max_value=100))
def test_foreign_text_is_harmless(text: str | bytes, length: int) -> None:
    """No control, no line break, nothing that turns the writing round, and not too much."""
    shown = harmless(text, length)
    assert shown.isprintable()
    assert len(shown) <= length + 1
    assert "\u202e" not in shown
    assert "\x1b" not in shown


def test_ordinary_text_is_shown_as_it_is() -> None:
    """Letters with accents stay; what is cut is marked."""
    assert harmless("Zürich: ça va?\n\n  ok\x1b[31m", 100) == "Zürich: ça va? ok [31m"
    assert harmless(b"abcdef", 3) == "abc…"


@pytest.mark.network
def test_a_refusal_carries_what_a_caller_may_have_to_read(clock: FakeClock) -> None:
    """Its fields, their names in lower case, and the wait that was asked for."""
    head = "X-RateLimit-Remaining: 0\r\nRetry-After: 7\r\n"
    with (
        serving(answer(b"no", "403 Forbidden", head)) as server,
        pytest.raises(StatusError) as caught,
    ):
        make_client(clock).get(server.url, service="the thing")
    assert caught.value.headers["x-ratelimit-remaining"] == "0"
    assert caught.value.retry_after == 7.0
    assert caught.value.body == b"no"


@pytest.mark.network
def test_a_redirect_carries_its_status_and_target(clock: FakeClock) -> None:
    """For the caller that makes the one hop by hand; its words hold no query."""
    head = "Location: https://elsewhere.invalid/x?secret=1\r\n"
    with (
        serving(answer(b"", "302 Found", head)) as server,
        pytest.raises(RedirectError) as caught,
    ):
        make_client(clock).get(server.url, service="the thing", bearer=TOKEN)
    assert (caught.value.status, caught.value.location) == (
        302,
        "https://elsewhere.invalid/x?secret=1",
    )
    assert "secret" not in caught.value.message


@pytest.mark.network
def test_a_caller_may_look_between_two_tries(clock: FakeClock) -> None:
    """repeat() shares the budget, and gives one attempt the time that it needs."""
    client = make_client(clock, budget=100.0)
    given: list[float] = []

    def attempt(seconds: float) -> str:
        given.append(seconds)
        if len(given) < 3:
            error = ServiceError("not yet", reason=Reason.SERVICE_FAILED, hint="")
            raise TransientFailure(error, 10.0)
        return "done"

    assert client.repeat(attempt, "the thing", 90.0) == "done"
    assert given[0] == 90.0
    assert given[2] < 80.0
    assert sum(clock.sleeps) >= 20.0
