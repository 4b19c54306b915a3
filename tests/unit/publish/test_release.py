"""The release as a target: what it refuses, what it reuses, and how an upload is settled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import PermissionMissingError, PublishError, SlsaGenError, UsageError
from slsa_gen.reasons import Reason
from tests.support.clock import FakeClock
from tests.support.github_api import GitHubSimulator
from tests.support.github_api_calls import Call
from tests.support.github_api_faults import acted_then, document, reset_after, reset_before
from tests.support.github_api_state import AssetState, Contents
from tests.support.release_runs import LIMITS, NAME, TAG, ReleaseRuns
from tests.support.wrongs import rewrite, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slsa_gen.publish.release import ReleaseTarget
    from tests.support.wrongs import Exchange

pytestmark = pytest.mark.network

CONTENT = b'{"bundle":0}\n'


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[ReleaseRuns]:
    """Return the target's surroundings, with a simulator of the test's own."""
    clock = FakeClock()
    with GitHubSimulator(clock=clock) as github:
        yield ReleaseRuns(tmp_path, github, clock)


def _ready(runs: ReleaseRuns) -> ReleaseTarget:
    """Return a target that was looked at."""
    target = runs.target()
    assert target.existing() is None
    target.check()
    return target


def test_a_bundle_becomes_an_asset_of_the_draft(runs: ReleaseRuns) -> None:
    """Its bytes and its name are those that were handed in."""
    runs.github.add_release(TAG, draft=True)

    publication = _ready(runs).publish(CONTENT)

    (asset,) = runs.github.release(TAG).assets
    assert (asset.name, asset.data, asset.content_type) == (NAME, CONTENT, "application/jsonl")
    assert publication.outcome.value == "published"
    assert publication.asset == NAME
    assert publication.draft == TAG
    assert publication.location.endswith(f"/{NAME}")


def test_who_sees_a_draft_is_not_asked_for_more(runs: ReleaseRuns) -> None:
    """Only who may write sees it; of a published release the permission is asked."""
    runs.github.add_release(TAG, draft=True)
    _ready(runs)
    assert runs.github.count(Call.GENERATE_NOTES) == 0

    runs.github.releases.clear()
    runs.github.add_release(TAG)
    publication = _ready(runs).publish(CONTENT)
    assert runs.github.count(Call.GENERATE_NOTES) == 1
    assert publication.draft == ""


def test_a_tag_without_a_release_is_refused(runs: ReleaseRuns) -> None:
    """With the command that makes one."""
    with pytest.raises(PublishError) as caught:
        runs.target().existing()

    assert caught.value.reason is Reason.RELEASE_NOT_FOUND
    assert f"gh release create {TAG} --draft --repo octo-org/octo-repo" in caught.value.hint


def test_a_draft_that_the_token_may_not_see_may_be_there(runs: ReleaseRuns) -> None:
    """The message does not claim that there is none."""
    runs.github.add_release(TAG, draft=True)
    runs.token = runs.github.add_token(Contents.READ)

    with pytest.raises(PublishError) as caught:
        runs.target().existing()

    assert "or only a draft that this token may not see" in caught.value.message
    assert "contents: write" in caught.value.hint


def test_two_drafts_of_a_tag_are_refused(runs: ReleaseRuns) -> None:
    """Nothing says which is meant; their pages are named."""
    runs.github.add_release(TAG, draft=True)
    runs.github.add_release(TAG, draft=True)

    with pytest.raises(PublishError) as caught:
        runs.target().existing()

    assert caught.value.reason is Reason.RELEASE_AMBIGUOUS
    assert caught.value.hint.count("/releases/tag/untagged-") == 2


def test_a_published_release_wins_over_drafts_of_its_tag(runs: ReleaseRuns) -> None:
    """It is the one that the tag names."""
    runs.github.add_release(TAG, draft=True)
    published = runs.github.add_release(TAG)

    _ready(runs).publish(CONTENT)

    assert published.files == {NAME: CONTENT}


def test_an_immutable_release_takes_nothing(runs: ReleaseRuns) -> None:
    """Told before anything is signed, with the order that works."""
    runs.github.add_release(TAG, immutable=True)
    target = runs.target()
    assert target.existing() is None

    with pytest.raises(PublishError) as caught:
        target.check()

    assert caught.value.reason is Reason.RELEASE_IMMUTABLE
    assert "leave --upload-assets out" in caught.value.hint
    assert "gh release create TAG --draft" in caught.value.hint  # of the next release
    assert runs.github.count(Call.UPLOAD) == 0


def test_an_immutable_release_that_has_the_bundle_hands_it_out(runs: ReleaseRuns) -> None:
    """A re-run after the release was published ends with it."""
    release = runs.github.add_release(TAG, immutable=True)
    runs.github.add_asset(release, NAME, CONTENT)
    target = runs.target()

    assert target.existing() == CONTENT
    assert target.reused().location.endswith(f"/{NAME}")
    with pytest.raises(UsageError) as caught:
        target.refuse_existing("it speaks of other subjects")
    assert "and is immutable" in caught.value.message


def test_a_full_release_takes_nothing(runs: ReleaseRuns) -> None:
    """GitHub's limit is 1,000 assets; an unfinished one of our name makes room."""
    runs.limits = replace(LIMITS, release_assets=2)
    release = runs.github.add_release(TAG, draft=True)
    runs.github.add_asset(release, "a", b"a")
    runs.github.add_asset(release, NAME, state=AssetState.STARTER)
    _ready(runs)
    runs.github.add_asset(release, "b", b"b")
    target = runs.target()
    assert target.existing() is None

    with pytest.raises(PublishError) as caught:
        target.check()

    assert caught.value.reason is Reason.RELEASE_FULL
    assert "has 2 assets" in caught.value.message


