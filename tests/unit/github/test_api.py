"""One request to GitHub's API: its head, and how long it waits before the next."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import PublishError, ServiceError
from slsa_gen.github.api import GitHubApi
from slsa_gen.github.hosts import ApiHosts
from slsa_gen.http import HttpClient, StatusError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.retry import Budget, Retrier
from tests.support.wire import answer, serving

if TYPE_CHECKING:
    from tests.support.clock import FakeClock
    from tests.support.wire import Server

pytestmark = pytest.mark.network

TOKEN = "ghs_secret"
GOOD = answer(b"[]")


def api_of(
    server: Server, clock: FakeClock, *, uploads: str = "", budget: float = 1000.0
) -> GitHubApi:
    """Return a client of a server; waits take no time."""
    retrier = Retrier(Budget(budget, clock), clock, DEFAULT_LIMITS, lambda: 0.0)
    hosts = ApiHosts(server.url, uploads or server.url)
    http = HttpClient(retrier, DEFAULT_LIMITS)
    return GitHubApi(http, hosts, TOKEN, "octo/a b", DEFAULT_LIMITS, clock)


def said(message: str) -> bytes:
    """Return the body of a refusal."""
    return b'{"message":"%s"}' % message.encode()


def test_each_request_says_what_github_s_documentation_asks_for(clock: FakeClock) -> None:
    """The version, the media type, the token; and the names are escaped."""
    with serving(GOOD) as server:
        api_of(server, clock).ask("GET", "/releases?page=1")

    (head,) = server.heads
    assert head.startswith("GET /repos/octo/a%20b/releases?page=1 HTTP/1.1\r\n")
    assert "X-GitHub-Api-Version: 2022-11-28" in head
    assert "Accept: application/vnd.github+json" in head
    assert f"Authorization: Bearer {TOKEN}" in head
    assert "User-Agent: slsa-gen/" in head


def test_only_an_upload_goes_to_the_host_of_uploads(clock: FakeClock) -> None:
    """It follows from the server, as the API's host does."""
    with serving(GOOD) as server:
        api = api_of(server, clock, uploads="https://uploads.example")

    assert api.request("GET", "/x").url == f"{server.url}/repos/octo/a%20b/x"
    upload = api.request("POST", "/x", body=b"1", upload=True)
    assert upload.url == "https://uploads.example/repos/octo/a%20b/x"


@pytest.mark.parametrize(
    ("status", "head", "text", "waits"),
    [
        ("403 Forbidden", "Retry-After: 17\r\n", "x", 17.0),
        ("429 Too Many", "Retry-After: 17\r\n", "x", 17.0),
        ("429 Too Many", "", "x", 60.0),
        ("403 Forbidden", "", "You have exceeded a secondary rate limit", 60.0),
        ("403 Forbidden", "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {in_90}\r\n", "x", 91.0),
        ("429 Too Many", "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {in_90}\r\n", "x", 91.0),
        ("403 Forbidden", "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: soon\r\n", "x", 60.0),
        (
            "403 Forbidden",
            "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 99999999999999\r\n",
            "x",
            60.0,
        ),
        (
            "403 Forbidden",
            "X-RateLimit-Remaining: 0\r\nRetry-After: 5\r\nX-RateLimit-Reset: {in_90}\r\n",
            "x",
            5.0,
        ),
    ],
)
def test_a_limit_is_waited_for_as_github_says(
    clock: FakeClock, status: str, head: str, text: str, waits: float
) -> None:
    """Retry-After, else the reset, else a minute."""
    reset = int(clock.now().timestamp()) + 90
    date = f"Date: {format_datetime(clock.now(), usegmt=True)}\r\n"
    fields = head.format(in_90=reset) + date
    with serving(answer(said(text), status, fields), GOOD) as server:
        api_of(server, clock).ask("GET", "/x")

    assert clock.sleeps == [waits]


def test_the_reset_is_counted_by_github_s_clock(clock: FakeClock) -> None:
    """Ours may be wrong by an hour."""
    there = clock.now().timestamp() + 3600
    date = format_datetime(clock.now().fromtimestamp(there, clock.now().tzinfo), usegmt=True)
    fields = f"Date: {date}\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {int(there) + 30}\r\n"
    with serving(answer(said("x"), "403 Forbidden", fields), GOOD) as server:
        api_of(server, clock).ask("GET", "/x")

    assert clock.sleeps == [31.0]


