"""Predicate from token A, certificate from token B: refused when signing and when verifying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.model.identity import BUILD_FIELDS
from slsa_gen.sandbox.fulcio import _EXTENSIONS
from tests.support.mistaken import OTHER_RUN, MistakenSandbox
from tests.support.sandboxes import client_config

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import CommandLine, Outcome

pytestmark = pytest.mark.network

#: Claims that the provenance repeats: a verifier can see the difference, too.
IN_PREDICATE = (
    "ref",
    "sha",
    "repository",
    "repository_id",
    "repository_owner_id",
    "event_name",
    "workflow_ref",
    "job_workflow_ref",
    "runner_environment",
    "run_id",
    "run_attempt",
)


def _attest(cli: CommandLine, folder: Path, changes: dict[str, str], *more: str) -> Outcome:
    cli.write("a")
    with MistakenSandbox(folder, changes) as served:
        cli.write("config.json", client_config(served.instance()))
        before = dict(cli.variables)
        cli.variables |= served.run_variables(cli.folder)
        try:
            return cli("attest", "--sigstore", "config.json", "a", *more)
        finally:
            cli.variables = before


def test_without_a_difference_it_is_signed(cli: CommandLine, sandbox_folder: Path) -> None:
    """The harness itself is right."""
    assert _attest(cli, sandbox_folder, {}).code == 0


@pytest.mark.parametrize("claim", OTHER_RUN)
def test_it_is_refused_when_signing(cli: CommandLine, sandbox_folder: Path, claim: str) -> None:
    """Each claim that the certificate repeats; nothing is written, and the log entry is told."""
    outcome = _attest(cli, sandbox_folder, {claim: OTHER_RUN[claim]})

    assert outcome.code == 3
    assert outcome.reason == "signing.certificate-mismatch"
    assert "nothing was written; the log holds an entry of it" in outcome.err
    assert not list(cli.folder.glob("*.intoto.jsonl"))


@pytest.mark.parametrize("claim", IN_PREDICATE)
def test_it_is_refused_when_verifying(
    cli: CommandLine,
    sandbox_folder: Path,
    claim: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Signed by somebody who does not compare: a consumer's verify does."""
    monkeypatch.setattr("slsa_gen.attest._compare", lambda *_: None)
    assert _attest(cli, sandbox_folder, {claim: OTHER_RUN[claim]}).code == 0
    monkeypatch.undo()
    monkeypatch.chdir(cli.folder)
    repository = "sandbox/other" if claim == "repository" else "sandbox/sandbox"

    outcome = cli(
        *("verify", "a", "--sigstore", "sandbox", "--repo", repository),
        *("--signer-repo", "sandbox/sandbox", "--format", "json"),
    )

    assert outcome.code == 1, outcome.err
    (attestation,) = outcome.results[0]["attestations"]
    failed = {c["reason"] for c in attestation["checks"] if not c["passed"]}
    assert failed == {"predicate.certificate-mismatch"}


def test_every_field_of_a_certificate_is_among_the_claims_tried() -> None:
    """Each extension but the issuer's is made of a claim that is changed above."""
    untried = [
        number
        for number, template in _EXTENSIONS.items()
        if number != "8" and not any(f"{{{claim}}}" in template for claim in OTHER_RUN)
    ]

    assert untried == []
    assert len(_EXTENSIONS) == len(BUILD_FIELDS) + 1  # and the token's subject
