"""A person signs, on the sandbox: who may sign what, and what is said of it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.sandbox.run import PERSON

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.network

SIGNS: Final = ("attest", "app", "--sigstore", "sandbox", "--identity", "interactive")
OWN: Final = ("--predicate", '{"reviewed": true}', "--predicate-type", "https://example.org/r/v1")


@pytest.fixture(autouse=True)
def app(cli: CommandLine) -> None:
    """Write the file that is vouched for."""
    cli.write("app")


def test_the_sandboxs_person_signs_without_a_browser(cli: CommandLine) -> None:
    """The certificate names the person, and the command that is shown verifies."""
    done = cli(*SIGNS, *OWN)

    assert done.code == 0, done.err
    assert f"signer:  {PERSON}" in done.out
    (shown,) = (line.strip() for line in done.out.splitlines() if "slsa-gen verify" in line)
    verified = cli(*shlex.split(shown)[1:], "--format", "json")
    assert verified.code == 0, verified.err
    (result,) = verified.results
    assert result["attestations"][0]["signer"] == {
        "subjectAlternativeName": PERSON,
        "issuer": SANDBOX_ISSUER,
    }


def test_an_sbom_may_be_a_persons(cli: CommandLine) -> None:
    """Who looked at a file can say what is in it."""
    cli.write("sbom.json", '{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}')

    assert cli(*SIGNS, "--sbom-path", "sbom.json").code == 0


def test_another_name_is_not_the_persons(cli: CommandLine) -> None:
    """Compared exactly, as every identity."""
    assert cli(*SIGNS, *OWN).code == 0
    asked = ("verify", "app", "--sigstore", "sandbox", "--predicate-type", OWN[3])

    name = cli(*asked, "--cert-identity", f"x{PERSON}", "--cert-oidc-issuer", SANDBOX_ISSUER)
    run = cli(*asked, "--repo", "sandbox/sandbox")

    assert [outcome.code for outcome in (name, run)] == [1, 1]


def test_signed_again_it_is_the_same_persons_result(cli: CommandLine) -> None:
    """And a run's bundle is not: another signer is another attestation."""
    assert cli(*SIGNS, *OWN).code == 0

    again = cli(*SIGNS, *OWN)
    other = cli("attest", "app", "--sigstore", "sandbox", *OWN)

    assert "already attested" in again.out
    assert (other.code, other.reason) == (2, "usage.output-exists")


def test_a_runs_result_is_not_a_persons(cli: CommandLine) -> None:
    """The other way about."""
    assert cli("attest", "app", "--sigstore", "sandbox", *OWN).code == 0

    other = cli(*SIGNS, *OWN)

    assert (other.code, other.reason) == (2, "usage.output-exists")


@pytest.mark.parametrize(
    "own",
    [
        (),
        (
            *("--predicate-type", "https://slsa.dev/provenance/v1", "--predicate"),
            json.dumps(
                {
                    "buildDefinition": {
                        "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                        "externalParameters": {},
                    },
                    "runDetails": {"builder": {"id": "https://github.com/o/r"}},
                }
            ),
        ),
    ],
    ids=["made here", "the person's own words"],
)
def test_no_person_signs_a_runs_provenance(cli: CommandLine, own: tuple[str, ...]) -> None:
    """With what they may sign instead."""
    done = cli(*SIGNS, *own)

    assert (done.code, done.reason) == (2, "identity.provenance")
    assert "--sbom-path" in done.err
    assert "slsa-gen run --identity interactive" in done.err
    assert not list(cli.folder.glob("*.jsonl"))


def test_a_person_who_signs_in_brings_no_token(cli: CommandLine) -> None:
    """One of both would be ignored."""
    done = cli(*SIGNS, *OWN, "--identity-token-file", "token")

    assert (done.code, done.reason) == (2, "usage.option")


def test_a_person_uploads_to_no_release(cli: CommandLine) -> None:
    """There is no run whose repository it would be."""
    done = cli(*SIGNS, *OWN, "--upload-assets")

    assert (done.code, done.reason) == (2, "usage.option")
    assert "gh release upload" in done.err


@pytest.mark.parametrize("sigstore", ["public-good", "staging"])
def test_where_nobody_can_sign_in_nothing_is_asked(cli: CommandLine, sigstore: str) -> None:
    """There is no terminal here: refused at once, without the network."""
    done = cli("attest", "app", *OWN, "--sigstore", sigstore, "--identity", "interactive")

    assert (done.code, done.reason) == (3, "identity.nobody")


def test_in_a_workflows_run_nobody_signs_in(cli: CommandLine) -> None:
    """A browser that is named there is nobody's."""
    cli.variables |= {"GITHUB_ACTIONS": "true", "BROWSER": "firefox"}

    done = cli("attest", "app", *OWN, "--identity", "interactive")

    assert (done.code, done.reason) == (3, "identity.nobody")
    assert "leave --identity interactive away" in done.err.lower()


def test_nobody_signs_in_to_a_sandboxs_file(cli: CommandLine) -> None:
    """Its person is the one of its name."""
    assert cli("attest", "app", "--sigstore", "sandbox").code == 0
    cli.write("config.json", cli("sandbox", "trust-config").out)
    cli.variables["BROWSER"] = "false"

    done = cli("attest", "app", *OWN, "--sigstore", "config.json", "--identity", "interactive")

    assert (done.code, done.reason) == (3, "identity.provider")
    assert "--sigstore sandbox" in done.err
