"""Ways of signing that one log or one statement alone does not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.services.between import between
from tests.stack.services.clients import CLIENTS
from tests.stack.services.issuer import CLAIMS
from tests.stack.services.trust import Documents

if TYPE_CHECKING:
    from tests.stack.services.clients import Clients
    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network


def _stamped(run: Run) -> Documents:
    """Return the run's documents with the timestamp authority that version 2 is used with."""
    mine: dict[str, Any] = json.loads(run.documents.client_config.read_bytes())
    other: dict[str, Any] = json.loads(run.stack.documents[2].client_config.read_bytes())
    root, config = mine["trustedRoot"], mine["signingConfig"]
    root["timestampAuthorities"] = other["trustedRoot"]["timestampAuthorities"]
    config["tsaUrls"] = other["signingConfig"]["tsaUrls"]
    write = run.cli.write
    return Documents(
        write("root.json", json.dumps(root)),
        write("signing.json", json.dumps(config)),
        write("client.json", json.dumps(mine)),
    )


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
def test_an_entry_with_a_time_may_have_a_timestamp_too(run: Run, clients: Clients) -> None:
    """Where the configuration names an authority, a version 1 bundle has both."""
    run.cli.write("app")
    run.documents = _stamped(run)
    run.sigstore = str(run.documents.client_config)
    bundle = json.loads(run.attest("app").read_bytes())

    question = run.question("app")
    answers = {name: clients.ask(name, question) for name in CLIENTS}
    ours = run.cli(
        *("verify", "app", "--bundle", str(run.bundle), "--sigstore", run.sigstore),
        *("--cert-oidc-issuer", run.issuer, "--repo", "octo-org/octo-repo"),
    )

    stamps = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    assert len(stamps) == 1
    assert {name: answer.said for name, answer in answers.items() if not answer.accepted} == {}
    assert ours.code == 0, ours.out


def test_many_subjects_are_several_statements_under_one_certificate(run: Run) -> None:
    """Each has an entry of its own; the authority is asked once."""
    for number in range(1025):
        run.cli.write(f"dist/part-{number:04}", f"{number}\n")
    with between(run) as there:
        outcome, _ = there.attest("dist/*", "--output", "b.intoto.jsonl", budget=60)
    assert outcome.code == 0, outcome.err

    ours = run.cli(
        *("verify", "dist", "--bundle", "b.intoto.jsonl", "--sigstore", run.sigstore, "-q"),
        *("--cert-oidc-issuer", run.issuer, "--repo", "octo-org/octo-repo"),
    )

    bundles = [json.loads(line) for line in run.bundle.read_text().splitlines()]
    certificates = {b["verificationMaterial"]["certificate"]["rawBytes"] for b in bundles}
    entries = [b["verificationMaterial"]["tlogEntries"][0]["logIndex"] for b in bundles]
    assert (len(bundles), len(certificates), len(set(entries))) == (2, 1, 2)
    assert (there.proxies["fulcio"].calls, there.proxies["log"].calls) == (1, 2)
    assert ours.code == 0, ours.out


def test_a_token_from_a_file_signs_as_well(run: Run) -> None:
    """As where another program asks for it."""
    for name in ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        del run.cli.variables[name]
    run.cli.write("app")
    run.cli.write("token", run.stack.issuer.issue(CLAIMS, "sigstore"))

    bundle = run.attest("--identity-token-file", "token", "app")

    assert bundle.exists()


def test_run_again_it_takes_what_is_there(run: Run) -> None:
    """A bundle for the same subjects, commit and signer is the result: nothing is signed anew."""
    run.cli.write("app")
    run.attest("app")
    before = run.bundle.read_bytes()
    run.begin(run_attempt="3")
    with between(run) as there:
        outcome, _ = there.attest("--output", "b.intoto.jsonl")

    assert outcome.code == 0, outcome.err
    assert "already attested" in outcome.out
    assert run.bundle.read_bytes() == before
    assert (there.proxies["fulcio"].calls, there.proxies["log"].calls) == (0, 0)
