"""What we sign with real services, everybody's verifier judges as we do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.clients import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.conftest import Outcome
    from tests.stack.services.clients import Clients, Question
    from tests.stack.services.conftest import Run

pytestmark = pytest.mark.network

PROVENANCE: Final = "https://slsa.dev/provenance/v1"
CUSTOM: Final = "https://example.com/custom/v1"
SPDX: Final = "https://spdx.dev/Document/v2.3"
#: What a name may hold that shells, JSON and terminals each read in their own way.
ODD_NAME: Final = "my \"app\" 'v1' \u00fcber \u6f22\u5b57 \U0001f600.tar.gz"
NUMBERS: Final = '{"big": 123456789012345678901234567890, "small": 1e-9, "one": 1.0, "half": 0.5}'


def _one(run: Run) -> tuple[str, str]:
    run.cli.write("app")
    run.attest("app")
    return "app", PROVENANCE


def _many(run: Run) -> tuple[str, str]:
    for number in range(1024):
        run.cli.write(f"dist/part-{number:04}", f"{number}\n")
    run.attest("dist/*")
    return "dist/part-0777", PROVENANCE


def _odd_name(run: Run) -> tuple[str, str]:
    run.cli.write(ODD_NAME)
    run.attest(ODD_NAME)
    return ODD_NAME, PROVENANCE


def _numbers(run: Run) -> tuple[str, str]:
    run.cli.write("app")
    run.attest("--predicate-type", CUSTOM, "--predicate", NUMBERS, "app")
    return "app", CUSTOM


def _sbom(run: Run) -> tuple[str, str]:
    run.cli.write("app")
    document = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "app"}
    run.cli.write("sbom.json", json.dumps(document))
    run.attest("--sbom-path", "sbom.json", "app")
    return "app", SPDX


def _custom(run: Run) -> tuple[str, str]:
    run.cli.write("app")
    run.attest("--predicate-type", CUSTOM, "--predicate", '{"tests": "passed"}', "app")
    return "app", CUSTOM


#: What is attested: each signs a bundle, and returns an artifact of it and its predicate type.
KINDS: Final[dict[str, Callable[[Run], tuple[str, str]]]] = {
    "one subject": _one,
    "1,024 subjects": _many,
    "an odd name": _odd_name,
    "large integers and floats": _numbers,
    "an SBOM": _sbom,
    "a custom predicate": _custom,
}


def _ours(run: Run, question: Question, *options: str) -> Outcome:
    """Ask our own verify, by name and issuer of the certificate."""
    return run.cli(
        *("verify", str(question.artifact), "--bundle", str(question.bundle)),
        *("--sigstore", str(question.trust.client_config), "--format", "json"),
        *("--cert-identity", question.identity, "--cert-oidc-issuer", question.issuer),
        *("--predicate-type", question.predicate_type, *options),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_everyone_accepts_what_we_sign(run: Run, clients: Clients, kind: str) -> None:
    """Each kind of statement, in each log."""
    artifact, predicate_type = KINDS[kind](run)
    question = run.question(artifact, predicate_type)

    answers = {name: clients.ask(name, question) for name in CLIENTS}
    ours = _ours(run, question)

    assert {name: answer.said for name, answer in answers.items() if not answer.accepted} == {}
    assert ours.code == 0, ours.out
    assert run.cli("inspect", str(question.bundle)).code == 0


def test_our_verify_accepts_it_by_the_repository(run: Run) -> None:
    """What a consumer types: the repository, and here the stack's issuer."""
    run.cli.write("app")
    run.attest("app")

    outcome = run.cli(
        *("verify", "app", "--bundle", "b.intoto.jsonl", "--sigstore", run.trust),
        *("--cert-oidc-issuer", run.stack.issuer.url, "--repo", "octo-org/octo-repo"),
        *("--source-tag", "v1.2.3", "--deny-self-hosted-runners"),
    )

    assert outcome.code == 0, outcome.out + outcome.err


def _other_artifact(run: Run, question: Question) -> Question:
    return replace(question, artifact=run.cli.write("other", "other\n"))


def _other_root(run: Run, question: Question) -> Question:
    other = next(v for v in run.stack.documents if v != run.log)
    return replace(question, trust=run.stack.documents[other])


def _other_identity(_: Run, question: Question) -> Question:
    return replace(question, identity=question.identity.replace("release.yml", "evil.yml"))


def _other_issuer(_: Run, question: Question) -> Question:
    return replace(question, issuer="https://token.actions.githubusercontent.com")


#: What is wrong with a question, and the reason that we give.
WRONG: Final[dict[str, tuple[Callable[[Run, Question], Question], str]]] = {
    "artifact": (_other_artifact, "subject.digest-not-in-statement"),
    "identity": (_other_identity, "signer.identity"),
    "issuer": (_other_issuer, "signer.issuer"),
    "root": (_other_root, "log.unknown"),
}


@pytest.mark.parametrize("part", WRONG)
def test_everyone_refuses_what_was_not_signed(run: Run, clients: Clients, part: str) -> None:
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
