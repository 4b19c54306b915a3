"""Releases and assets at the simulator: found, listed, downloaded, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import PermissionMissingError, PublishError, ServiceError
from slsa_gen.reasons import Reason
from tests.support.clock import FakeClock
from tests.support.github_api import GitHubSimulator
from tests.support.github_api_calls import Call
from tests.support.github_api_faults import refused
from tests.support.github_api_state import Contents
from tests.support.release_runs import LIMITS, TAG, ReleaseRuns
from tests.support.wire import answer, serving
from tests.support.wrongs import redirect, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slsa_gen.github.release_documents import Asset

pytestmark = pytest.mark.network


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[ReleaseRuns]:
    """Return a client's surroundings, with a simulator of the test's own."""
    clock = FakeClock()
    with GitHubSimulator(clock=clock) as github:
        yield ReleaseRuns(tmp_path, github, clock)


def _asset(runs: ReleaseRuns, data: bytes = b"abc") -> Asset:
    """Put an asset on a release and return it as the API shows it."""
    runs.github.add_asset(runs.github.add_release(TAG), "a", data)
    releases = runs.releases()
    release = releases.of_tag(TAG).published
    assert release is not None
    (asset,) = releases.assets(release)
    return asset


@pytest.mark.parametrize("tag", ["v1", "group/v1", "v1+é", "a%2Fb", "v1?x#y"])
def test_a_published_release_is_found_by_its_tag(runs: ReleaseRuns, tag: str) -> None:
    """Whatever characters it holds; the list is not asked for."""
    runs.github.add_release(tag)

    listed = runs.releases().of_tag(tag)

    assert listed.published is not None
    assert listed.published.tag == tag
    assert runs.github.count(Call.LIST_RELEASES) == 0


def test_drafts_are_found_in_the_list_on_any_page(runs: ReleaseRuns) -> None:
    """More than one draft may carry a tag."""
    runs.github.add_release(TAG, draft=True)
    for number in range(220):
        runs.github.add_release(f"other{number}", draft=True)
    runs.github.add_release(TAG, draft=True)

    listed = runs.releases().of_tag(TAG)

    assert listed.published is None
    assert len(listed.drafts) == 2
    assert runs.github.count(Call.LIST_RELEASES) == 3


def test_a_release_that_is_published_meanwhile_counts_as_such(runs: ReleaseRuns) -> None:
    """Between the question for the tag and the list somebody may publish it."""
    runs.github.add_release(TAG)
    runs.github.fault(Call.GET_BY_TAG, refused(404, "Not Found"))

    listed = runs.releases().of_tag(TAG)

    assert listed.published is not None
    assert listed.drafts == ()


def test_a_list_without_an_end_is_given_up(runs: ReleaseRuns) -> None:
    """A server could go on for ever."""
    runs.limits = replace(LIMITS, list_pages=2)
    for number in range(201):
        runs.github.add_release(f"other{number}", draft=True)

    with pytest.raises(PublishError) as caught:
        runs.releases().of_tag(TAG)

    assert caught.value.reason is Reason.RELEASE_NOT_FOUND
    assert "goes beyond 200 entries" in caught.value.message
    assert runs.github.count(Call.LIST_RELEASES) == 2


def test_a_page_longer_than_was_asked_for_is_refused(runs: ReleaseRuns) -> None:
    """It is no page of GitHub's."""
    runs.github.fault(Call.LIST_RELEASES, reply(b"[" + b"{}," * 100 + b"{}]"))

    with pytest.raises(PublishError, match="no list of at most 100 entries") as caught:
        runs.releases().of_tag(TAG)

    assert caught.value.reason is Reason.RELEASE_ANSWER


def test_an_asset_s_bytes_come_from_the_storage_without_the_token(runs: ReleaseRuns) -> None:
    """One hop by hand."""
    asset = _asset(runs)

    assert runs.releases().download(asset) == b"abc"

    (seen,) = runs.github.downloads
    assert "authorization" not in seen.headers
    assert seen.path.startswith("/storage/")


def test_other_bytes_than_the_digest_s_are_refused(runs: ReleaseRuns) -> None:
    """The storage is another host, and may be wrong."""
    asset = _asset(runs)
    runs.github.release(TAG).asset("a").data = b"xyz"

    with pytest.raises(PublishError) as caught:
        runs.releases().download(asset)

    assert caught.value.reason is Reason.RELEASE_ANSWER
    assert asset.digest is not None
    assert asset.digest in caught.value.message


def test_without_a_digest_the_size_is_compared(runs: ReleaseRuns) -> None:
    """What was uploaded before 2025 has none."""
    asset = replace(_asset(runs), digest=None)
    assert runs.releases().download(asset) == b"abc"

    with pytest.raises(PublishError):
        runs.releases().download(replace(asset, size=4))
    with pytest.raises(ServiceError) as caught:
        runs.releases().download(replace(asset, size=2))
    assert caught.value.reason is Reason.SERVICE_ANSWER_TOO_LARGE


