"""What we sign with real services, everybody's verifier judges as we do."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.stack.services.clients import CLIENTS
from tests.stack.services.kinds import KINDS
from tests.stack.services.table import PLACES
from tests.stack.services.wrong import WRONG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Outcome
    from tests.stack.services.clients import Clients, Question
    from tests.stack.services.runs import Run, Workspace
    from tests.stack.services.table import Table

pytestmark = pytest.mark.network


def _ours(workspace: Workspace, question: Question) -> Outcome:
    """Ask our own verify, by name and issuer of the certificate."""
    return workspace.cli(
        *("verify", str(question.artifact), "--bundle", str(question.bundle)),
        *("--sigstore", str(question.trust.client_config), "--format", "json"),
        *("--cert-identity", question.identity, "--cert-oidc-issuer", question.issuer),
        *("--predicate-type", question.predicate_type),
    )


def _accepted_by_all(
    workspace: Workspace, clients: Clients, validator: Path, kind: str
) -> dict[str, bool]:
    """Sign one kind of statement and hear everyone about it; they must accept."""
    artifact, predicate_type = KINDS[kind](workspace)
    question = workspace.question(artifact, predicate_type)
    document = json.loads(question.bundle.read_bytes())
    payload = base64.b64decode(document["dsseEnvelope"]["payload"])
    statement = workspace.cli.write("statement.json", payload)

    answers = {name: clients.ask(name, question) for name in CLIENTS}
    ours = _ours(workspace, question)
    valid = subprocess.run([validator, statement], check=False, capture_output=True, text=True)

    assert {name: answer.said for name, answer in answers.items() if not answer.accepted} == {}
    assert ours.code == 0, ours.out
    assert workspace.cli("inspect", str(question.bundle)).code == 0
    assert valid.returncode == 0, valid.stdout
    return {"slsa-gen": True, **{name: answer.accepted for name, answer in answers.items()}}


@pytest.mark.parametrize("kind", KINDS)
def test_everyone_accepts_what_we_sign(
    run: Run, clients: Clients, validator: Path, table: Table, kind: str
) -> None:
    """Each kind of statement, in each log; in-toto's own validator takes the statement."""
    accepted = _accepted_by_all(run, clients, validator, kind)

    table.record(kind, PLACES[run.log - 1], accepted)


@pytest.mark.parametrize("kind", KINDS)
def test_everyone_accepts_what_the_sandbox_signs(
    sandboxed: Workspace, clients: Clients, validator: Path, table: Table, kind: str
) -> None:
    """Given its trusted root, the sandbox's bundles are like anybody's."""
    accepted = _accepted_by_all(sandboxed, clients, validator, kind)

    table.record(kind, "sandbox", accepted)


def test_the_command_that_attest_prints_accepts_as_it_is(run: Run) -> None:
    """A user types what the report says, and nothing else."""
    run.cli.write("app")
    outcome = run.cli("attest", "--sigstore", run.sigstore, "app")
    (line,) = (line for line in outcome.out.splitlines() if "slsa-gen verify" in line)

    verified = run.cli(*shlex.split(line)[1:])

    assert verified.code == 0, verified.out + verified.err


def test_our_verify_accepts_it_by_the_repository(run: Run) -> None:
    """What a consumer types: the repository, and here the stack's issuer."""
    run.cli.write("app")
    run.attest("app")

    for trust in (
        ("--sigstore", run.sigstore),
        ("--custom-trusted-root", str(run.documents.trusted_root)),
    ):
        outcome = run.cli(
            *("verify", "app", "--bundle", str(run.bundle), *trust),
            *("--cert-oidc-issuer", run.issuer, "--repo", "octo-org/octo-repo"),
            *("--source-tag", "v1.2.3", "--deny-self-hosted-runners"),
        )
        assert outcome.code == 0, outcome.out + outcome.err


@pytest.mark.parametrize("part", WRONG)
def test_everyone_refuses_what_was_not_signed(
    run: Run, clients: Clients, table: Table, part: str
) -> None:
    """The same bundle with a wrong artifact, signer, issuer or root."""
    run.cli.write("app")
    run.attest("app")
    change, reason = WRONG[part]
    question = change(run, run.question("app"))

    answers = {name: clients.ask(name, question) for name in CLIENTS}
    ours = _ours(run, question)

    assert [name for name, answer in answers.items() if answer.accepted] == []
    assert ours.code == 1, ours.out
    (attestation,) = ours.results[0]["attestations"]
    assert [c["reason"] for c in attestation["checks"] if not c["passed"]] == [reason]
    verdicts = {name: answer.accepted for name, answer in answers.items()}
    table.record(f"{part} ({reason})", PLACES[run.log - 1], {"slsa-gen": False, **verdicts})
