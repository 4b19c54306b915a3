"""``slsa-gen attest --upload-assets`` as a user types it, against the simulator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from tests.support.clock import PatientClock
from tests.support.github_api import GitHubSimulator
from tests.support.github_api_calls import Call
from tests.support.github_api_faults import refused, reset_after
from tests.support.github_api_state import Contents
from tests.support.wrongs import status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import CommandLine, Outcome

pytestmark = pytest.mark.network

TAG = "v1.2.3"
NAME = "app.tar.gz.intoto.jsonl"


@pytest.fixture
def github() -> Iterator[GitHubSimulator]:
    """Serve the simulator for the sandbox's repository."""
    with GitHubSimulator("sandbox/sandbox") as simulator:
        yield simulator


@pytest.fixture
def attest(cli: CommandLine, github: GitHubSimulator) -> CommandLine:
    """Return the command line with the simulator in reach, and a file to attest."""
    cli.variables |= github.variables
    cli.clock = PatientClock(SystemClock().now())
    cli.write("app.tar.gz")
    return cli


def _run(attest: CommandLine, *more: str) -> Outcome:
    return attest(
        *("attest", "--sigstore", "sandbox", "app.tar.gz"),
        *("--upload-assets", "--upload-tag-name", TAG, *more),
    )


def test_the_bundle_is_on_the_draft_and_beside_the_file(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """The report has a line for it, and says that the draft is to be published."""
    github.add_release(TAG, draft=True)

    outcome = _run(attest)

    assert outcome.code == 0, outcome.err
    content = (attest.folder / NAME).read_bytes()
    assert github.release(TAG).files == {NAME: content}
    assert f"bundle:  {NAME}\n" in outcome.out
    assert f"release: uploaded: {NAME}  http://127.0.0.1:" in outcome.out
    command = f"gh release edit {TAG} --draft=false --repo sandbox/sandbox"
    assert f"The release is a draft. To publish it: {command}\n" in outcome.out


def test_a_fresh_machine_ends_with_the_bundle_that_the_release_has(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """Also when the release was published as immutable meanwhile; nothing is signed anew."""
    release = github.add_release(TAG, draft=True)
    assert _run(attest).code == 0
    release.draft, release.immutable = False, True
    content = (attest.folder / NAME).read_bytes()
    (attest.folder / NAME).unlink()

    outcome = _run(attest, "--format", "json")

    (result,) = outcome.results
    file, asset = result["publications"]
    assert outcome.code == 0
    assert (file["target"], file["outcome"]) == ("file", "written")
    assert (asset["target"], asset["outcome"], asset["draft"]) == ("release", "reused", False)
    assert (attest.folder / NAME).read_bytes() == content
    assert github.count(Call.UPLOAD) == 1
    assert [entry["index"] for entry in result["logEntries"]] == [0]


def test_another_machine_s_release_asset_verifies(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """What is on the release is evidence as it stands."""
    github.add_release(TAG, draft=True)
    assert _run(attest).code == 0
    (attest.folder / NAME).write_bytes(github.release(TAG).files[NAME])

    verified = attest("verify", "app.tar.gz", "--repo", "sandbox/sandbox", "--sigstore", "sandbox")

    assert verified.code == 0, verified.out + verified.err


def test_a_failed_upload_leaves_result_and_error_in_one_document(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """Exit code 3; the bundle is kept, and the same command then uploads it."""
    github.add_release(TAG, draft=True)
    github.always(Call.UPLOAD, status(500))

    outcome = _run(attest, "--format", "json", "--retry-budget", "20")

    assert outcome.code == 3
    (result,) = outcome.results
    file, release = result["publications"]
    assert (file["outcome"], file["url"]) == ("written", NAME)
    assert release == {
        "target": "release",
        "outcome": "failed",
        "url": "",
        "reason": "service.failed",
    }
    (error,) = outcome.document["errors"]
    assert error["reason"] == "service.failed"
    assert f"the bundle is kept in '{NAME}'" in error["message"]
    assert f"gh release upload {TAG} {NAME} --repo sandbox/sandbox" in error["hint"]
    assert outcome.reason == "service.failed"
    content = (attest.folder / NAME).read_bytes()

    github.heal()
    again = _run(attest)
    assert again.code == 0
    assert "already attested" in again.out
    assert github.release(TAG).files == {NAME: content}


def test_a_failed_upload_is_told_to_people_too(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """The report is on standard output, the error on standard error."""
    github.add_release(TAG, draft=True)
    github.always(Call.UPLOAD, refused(403, "Resource not accessible by integration"))

    outcome = _run(attest)

    assert outcome.code == 3
    assert outcome.reason == "release.permission"
    assert "contents: write" in outcome.err
    assert "release: failed (release.permission): see the error\n" in outcome.out
    assert github.count(Call.UPLOAD) == 1


def test_a_lost_answer_makes_no_second_asset(attest: CommandLine, github: GitHubSimulator) -> None:
    """It is looked up; the wait is announced."""
    github.add_release(TAG, draft=True)
    github.fault(Call.UPLOAD, reset_after)

    outcome = _run(attest)

    assert outcome.code == 0
    assert "trying again in" in outcome.err
    assert len(github.release(TAG).assets) == 1
    assert github.count(Call.UPLOAD) == 1


def test_what_is_refused_is_refused_before_anything_is_signed(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """No file, no entry in the log: afterwards the first entry has the number 0."""
    reasons = [_run(attest).reason]
    attest.variables["GITHUB_TOKEN"] = github.add_token(Contents.READ)
    release = github.add_release(TAG)
    reasons.append(_run(attest).reason)
    attest.variables["GITHUB_TOKEN"] = github.token
    github.add_asset(release, NAME, b"theirs\n")
    refused_asset = _run(attest)
    reasons.append(refused_asset.reason)

    assert reasons == ["release.not-found", "release.permission", "release.asset-exists"]
    assert refused_asset.code == 2
    assert not (attest.folder / NAME).exists()
    release.assets.clear()
    document = json.loads(_run(attest, "--format", "json").out)
    assert document["results"][0]["logEntries"][0]["index"] == 0


def test_a_dry_run_asks_github_for_nothing(attest: CommandLine, github: GitHubSimulator) -> None:
    """It prints the statement, with a token or without."""
    del attest.variables["GITHUB_TOKEN"]

    outcome = _run(attest, "--dry-run")

    assert outcome.code == 0
    assert json.loads(outcome.out)["subject"][0]["name"] == "app.tar.gz"
    assert github.requests == []


def test_the_sandbox_uploads_to_no_release_of_github_s(attest: CommandLine) -> None:
    """A run's own GITHUB_API_URL is github.com's."""
    attest.variables["GITHUB_API_URL"] = "https://api.github.com"

    outcome = _run(attest)

    assert outcome.code == 2
    assert outcome.reason == "release.sandbox"
    assert not (attest.folder / NAME).exists()


def test_the_token_is_in_no_output_and_no_file(
    attest: CommandLine, github: GitHubSimulator
) -> None:
    """Whatever GitHub answers, and however much is said."""
    github.add_release(TAG, draft=True)
    github.always(Call.UPLOAD, refused(422, f"what is {github.token}?"))

    outcome = _run(attest, "-vv", "--format", "json")

    assert outcome.code == 3
    for text in (outcome.out, outcome.err, (attest.folder / NAME).read_text()):
        assert github.token not in text
    assert "what is [token]?" in outcome.err
