"""The Action signs with real services: the certificate authority, and the log of either version."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.runner import act
from tests.stack.services.issuer import REPOSITORY
from tests.stack.services.stack import LOGS
from tests.support.github_api import GitHubSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stack.services.stack import Stack

pytestmark = pytest.mark.network

#: The issuer's CA is a file of the workspace: a container sees no other of the machine's.
WORKFLOW: Final = """\
name: release
on: push
permissions:
  id-token: write
jobs:
  release:
    runs-on: ubuntu-latest
    env:
      REQUESTS_CA_BUNDLE: issuer-ca.pem
    steps:
      - name: Build
        run: |
          mkdir dist
          printf one >dist/app.bin
"""
STEPS: Final = """\
      - name: Attest with version LOG
        id: attest-LOG
        uses: ./
        with:
          subject-path: dist/app.bin
          sigstore: trust-config-LOG.json
          output: app-LOG.intoto.jsonl
      - name: Verify with version LOG
        id: verify-LOG
        uses: ./verify
        with:
          artifacts: dist/app.bin
          bundle: app-LOG.intoto.jsonl
          sigstore: trust-config-LOG.json
          repo: octo-org/octo-repo
          signer-workflow: octo-org/octo-repo/.github/workflows/release.yml
          cert-oidc-issuer: ISSUER
      - name: Use the outputs of version LOG
        env:
          COUNT: ${{ steps.attest-LOG.outputs.subject-count }}
          ACCEPTED: ${{ steps.verify-LOG.outputs.accepted-count }}
        run: echo "rekor-vLOG=$COUNT attested, $ACCEPTED accepted"
"""


@pytest.fixture
def workflow(stack: Stack, tmp_path: Path) -> Iterator[act.Act]:
    """Return a repository whose runs get their tokens from the stack's issuer."""
    if not act.ACT:
        pytest.skip(act.ABSENT)
    files = {
        f"trust-config-{log}.json": stack.documents[log].client_config.read_text() for log in LOGS
    }
    files["issuer-ca.pem"] = stack.ca_bundle.read_text()
    with GitHubSimulator(REPOSITORY) as github:
        yield act.Act(tmp_path, lambda folder: _begin(stack, folder), files, github)


def _begin(stack: Stack, folder: Path) -> dict[str, str]:
    """Begin the run of a push, as act has it."""
    head = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    commit = subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()
    workflow = f"{REPOSITORY}/.github/workflows/release.yml@refs/heads/main"
    return stack.issuer.begin(
        sub=f"repo:{REPOSITORY}:ref:refs/heads/main",
        ref="refs/heads/main",
        ref_type="branch",
        event_name="push",
        sha=commit,
        workflow_ref=workflow,
        workflow_sha=commit,
        job_workflow_ref=workflow,
        job_workflow_sha=commit,
    )


def test_a_workflow_attests_with_either_log(workflow: act.Act, stack: Stack) -> None:
    """In the container: the token is verified over TLS, signed for, logged; and verified."""
    steps = "".join(STEPS.replace("LOG", str(log)) for log in LOGS)
    result = workflow.run(WORKFLOW + steps.replace("ISSUER", stack.issuer.url))

    assert result.code == 0, result.text
    for log, hashed in ((1, "dsse"), (2, "hashedrekord")):
        assert result.said(f"rekor-v{log}=") == "1 attested, 1 accepted"
        bundle = json.loads((workflow.folder / f"app-{log}.intoto.jsonl").read_bytes())
        (entry,) = bundle["verificationMaterial"]["tlogEntries"]
        assert entry["kindVersion"]["kind"] == hashed