def test_a_secondary_limit_without_a_time_is_waited_for_longer_each_time(clock: FakeClock) -> None:
    """A minute, two, four; the next request begins with a minute again."""
    limited = answer(said("secondary rate limit"), "403 Forbidden")
    with serving(limited, limited, limited, GOOD, limited, GOOD) as server:
        api = api_of(server, clock)
        api.ask("GET", "/x")
        api.ask("GET", "/y")

    assert clock.sleeps == [60.0, 120.0, 240.0, 60.0]


def test_a_limit_beyond_the_budget_is_told_at_once(clock: FakeClock) -> None:
    """What the budget cannot hold is not begun."""
    fields = "Retry-After: 3600\r\n"
    with (
        serving(answer(said("slow down"), "403 Forbidden", fields)) as server,
        pytest.raises(PublishError) as caught,
    ):
        api_of(server, clock, budget=300).ask("GET", "/x")

    assert caught.value.reason is Reason.RELEASE_RATE_LIMIT
    assert "refuses further requests for 3600 s" in caught.value.message
    assert "300 s of the 300 s time budget are left" in caught.value.message
    assert "'slow down'" in caught.value.message
    assert clock.sleeps == []


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Resource not accessible by integration", ""),
        ("Resource not accessible by integration", "X-RateLimit-Remaining: 0\r\n"),
        ("Resource not accessible by integration", "Retry-After: 9\r\n"),
        ("Repository access blocked", "X-RateLimit-Remaining: 7\r\n"),
    ],
)
def test_a_refusal_that_no_wait_mends_is_not_tried_again(
    clock: FakeClock, text: str, fields: str
) -> None:
    """A permission does not come with time, also when it was the hour's last request."""
    with (
        serving(answer(said(text), "403 Forbidden", fields)) as server,
        pytest.raises(StatusError) as caught,
    ):
        api_of(server, clock).ask("GET", "/x")

    assert caught.value.status == 403
    assert len(server.heads) == 1
    assert clock.sleeps == []


def test_a_token_that_is_repeated_is_in_no_message(clock: FakeClock) -> None:
    """A proxy may print what it was sent."""
    with (
        serving(answer(said(f"bad {TOKEN}"), "403 Forbidden", "Retry-After: 9999\r\n")) as server,
        pytest.raises(ServiceError) as caught,
    ):
        api_of(server, clock).ask("GET", "/x")

    assert TOKEN not in caught.value.message
    assert "bad [token]" in caught.value.message


def test_a_redirect_says_that_the_repository_moved(clock: FakeClock) -> None:
    """It is not followed: the token stays where it was."""
    with serving(GOOD) as elsewhere:
        head = f"Location: {elsewhere.url}/repositories/1?x=secret\r\n"
        with (
            serving(answer(b"", "301 Moved Permanently", head)) as server,
            pytest.raises(PublishError) as caught,
        ):
            api_of(server, clock).ask("GET", "/x")

    assert caught.value.reason is Reason.RELEASE_MOVED
    assert "secret" not in caught.value.message
    assert elsewhere.heads == []


def test_a_large_transfer_has_more_time(clock: FakeClock) -> None:
    """30 seconds, and a second for each 256 KiB; the budget bounds it all the same."""
    seen: list[float] = []
    with serving(GOOD) as server:
        api = api_of(server, clock, budget=100.0)
    api.repeat(seen.append)
    api.repeat(seen.append, 10 * 256 * 1024)
    api.repeat(seen.append, 2**40)

    assert seen == [30.0, 40.0, 100.0]


def test_the_server_s_name_stands_before_a_repository_elsewhere(clock: FakeClock) -> None:
    """As GitHub's own tool wants it."""
    with serving(GOOD) as server:
        api = api_of(server, clock)
    assert api.gh_repository == "octo/a b"
    api.hosts = replace(api.hosts, api="https://api.sub.ghe.com")
    assert api.gh_repository == "sub.ghe.com/octo/a b"
