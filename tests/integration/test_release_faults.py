"""Every fault of GitHub at every request of a release's upload: end state, message, exit code.

One test for each fault and each request that it hits: once (it must be got over), and for as
long as the call lasts (it must be told, the bundle kept, and the same command end right as
soon as GitHub is well again). How many combinations there were stands in pytest's summary.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.clock import FakeClock
from tests.support.github_api import GitHubSimulator
from tests.support.github_api_calls import Call
from tests.support.github_api_faults import (
    acted_then,
    cut_short,
    failed_upload,
    page_of_html,
    primary_limit,
    refused,
    reset_after,
    reset_before,
    reset_midway,
    secondary_limit,
)
from tests.support.github_api_state import AssetState
from tests.support.release_runs import LIMITS, NAME, TAG, ReleaseRuns
from tests.support.wrongs import black_hole, flood, pass_on, redirect, reply, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.wrongs import Fault

pytestmark = pytest.mark.network

OK: Final = ""


@dataclass(frozen=True)
class Request:
    """A request, and what there is before so that it is sent."""

    call: Call
    published: bool = False
    leftover: bool = False
    present: bool = False
    #: The upload's answer is lost, and it is the second such request that is hit.
    settling: bool = False


REQUESTS: Final = {
    "find by tag": Request(Call.GET_BY_TAG, published=True),
    "list releases": Request(Call.LIST_RELEASES),
    "list assets": Request(Call.LIST_ASSETS),
    "may write": Request(Call.GENERATE_NOTES, published=True),
    "download": Request(Call.GET_ASSET, present=True),
    "upload": Request(Call.UPLOAD),
    "list after upload": Request(Call.LIST_ASSETS, settling=True),
    "delete": Request(Call.DELETE_ASSET, leftover=True),
}


def _validation_failed(**entry: str) -> Fault:
    body = {"message": "Validation Failed", "errors": [entry], "documentation_url": "https://x"}
    return reply(json.dumps(body).encode(), 422)


_EXISTS: Final = _validation_failed(resource="ReleaseAsset", code="already_exists", field="name")
_SIZE: Final = _validation_failed(resource="ReleaseAsset", code="custom", field="size")

#: What passes: another try does, at once or after the wait that is asked for.
PASSING: Final[dict[str, Fault]] = {
    "reset before": reset_before,
    "reset half-way": reset_midway,
    "reset after": reset_after,
    "answer cut short": cut_short,
    "time-out": black_hole,
    "408": status(408),
    "429": status(429),
    "429 with seconds": secondary_limit(retry_after=7, code=429),
    "429 with a date": status(429, retry_after=7, as_date=True),
    "403 secondary with seconds": secondary_limit(retry_after=7),
    "403 secondary": secondary_limit(),
    "403 primary": primary_limit(seconds=30),
    "429 primary": primary_limit(seconds=30, code=429),
    "500": status(500),
    "500 after acting": acted_then(status(500)),
    "502 page": page_of_html(502),
    "502 and a starter": failed_upload,
    "503 with seconds": status(503, retry_after=7),
}

#: What does not pass by itself.
LASTING: Final[dict[str, Fault]] = {
    "401": refused(401, "Bad credentials"),
    "403 permission": refused(403, "Resource not accessible by integration"),
    "403 other": refused(403, "Repository access blocked"),
    "404": refused(404, "Not Found"),
    "409": refused(409, "Conflict"),
    "422 immutable": refused(422, "Cannot upload assets to an immutable release."),
    "422 exists": _EXISTS,
    "422 size": _SIZE,
    "422 spam": refused(422, "Validation failed, or the endpoint has been spammed."),
    "malformed": reply(b'{"id": 1,'),
    "page of a proxy": page_of_html(200),
    "no release": reply(b"[[]]"),
    "oversized": flood(3),
    "redirect": redirect("https://elsewhere.invalid/x?secret=1"),
}

_UNREACHABLE: Final = "service.unreachable"
_LIMIT: Final = "release.rate-limit"

#: The reason code when a fault lasts; for a request of its own where that differs.
REASONS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("reset before", "reset half-way", "reset after", "answer cut short", "time-out"),
        _UNREACHABLE,
    ),
    "408": "service.refused",
    **dict.fromkeys((n for n in PASSING if n.startswith(("403", "429"))), _LIMIT),
    **dict.fromkeys((n for n in PASSING if n.startswith("5")), "service.failed"),
    "401": "release.token",
    "403 permission": "release.permission",
    "403 other": "release.refused",
    "404": "release.not-found",
    "409": "release.refused",
    "422 immutable": "release.immutable",
    "422 exists": "release.refused",
    "422 size": "release.refused",
    "422 spam": "release.refused",
    "malformed": "release.answer",
    "page of a proxy": "release.answer",
    "no release": "release.answer",
    "oversized": "service.answer-too-large",
    "redirect": "release.moved",
}

#: Where a lasting fault does no harm, or is seen by another request.
EXCEPTIONS: Final[dict[tuple[str, str], str]] = {
    # A lost answer is looked up: the asset is there.
    **dict.fromkeys(
        (("upload", n) for n in ("reset after", "answer cut short", "500 after acting")), OK
    ),
    # The release is found in the list.
    ("find by tag", "404"): OK,
    # These say nothing of the permission, so the upload is left to tell.
    **dict.fromkeys(
        (
            ("may write", n)
            for n in LASTING
            if n not in {"401", "403 permission", "oversized", "redirect"}
        ),
        OK,
    ),
    # There is no body that could be cut.
    ("delete", "answer cut short"): OK,
    ("download", "answer cut short"): OK,
    # A leftover that is said to be gone or deleted, and is not, is in the upload's way.
    **dict.fromkeys(
        (("delete", n) for n in ("404", "malformed", "page of a proxy", "no release")),
        "release.refused",
    ),
    # It is longer than the asset.
    ("download", "page of a proxy"): "service.answer-too-large",
}


def _combinations(faults: dict[str, Fault]) -> list[tuple[str, str]]:
    return [(request, fault) for request in REQUESTS for fault in faults]


@pytest.fixture(scope="module")
def served() -> Iterator[GitHubSimulator]:
    """Serve one simulator for all combinations; on its clock waits cost nothing."""
    with GitHubSimulator(clock=FakeClock()) as simulator:
        yield simulator


@pytest.fixture
def github(served: GitHubSimulator) -> Iterator[GitHubSimulator]:
    """Return the simulator, emptied; what it saw that GitHub does not describe fails the test."""
    served.heal()
    served.releases.clear()
    served.requests.clear()
    served.downloads.clear()
    served.rate.used = 0
    yield served
    violations, served.violations[:] = list(served.violations), []
    assert violations == []


@pytest.fixture
def runs(tmp_path: Path, github: GitHubSimulator) -> ReleaseRuns:
    """Return the pipeline against it."""
    return ReleaseRuns(tmp_path, github, github.clock)


def _prepare(runs: ReleaseRuns, request: Request) -> None:
    """Make what there is before the call."""
    release = runs.github.add_release(TAG, draft=not request.published)
    if request.leftover:
        runs.github.add_asset(release, NAME, state=AssetState.STARTER)
    if request.present:
        runs.github.add_asset(release, NAME, runs.signed_before())


def _plan(runs: ReleaseRuns, request: Request, fault: Fault, *, lasting: bool) -> None:
    """Let the request meet the fault, once or for as long as it is asked."""
    github = runs.github
    if request.settling:
        github.fault(Call.UPLOAD, reset_after)
        github.fault(request.call, pass_on)
    if fault is black_hole:
        # Real seconds: a time-out is the one fault that must be waited for.
        budget = 0.9 if lasting else LIMITS.retry_budget_seconds
        runs.limits = replace(LIMITS, attempt_seconds=0.6, retry_budget_seconds=budget)
    if lasting:
        github.always(request.call, fault)
    else:
        github.fault(request.call, fault)


def _all_well(runs: ReleaseRuns) -> None:
    """Check the end state: one bundle, signed once, the same in the file and on the release."""
    content = runs.file.read_bytes()
    release = runs.github.release(TAG)
    assert [asset.name for asset in release.assets] == [NAME]
    assert release.files == {NAME: content}
    assert content.rstrip(b"\n") in runs.services.known
    assert runs.services.signed == 1


@pytest.mark.parametrize(("where", "what"), _combinations(PASSING))
def test_a_fault_that_passes_is_got_over(runs: ReleaseRuns, where: str, what: str) -> None:
    """One fault at one request: the bundle ends on the release, once, and again changes nothing."""
    request = REQUESTS[where]
    _prepare(runs, request)
    _plan(runs, request, PASSING[what], lasting=False)

    ended = runs.attest()

    assert ended.code == 0, ended.text
    _all_well(runs)
    runs.limits = LIMITS
    again = runs.attest()
    assert again.outcomes == ["reused", "reused"]
    _all_well(runs)


@pytest.mark.parametrize(("where", "what"), _combinations({**PASSING, **LASTING}))
def test_a_fault_that_lasts_is_told_and_nothing_is_lost(
    runs: ReleaseRuns, where: str, what: str
) -> None:
    """The reason is the fault's, the bundle is kept, and the same command then ends right."""
    request = REQUESTS[where]
    _prepare(runs, request)
    _plan(runs, request, {**PASSING, **LASTING}[what], lasting=True)

    ended = runs.attest()

    expected = EXCEPTIONS.get((where, what), REASONS[what])
    assert ended.reasons == ([expected] if expected else []), ended.text
    assert ended.code == (3 if expected else 0)
    assert runs.github.token not in ended.text
    assert "secret=1" not in ended.text
    if expected and ended.result is not None:
        assert ended.outcomes == ["written", "failed"]
        assert runs.file.read_bytes().rstrip(b"\n") in runs.services.known
        assert f"the bundle is kept in {str(runs.file)!r}" in ended.text
        by_hand = expected != "release.immutable"  # nobody can add to that
        assert (f"gh release upload {TAG}" in ended.text) is by_hand
    elif expected:
        assert not runs.file.exists()
        assert runs.services.signed == (1 if request.present else 0)
    runs.github.heal()
    runs.limits = LIMITS
    assert runs.attest().code == 0
    _all_well(runs)
