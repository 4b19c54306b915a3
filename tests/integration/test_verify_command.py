"""``slsa-gen verify`` of what the sandbox signed, and of real bundles; the rest is parity's."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.sandboxes import make_checkout

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import CommandLine, Outcome

SANDBOX = ("--sigstore", "sandbox")
REPO = ("--repo", "octo-org/octo-repo")

signed = pytest.mark.network


@pytest.fixture
def commit(cli: CommandLine) -> str:
    """Attest app in a checkout of octo-org/octo-repo, and return the commit."""
    commit = make_checkout(cli.folder)
    cli.write("app")
    outcome = cli("attest", *SANDBOX, "app")
    assert outcome.code == 0, outcome.err
    return commit


def _reasons(outcome: Outcome) -> set[str]:
    """Return the reason codes of every failed check of the one artifact."""
    (result,) = outcome.results
    attestations = result["attestations"]
    assert isinstance(attestations, list)
    return {check["reason"] for a in attestations for check in a["checks"] if not check["passed"]}


@signed
def test_a_file_is_accepted_with_the_bundle_beside_it(cli: CommandLine, commit: str) -> None:
    """The verdict says signer, source, event and the sandbox's level."""
    outcome = cli("verify", "app", *SANDBOX, *REPO)

    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("accepted   app  sha256:")
    assert commit in outcome.out
    assert "event:     push" in outcome.out
    assert "sandbox: proves nothing to anyone else" in outcome.out
    assert "no SLSA Build level" in outcome.out
    assert "a sandbox signed it" in outcome.out


@signed
def test_the_report_fits_its_schema(cli: CommandLine, commit: str) -> None:
    """With every check, its expectation and what was found."""
    (result,) = cli("verify", "app", *SANDBOX, *REPO, "--format", "json").results

    assert result["verdict"] == "accepted"
    assert result["level"] == 0
    (attestation,) = result["attestations"]
    assert attestation["sandbox"] is True
    assert attestation["signer"]["sourceRepositoryDigest"] == commit
    assert all(check["expected"] and check["found"] for check in attestation["checks"])


@signed
@pytest.mark.usefixtures("commit")
def test_the_sandbox_is_never_accepted_unless_it_is_named(cli: CommandLine) -> None:
    """A sandbox's bundle against the public root: refused."""
    outcome = cli("verify", "app", "--offline", *REPO)

    assert outcome.code == 1


@signed
@pytest.mark.usefixtures("commit")
def test_the_sandbox_s_root_in_a_file_is_known_as_the_sandbox(cli: CommandLine) -> None:
    """--custom-trusted-root: O/R means the sandbox's O/R then."""
    config = json.loads(cli("sandbox", "trust-config").out)
    cli.write("root.json", json.dumps(config["trustedRoot"]))

    outcome = cli("verify", "app", "--custom-trusted-root", "root.json", *REPO)

    assert outcome.code == 0, outcome.out + outcome.err
    assert "a sandbox signed it" in outcome.out


@signed
@pytest.mark.usefixtures("commit")
def test_a_digest_alone_is_verified_with_a_given_bundle(cli: CommandLine) -> None:
    """No file is needed."""
    digest = json.loads(cli("inspect", "app.intoto.jsonl", "--format", "json").out)["results"][0][
        "subjects"
    ][0]["digest"]["sha256"]

    given = cli("verify", f"sha256:{digest}", "--bundle", "app.intoto.jsonl", *SANDBOX, *REPO)
    bare = cli("verify", f"sha256:{digest}", *SANDBOX, *REPO)

    assert given.code == 0, given.out + given.err
    assert (bare.code, bare.reason) == (2, "usage.option")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "usage.expectation"),
        (("--cert-identity", "x"), "usage.expectation"),
        (("--repo", "not-a-repository"), "usage.expectation"),
        (("--repo", "o/r", "--policy", "p.yaml"), "usage.expectation"),
        (("--policy", "p.yaml", "--deny-self-hosted-runners"), "usage.expectation"),
    ],
)
def test_without_an_expectation_there_is_no_verdict(
    cli: CommandLine, options: tuple[str, ...], reason: str
) -> None:
    """A valid signature alone is anyone's: usage error."""
    cli.write("app")

    outcome = cli("verify", "app", "--offline", *options)

    assert (outcome.code, outcome.reason) == (2, reason)


@pytest.mark.parametrize("signer_repo", [True, False])
def test_a_real_bundle_of_a_reusable_workflow(
    cli: CommandLine, corpus: Path, *, signer_repo: bool
) -> None:
    """Accepted with --signer-repo, refused without it; offline, against the packaged root."""
    folder = corpus / "real-world"
    shutil.copy(folder / "wrangle-python-provenance-package.whl", cli.folder / "package.whl")
    more = ("--signer-repo", "TomHennen/wrangle") if signer_repo else ()

    outcome = cli(
        *("verify", "package.whl", "--offline", "--repo", "TomHennen/wrangle-test", *more),
        *("--bundle", str(folder / "wrangle-python-provenance.intoto.jsonl"), "--format", "json"),
    )

    if signer_repo:
        assert outcome.code == 0, outcome.out
        assert outcome.results[0]["level"] == 2
    else:
        assert outcome.code == 1
        assert _reasons(outcome) == {"signer.workflow"}
