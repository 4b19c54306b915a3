"""What the real Fulcio writes into a certificate, held against the token's claims."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography import x509

from slsa_gen.model.identity import EXTENSION_NUMBERS
from tests.stack.services.clients import CLIENTS
from tests.stack.services.issuer import CLAIMS, REPOSITORY, SERVER
from tests.stack.services.signers import NotSignedError, Signers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.services.clients import Clients
    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network

ARC: Final = "1.3.6.1.4.1.57264.1."
UTF8_STRING: Final = 0x0C

#: A run whose claims all differ from one another: a called workflow, in an environment.
DISTINCT: Final = {
    "sub": f"repo:{REPOSITORY}:environment:production",
    "environment": "production",
    "sha": "a" * 40,
    "workflow_sha": "b" * 40,
    "job_workflow_ref": "octo-org/builder/.github/workflows/build.yml@refs/tags/v4",
    "job_workflow_sha": "c" * 40,
}

#: What each extension must say of a run (Fulcio's docs/oid-info.md), by its last number.
EXPECTED: Final = {
    9: f"{SERVER}/octo-org/builder/.github/workflows/build.yml@refs/tags/v4",
    10: "c" * 40,
    11: "github-hosted",
    12: f"{SERVER}/{REPOSITORY}",
    13: "a" * 40,
    14: "refs/tags/v1.2.3",
    15: "1296269",
    16: f"{SERVER}/octo-org",
    17: "65",
    18: f"{SERVER}/{REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.2.3",
    19: "b" * 40,
    20: "release",
    21: f"{SERVER}/{REPOSITORY}/actions/runs/30433642/attempts/2",
    22: "public",
    23: "production",
    24: f"repo:{REPOSITORY}:environment:production",
}

#: Parts of a ref that URLs, templates or shells read in a way of their own.
ODD_REFS: Final = [
    "refs/tags/v1.0.0+build.5",
    "refs/heads/m\u00f6we",
    "refs/heads/a%20b",
    "refs/heads/fix-#12",
    "refs/heads/<b>&amp;'\"",
    "refs/heads/{{.sha}}",
    "refs/tags/pkg@1.0.0",
]


def _certificate(bundle: Path) -> x509.Certificate:
    document: dict[str, Any] = json.loads(bundle.read_bytes())
    raw = document["verificationMaterial"]["certificate"]["rawBytes"]
    return x509.load_der_x509_certificate(base64.b64decode(raw))


def _extensions(certificate: x509.Certificate) -> dict[int, str]:
    """Return the texts of the extensions that hold a DER UTF8String, by their last number."""
    found = {}
    for extension in certificate.extensions:
        number = extension.oid.dotted_string.removeprefix(ARC)
        if not number.isdecimal() or int(number) < min(EXTENSION_NUMBERS.values()):
            continue
        assert isinstance(extension.value, x509.UnrecognizedExtension)
        raw = extension.value.value
        assert raw[0] == UTF8_STRING
        found[int(number)] = raw[2:].decode()
        assert raw[1] == len(raw) - 2
    return found


def test_each_extension_is_the_claim_that_it_stands_for(run: Run) -> None:
    """All of .8 to .24, by the numbers of Fulcio's own table; our report gives them its names."""
    run.begin(**DISTINCT)
    run.cli.write("app")
    bundle = run.attest("app")

    found = _extensions(_certificate(bundle))
    shown = run.cli(
        *("verify", "app", "--bundle", "b.intoto.jsonl", "--sigstore", run.sigstore),
        *("--cert-oidc-issuer", run.issuer, "--repo", REPOSITORY),
        *("--signer-repo", "octo-org/builder", "--format", "json"),
    )

    assert found == {8: run.issuer, **EXPECTED}
    assert set(EXTENSION_NUMBERS.values()) == set(found)
    assert shown.code == 0, shown.out
    signer = shown.results[0]["attestations"][0]["signer"]
    assert signer["subjectAlternativeName"] == EXPECTED[9]
    assert signer["deploymentEnvironment"] == "production"
    assert signer["tokenSubject"] == EXPECTED[24]


def test_without_a_deployment_environment_there_is_no_such_extension(run: Run) -> None:
    """Most runs have none, and are signed."""
    run.cli.write("app")

    found = _extensions(_certificate(run.attest("app")))

    assert 23 not in found
    assert found[24] == CLAIMS["sub"]


def test_a_ref_that_fulcio_cannot_write_is_refused_before_it_is_asked(run: Run) -> None:
    """A percent sign that begins no escape; asked all the same, Fulcio refuses it too."""
    ref = "refs/heads/100%"
    workflow = f"{REPOSITORY}/.github/workflows/release.yml@{ref}"
    run.begin(ref=ref, workflow_ref=workflow, job_workflow_ref=workflow)
    run.cli.write("app")

    outcome = run.cli("attest", "--sigstore", run.sigstore, "app")

    assert (outcome.code, outcome.reason) == (3, "context.claim")
    documents = run.documents
    others = Signers(run.stack.program, run.cli.variables, documents, run.cli.folder)
    with pytest.raises(NotSignedError, match="invalid URL escape"):
        others.cosign_message(run.cli.folder / "app")


@pytest.mark.sampled
@pytest.mark.parametrize("ref", ODD_REFS)
def test_an_odd_ref_is_signed_and_verified(run: Run, clients: Clients, ref: str) -> None:
    """Fulcio writes it as it is into .14, and as a URI into the name; all agree on that."""
    workflow = f"{REPOSITORY}/.github/workflows/release.yml@{ref}"
    run.begin(ref=ref, workflow_ref=workflow, job_workflow_ref=workflow, sub="any")
    run.cli.write("app")
    certificate = _certificate(run.attest("app"))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (name,) = names.get_values_for_type(x509.UniformResourceIdentifier)

    ours = run.cli(
        *("verify", "app", "--bundle", "b.intoto.jsonl", "--sigstore", run.sigstore),
        *("--cert-oidc-issuer", run.issuer, "--repo", REPOSITORY, "--source-ref", ref),
    )
    named = run.cli(
        *("verify", "app", "--bundle", "b.intoto.jsonl", "--sigstore", run.sigstore),
        *("--cert-oidc-issuer", run.issuer, "--cert-identity", name),
    )
    answers = {
        client: clients.ask(client, run.question("app", identity=name)) for client in CLIENTS
    }

    assert _extensions(certificate)[14] == ref
    assert ours.code == 0, ours.out
    assert named.code == 0, named.out
    assert {n: answer.said for n, answer in answers.items() if not answer.accepted} == {}
