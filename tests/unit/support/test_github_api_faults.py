"""Each fault of the GitHub simulator does what its name says, and leaves what GitHub would."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from tests.support import github_api_faults as faults
from tests.support import wrongs
from tests.support.clock import START, FakeClock
from tests.support.github_api import REPOSITORY, GitHubSimulator
from tests.support.github_api_calls import Call
from tests.support.github_api_state import AssetState

if TYPE_CHECKING:
    from tests.support.github_api_state import Release
    from tests.support.wrongs import Fault

pytestmark = pytest.mark.network

#: More than a socket holds, so that a client is still sending when the fault comes.
LARGE = b"x" * 8_000_000


def upload(github: GitHubSimulator, release: Release, data: bytes = LARGE) -> requests.Response:
    """Upload ``a.jsonl`` once, with a time limit."""
    return requests.post(
        f"{github.url}/repos/{REPOSITORY}/releases/{release.identifier}/assets?name=a.jsonl",
        data=data,
        headers={
            "Authorization": f"Bearer {github.token}",
            "Content-Type": "application/octet-stream",
        },
        timeout=5,
        allow_redirects=False,
    )


@pytest.fixture
def release(github: GitHubSimulator) -> Release:
    """Return a draft without assets."""
    return github.add_release("v1.0.0", draft=True)


def left(release: Release) -> list[tuple[AssetState, int]]:
    """Return state and size of what lies on a release."""
    return [(asset.state, len(asset.data)) for asset in release.assets]


STARTER = (AssetState.STARTER, 0)
WHOLE = (AssetState.UPLOADED, len(LARGE))


@pytest.mark.parametrize(
    ("fault", "remains"),
    [
        (faults.reset_before, []),
        (faults.reset_midway, [STARTER]),
        (faults.reset_after, [WHOLE]),
        (faults.cut_short, [WHOLE]),
        (wrongs.cut_before, []),
        (wrongs.cut_after, [WHOLE]),
    ],
)
def test_a_connection_that_ends_too_early_is_an_error_of_the_network(
    github: GitHubSimulator, release: Release, fault: Fault, remains: list[tuple[AssetState, int]]
) -> None:
    """What GitHub then has differs: nothing, a starter, or all of it."""
    github.fault(Call.UPLOAD, fault)

    with pytest.raises(requests.RequestException):
        upload(github, release)

    assert left(release) == remains
    assert release.files == ({"a.jsonl": LARGE} if remains == [WHOLE] else {})


@pytest.mark.parametrize(
    ("fault", "status", "remains"),
    [
        (faults.failed_upload, 502, [STARTER]),
        (faults.acted_then(wrongs.status(500)), 500, [WHOLE]),
        (faults.page_of_html(503), 503, []),
        (faults.refused(409, "conflict"), 409, []),
        (wrongs.redirect("https://elsewhere.example/"), 307, []),
        (wrongs.reply(b"{", 201), 201, []),
        (faults.document({"id": 1}, 201), 201, []),
        (wrongs.flood(2, code=201), 201, []),
    ],
)
def test_an_answer_may_be_wrong_whatever_was_done(
    github: GitHubSimulator,
    release: Release,
    fault: Fault,
    status: int,
    remains: list[tuple[AssetState, int]],
) -> None:
    """The whole body is taken first, so that the client hears the answer."""
    github.fault(Call.UPLOAD, fault)

    answer = upload(github, release)

    assert answer.status_code == status
    assert "X-RateLimit-Remaining" in answer.headers
    assert left(release) == remains
    assert github.requests[0].body_bytes == len(LARGE)
    assert github.requests[0].status == status


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize("retry_after", [None, 7])
def test_a_secondary_limit_may_say_how_long(
    github: GitHubSimulator, release: Release, code: int, retry_after: int | None
) -> None:
    """Or not; there are requests left all the same."""
    github.fault(Call.UPLOAD, faults.secondary_limit(retry_after=retry_after, code=code))

    answer = upload(github, release)

    assert answer.status_code == code
    assert "secondary rate limit" in answer.json()["message"]
    assert answer.headers.get("Retry-After") == (None if retry_after is None else "7")
    assert int(answer.headers["X-RateLimit-Remaining"]) > 0


def test_a_primary_limit_says_when_there_is_more() -> None:
    """By the simulator's clock, which a test may hold."""
    with GitHubSimulator(clock=FakeClock()) as github:
        release = github.add_release("v1.0.0")
        github.fault(Call.UPLOAD, faults.primary_limit(seconds=90))

        answer = upload(github, release)

    reset = (START + timedelta(seconds=90)).timestamp()
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert answer.headers["X-RateLimit-Reset"] == f"{reset:.0f}"
    assert answer.headers["Date"] == "Fri, 02 Jan 2026 03:04:05 GMT"


def test_faults_come_in_their_order_and_then_for_ever(
    github: GitHubSimulator, release: Release
) -> None:
    """Until they are healed; other calls do not meet them."""
    github.fault(Call.UPLOAD, wrongs.status(500), wrongs.status(501))
    github.always(Call.UPLOAD, wrongs.status(503))

    statuses = [upload(github, release, b"x").status_code for _ in range(4)]
    github.heal()

    assert statuses == [500, 501, 503, 503]
    assert upload(github, release, b"x").status_code == 201
    assert github.count(Call.UPLOAD) == 5
    assert github.count(Call.LIST_ASSETS) == 0
    assert len(github.gaps(Call.UPLOAD)) == 4


def test_a_server_that_says_nothing_lets_go_at_the_end(release: Release) -> None:
    """A client with a time limit gives up; the simulator's end does not wait for anyone."""
    with GitHubSimulator() as github:
        github.always(Call.LIST_RELEASES, wrongs.black_hole)
        url = f"{github.url}/repos/{REPOSITORY}/releases"
        with pytest.raises(requests.Timeout):
            requests.get(url, timeout=0.2)
        began = time.monotonic()

    assert time.monotonic() - began < 5
    assert release.draft


def test_a_body_that_a_fault_left_unread_is_not_held_against_the_client(
    github: GitHubSimulator,
) -> None:
    """It was good JSON; the simulator did not look."""
    github.fault(Call.GENERATE_NOTES, faults.reset_before)
    url = f"{github.url}/repos/{REPOSITORY}/releases/generate-notes"

    with pytest.raises(requests.ConnectionError):
        requests.post(url, json={"tag_name": "v1"}, timeout=5)

    assert github.violations == []