def test_a_token_that_may_not_write_is_refused_before_anything_is_signed(
    runs: ReleaseRuns,
) -> None:
    """The release is published, so that reading it proves nothing."""
    runs.github.add_release(TAG)
    runs.token = runs.github.add_token(Contents.READ)
    target = runs.target()
    assert target.existing() is None

    with pytest.raises(PermissionMissingError) as caught:
        target.check()

    assert caught.value.reason is Reason.RELEASE_PERMISSION
    assert runs.github.count(Call.UPLOAD) == 0


def test_another_asset_of_the_name_is_never_replaced(runs: ReleaseRuns) -> None:
    """The message says in what it differs, and both ways out."""
    runs.github.add_asset(runs.github.add_release(TAG), NAME, b"theirs")
    target = runs.target()
    assert target.existing() == b"theirs"

    with pytest.raises(UsageError) as caught:
        target.refuse_existing("it speaks of other subjects")

    assert caught.value.reason is Reason.RELEASE_ASSET_EXISTS
    assert "it speaks of other subjects" in caught.value.message
    assert f"gh release delete-asset {TAG} {NAME} --repo octo-org/octo-repo" in caught.value.hint
    assert "--provenance-name" in caught.value.hint


def test_an_asset_larger_than_any_bundle_file_is_not_downloaded(runs: ReleaseRuns) -> None:
    """Its size is in the list."""
    runs.limits = replace(LIMITS, bundle_file_bytes=3)
    runs.github.add_asset(runs.github.add_release(TAG), NAME, b"1234")

    with pytest.raises(UsageError, match="it has 4 bytes, more than any bundle file"):
        runs.target().existing()

    assert runs.github.count(Call.GET_ASSET) == 0


def test_what_a_broken_upload_left_is_cleared_away(runs: ReleaseRuns) -> None:
    """GitHub keeps an empty asset, which is in the way of the next upload."""
    release = runs.github.add_release(TAG, draft=True)
    runs.github.add_asset(release, NAME, state=AssetState.STARTER)
    runs.github.add_asset(release, "other", state=AssetState.STARTER)

    _ready(runs).publish(CONTENT)

    assert release.files == {NAME: CONTENT}
    assert [a.name for a in release.assets] == ["other", NAME]


def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(runs: ReleaseRuns) -> None:
    """GitHub had acted."""
    runs.github.add_release(TAG, draft=True)
    runs.github.fault(Call.UPLOAD, reset_after)

    publication = _ready(runs).publish(CONTENT)

    assert publication.outcome.value == "published"
    assert runs.github.count(Call.UPLOAD) == 1
    assert runs.github.release(TAG).files == {NAME: CONTENT}


def test_a_lost_answer_is_compared_by_bytes_where_there_is_no_digest(runs: ReleaseRuns) -> None:
    """The digest in the list is younger than GitHub."""
    runs.github.add_release(TAG, draft=True)
    target = _ready(runs)
    runs.github.fault(Call.UPLOAD, reset_after)

    def forget(documents: object) -> None:
        assert isinstance(documents, list)
        for entry in documents:
            entry["digest"] = None

    runs.github.fault(Call.LIST_ASSETS, rewrite(forget))
    target.publish(CONTENT)

    assert runs.github.count(Call.GET_ASSET) == 1
    assert runs.github.count(Call.UPLOAD) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digest", f"sha256:{'0' * 64}"),
        ("digest", None),
        ("size", 1),
        ("name", "other"),
        ("state", "starter"),
        ("id", "none"),
    ],
)
def test_an_answer_that_does_not_say_what_was_sent_is_looked_up(
    runs: ReleaseRuns, name: str, value: object
) -> None:
    """The list decides; here the asset is as it must be."""
    runs.github.add_release(TAG, draft=True)
    target = _ready(runs)
    runs.github.fault(Call.UPLOAD, rewrite(lambda d: d.__setitem__(name, value)))

    target.publish(CONTENT)

    assert runs.github.count(Call.LIST_ASSETS) == 2
    assert runs.github.count(Call.UPLOAD) == 1
    assert runs.github.release(TAG).files == {NAME: CONTENT}


