"""A release workflow from the build to the verdict, with the Action's own steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.sandbox.server import Sandbox
from tests.stack.runner import act
from tests.support.github_api import GitHubSimulator
from tests.support.github_api_calls import Call
from tests.support.sandboxes import ENVIRONMENT, REPOSITORY, client_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.network

TAG: Final = "v1.0.0"
WORKFLOW: Final = """\
name: release
on: push
permissions:
  id-token: write
  contents: write
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - name: Build
        run: |
          mkdir dist
          printf one >dist/app.bin
          printf two >'dist/a name with spaces'
      - name: Attest
        id: attest
        uses: ./
        with:
          subject-path: |
            dist/*
            !dist/*.log
          sigstore: trust-config.json
          upload-assets: true
          upload-tag-name: v1.0.0
      - name: Use the outputs
        env:
          BUNDLE: ${{ steps.attest.outputs.bundle-path }}
          COUNT: ${{ steps.attest.outputs.subject-count }}
          SUBJECTS: ${{ steps.attest.outputs.subjects }}
          ASSETS: ${{ steps.attest.outputs.release-assets }}
        run: |
          test -s "$BUNDLE"
          echo "bundle=$BUNDLE"
          echo "count=$COUNT"
          echo "subjects=$SUBJECTS"
          echo "assets=$ASSETS"
      - name: Begin again, as a re-run does on a fresh machine
        run: |
          rm -r dist
          mkdir dist
          printf one >dist/app.bin
          printf two >'dist/a name with spaces'
      - name: Attest again
        id: again
        uses: ./
        with:
          subject-path: dist/*
          sigstore: trust-config.json
          upload-assets: true
          upload-tag-name: v1.0.0
      - name: Use what the release had
        env:
          AGAIN: ${{ steps.again.outputs.release-assets }}
        run: echo "again=$AGAIN"
      - name: Verify
        id: verify
        uses: ./verify
        with:
          artifacts: dist
          sigstore: trust-config.json
          repo: octo-org/octo-repo
      - name: Change a file
        run: printf . >>dist/app.bin
      - name: Verify again
        id: refused
        uses: ./verify
        continue-on-error: true
        with:
          artifacts: dist/app.bin
          bundle: ${{ steps.attest.outputs.bundle-path }}
          sigstore: trust-config.json
          repo: octo-org/octo-repo
      - name: Attest nothing
        id: nothing
        uses: ./
        continue-on-error: true
        with:
          subject-path: dist/*.exe
          sigstore: trust-config.json
      - name: Say how they ended
        env:
          ACCEPTED: ${{ steps.verify.outputs.accepted-count }}
          REFUSED: ${{ steps.refused.outputs.refused-count }}
        run: |
          echo "accepted=$ACCEPTED refused=$REFUSED"
          echo "outcomes=${{ steps.refused.outcome }},${{ steps.nothing.outcome }}"
"""


@pytest.fixture(scope="module")
def github() -> Iterator[GitHubSimulator]:
    """Serve GitHub's API, with a draft of a release."""
    if not act.ACT:
        pytest.skip(act.ABSENT)
    with GitHubSimulator(REPOSITORY) as simulator:
        simulator.add_release(TAG, draft=True)
        yield simulator


@pytest.fixture
def workflow(github: GitHubSimulator, sandbox_folder: Path, tmp_path: Path) -> Iterator[act.Act]:
    """Return a repository with the Action in it, and its services at hand."""
    with Sandbox(sandbox_folder, SystemClock(), environment=ENVIRONMENT) as sandbox:
        files = {"trust-config.json": client_config(sandbox.instance())}
        yield act.Act(tmp_path, sandbox.run_variables, files, github)


def test_a_workflow_attests_publishes_and_verifies(
    workflow: act.Act, github: GitHubSimulator
) -> None:
    """Later steps use the outputs; what was changed is refused; what is not there is an error."""
    result = workflow.run(WORKFLOW)

    assert result.code == 0, result.text
    bundle = result.said("bundle=")
    assert result.said("count=") == "2"
    names = [subject["name"] for subject in json.loads(result.said("subjects="))]
    assert sorted(names) == ["a name with spaces", "app.bin"]
    assert [asset["outcome"] for asset in json.loads(result.said("assets="))] == ["published"]
    assert [asset["outcome"] for asset in json.loads(result.said("again="))] == ["reused"]
    assert result.said("accepted=") == "2 refused=1"
    assert result.said("outcomes=") == "failure,failure"
    # What a person reads: the job's summary, and an annotation of each refusal.
    assert "flowchart LR" in result.text
    assert "::error title=slsa-gen verify%3A subject.digest-not-in-statement::" in result.text
    assert "::error title=slsa-gen attest%3A subject.no-match::" in result.text
    # The release has the file that the workspace has, sent once.
    assert github.release(TAG).files == {
        bundle.rpartition("/")[2]: (workflow.folder / bundle).read_bytes()
    }
    assert github.count(Call.UPLOAD) == 1
    assert github.token not in result.text