@pytest.mark.parametrize(
    "location",
    [
        "http://storage.example/x?sig=secret",
        "ftp://storage.example/x",
        "file:///etc/passwd",
        "https://me:secret@storage.example/x",
        "//127.0.0.1/x",
        "",
    ],
)
def test_an_address_that_is_not_asked_is_refused(runs: ReleaseRuns, location: str) -> None:
    """Only https, and loopback where the API is there itself."""
    asset = _asset(runs)
    runs.github.always(Call.GET_ASSET, redirect(location, 302))

    with pytest.raises(ServiceError) as caught:
        runs.releases().download(asset)

    assert caught.value.reason is Reason.SERVICE_REDIRECT
    assert "secret" not in caught.value.message


def test_github_cannot_point_to_this_machine(runs: ReleaseRuns) -> None:
    """Where the API is not local, a hop to loopback would read what is here."""
    asset = _asset(runs)
    releases = runs.releases()
    with serving(answer(b"abc")) as server:
        runs.github.always(Call.GET_ASSET, redirect(f"{server.url}/x", 302))
        assert releases.download(asset) == b"abc"
        request = releases.api.request("GET", f"/releases/assets/{asset.identifier}", max_bytes=3)
        releases.api.hosts = replace(releases.api.hosts, api="https://api.github.com")
        with pytest.raises(ServiceError) as caught:
            releases.api.repeat(lambda seconds: releases._fetch(request, seconds))
        assert caught.value.reason is Reason.SERVICE_REDIRECT
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        answer(b"a", length=3),
        answer(b"", "500 Internal Server Error"),
        answer(b"", "503 Slow Down", "Retry-After: 7\r\n"),
        answer(b"", "429 Too Many Requests", "Retry-After: 7\r\n"),
        answer(b"", "408 Request Timeout"),
        b"",
    ],
    ids=["cut short", "500", "503", "429", "408", "closed"],
)
def test_a_fault_of_the_storage_that_passes_is_got_over(runs: ReleaseRuns, wrong: bytes) -> None:
    """GitHub is asked for the address again each time: it is good for minutes only."""
    asset = _asset(runs)
    with serving(wrong, answer(b"abc")) as server:
        runs.github.always(Call.GET_ASSET, redirect(f"{server.url}/x?sig=secret", 302))
        assert runs.releases().download(asset) == b"abc"

    assert runs.github.count(Call.GET_ASSET) == 2
    assert "secret" not in "".join(runs.notices)
    assert all("authorization" not in head.lower() for head in server.heads)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (answer(b"", "404 Not Found"), Reason.RELEASE_NOT_FOUND),
        (answer(b"<Error/>", "403 Forbidden"), Reason.RELEASE_REFUSED),
        (answer(b"xyz"), Reason.RELEASE_ANSWER),
        (answer(b"ab"), Reason.RELEASE_ANSWER),
        (answer(b"abcd"), Reason.SERVICE_ANSWER_TOO_LARGE),
    ],
    ids=["404", "403", "other bytes", "fewer bytes", "more bytes"],
)
def test_a_fault_of_the_storage_that_lasts_is_told(
    runs: ReleaseRuns, wrong: bytes, reason: Reason
) -> None:
    """Nothing of the address, whose query is a key, is in the message."""
    asset = _asset(runs)
    with serving(wrong) as server:
        runs.github.always(Call.GET_ASSET, redirect(f"{server.url}/x?sig=secret", 302))
        with pytest.raises(ServiceError) as caught:
            runs.releases().download(asset)

    assert caught.value.reason is reason
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"


def test_a_second_hop_is_not_made(runs: ReleaseRuns) -> None:
    """The storage answers, or it does not."""
    asset = _asset(runs)
    with serving(answer(b"", "302 Found", f"Location: {runs.github.web}/x\r\n")) as server:
        runs.github.always(Call.GET_ASSET, redirect(f"{server.url}/x", 302))
        with pytest.raises(ServiceError) as caught:
            runs.releases().download(asset)

    assert caught.value.reason is Reason.SERVICE_REDIRECT
    assert runs.github.downloads == []


def test_what_is_gone_already_is_deleted(runs: ReleaseRuns) -> None:
    """Somebody was faster, or our own answer was lost."""
    asset = _asset(runs)
    releases = runs.releases()

    releases.delete(asset)
    releases.delete(asset)

    assert runs.github.release(TAG).assets == []


@pytest.mark.parametrize(
    ("contents", "allowed"),
    [(Contents.WRITE, True), (Contents.READ, False), (Contents.NONE, False)],
)
def test_whether_the_token_may_write_is_asked_without_a_change(
    runs: ReleaseRuns, contents: Contents, *, allowed: bool
) -> None:
    """Nothing is kept of the question."""
    runs.github.add_release(TAG)
    runs.token = runs.github.add_token(contents)

    if allowed:
        runs.releases().may_write(TAG)
    else:
        with pytest.raises(PermissionMissingError) as caught:
            runs.releases().may_write(TAG)
        assert caught.value.reason is Reason.RELEASE_PERMISSION
        assert "contents: write" in caught.value.hint
    assert len(runs.github.releases) == 1
    assert runs.github.releases[0].notes is None