@pytest.mark.parametrize("content", [b"theirs, of another length", b"x" * len(CONTENT)])
def test_another_job_s_asset_that_came_meanwhile_is_left_and_told(
    runs: ReleaseRuns, content: bytes
) -> None:
    """GitHub says that the name is taken; what took it is not ours."""
    release = runs.github.add_release(TAG, draft=True)
    target = _ready(runs)
    runs.github.add_asset(release, NAME, content)

    with pytest.raises(PublishError) as caught:
        target.publish(CONTENT)

    assert caught.value.reason is Reason.RELEASE_ASSET_DIFFERS
    assert "expected 13 bytes with sha256:" in caught.value.message
    assert release.files == {NAME: content}


def test_the_same_asset_that_came_meanwhile_is_ours(runs: ReleaseRuns) -> None:
    """The same digest under the same name is done, whoever sent it."""
    release = runs.github.add_release(TAG, draft=True)
    target = _ready(runs)
    runs.github.add_asset(release, NAME, CONTENT)

    assert target.publish(CONTENT).outcome.value == "published"
    assert len(release.assets) == 1


def test_an_asset_that_is_stored_wrongly_is_told(runs: ReleaseRuns) -> None:
    """The answer is lost, and the list has another digest."""
    release = runs.github.add_release(TAG, draft=True)
    target = _ready(runs)

    def spoil(exchange: Exchange) -> None:
        exchange.ask()
        release.assets[0].digest = f"sha256:{'0' * 64}"
        exchange.cut()

    runs.github.fault(Call.UPLOAD, spoil)

    with pytest.raises(PublishError) as caught:
        target.publish(CONTENT)

    assert caught.value.reason is Reason.RELEASE_ASSET_DIFFERS
    assert f"got {len(CONTENT)} bytes with sha256:000" in caught.value.message
    assert runs.github.count(Call.UPLOAD) == 1


def test_the_upload_is_sent_again_when_nothing_arrived(runs: ReleaseRuns) -> None:
    """Each time it is looked first."""
    runs.github.add_release(TAG, draft=True)
    runs.github.fault(Call.UPLOAD, reset_before, status(502))

    _ready(runs).publish(CONTENT)

    assert [s.call for s in runs.github.requests[3:]] == [
        Call.UPLOAD,
        Call.LIST_ASSETS,
        Call.UPLOAD,
        Call.LIST_ASSETS,
        Call.UPLOAD,
    ]


def test_an_empty_list_after_already_exists_is_asked_again(runs: ReleaseRuns) -> None:
    """A list may lag behind."""
    release = runs.github.add_release(TAG, draft=True)
    target = _ready(runs)
    runs.github.add_asset(release, NAME, CONTENT)
    runs.github.fault(Call.LIST_ASSETS, document([]))

    target.publish(CONTENT)

    assert release.files == {NAME: CONTENT}


def test_an_answer_after_acting_that_is_no_document_is_looked_up(runs: ReleaseRuns) -> None:
    """A proxy's page instead of GitHub's 201."""
    runs.github.add_release(TAG, draft=True)
    target = _ready(runs)
    runs.github.fault(Call.UPLOAD, acted_then(document("hello", 201)))

    target.publish(CONTENT)

    assert runs.github.count(Call.UPLOAD) == 1


@pytest.mark.parametrize(
    ("reason", "by_hand"),
    [
        (Reason.SERVICE_FAILED, True),
        (Reason.RELEASE_PERMISSION, True),
        (Reason.RELEASE_NOT_FOUND, True),
        (Reason.RELEASE_IMMUTABLE, False),
        (Reason.RELEASE_ASSET_DIFFERS, False),
        (Reason.RELEASE_FULL, False),
    ],
)
def test_a_failure_says_where_the_bundle_is_and_how_to_go_on(
    runs: ReleaseRuns, reason: Reason, *, by_hand: bool
) -> None:
    """The command that uploads it is shown where it would do."""
    error = SlsaGenError("it failed", reason=reason, hint="Do this.")

    runs.target().explain_kept(error)

    assert error.message == f"it failed; the bundle is kept in {str(runs.file)!r}"
    command = f"gh release upload {TAG} {runs.file} --repo octo-org/octo-repo"
    assert (command in error.hint) is by_hand
    assert error.hint.split("\n\n")[0] == "Do this."
    assert ("signs nothing anew" in error.hint) == (reason is not Reason.RELEASE_IMMUTABLE)


def test_the_command_gives_a_file_the_name_of_its_asset(runs: ReleaseRuns) -> None:
    """GitHub's tool names an asset as the file is named."""
    error = SlsaGenError("it failed", reason=Reason.SERVICE_FAILED)

    runs.target(asset="other.intoto.jsonl").explain_kept(error)

    assert f"cp {runs.file} other.intoto.jsonl && gh release upload" in error.hint
