"""A build step on record, signed with the real services and read by other people's clients."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.intoto.link import LINK_V03
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from tests.stack.services.clients import CLIENTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.services.clients import Clients
    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network

MAKE: Final = ("sh", "-c", "mkdir dist && cat main.c > dist/app")
KINDS: Final = (SLSA_PROVENANCE_V1, LINK_V03)


@pytest.fixture
def recorded(run: Run) -> Run:
    """Return a run that has made and recorded dist/app."""
    run.cli.write("main.c", "int main;\n")
    run.cli.variables["PATH"] = os.defpath
    outcome = run.cli(
        *("run", "--step", "build", "--product", "dist/*", "--material", "main.c"),
        *("--sigstore", run.sigstore, "--", *MAKE),
    )
    assert outcome.code == 0, outcome.err
    return run


def lines(run: Run) -> list[str]:
    """Return the two bundles."""
    return (run.cli.folder / "dist" / "build.intoto.jsonl").read_text().splitlines()


def test_provenance_and_link_are_under_one_certificate(recorded: Run) -> None:
    """Each with an entry of its own, and accepted by us for what each says."""
    bundles = [json.loads(line) for line in lines(recorded)]
    certificates = {b["verificationMaterial"]["certificate"]["rawBytes"] for b in bundles}
    entries = {b["verificationMaterial"]["tlogEntries"][0]["logIndex"] for b in bundles}

    assert (len(bundles), len(certificates), len(entries)) == (2, 1, 2)
    for kind in KINDS:
        ours = recorded.cli(
            *(
                "verify",
                "dist/app",
                "--sigstore",
                recorded.sigstore,
                "--repo",
                "octo-org/octo-repo",
            ),
            *("--cert-oidc-issuer", recorded.issuer, "--predicate-type", kind),
        )
        assert ours.code == 0, ours.out


@pytest.mark.parametrize("number", [0, 1], ids=["provenance", "link"])
def test_others_accept_each_of_them(recorded: Run, clients: Clients, number: int) -> None:
    """One bundle a file, as they read it; another product is refused."""
    bundle = recorded.cli.write("one.json", lines(recorded)[number])
    artifact = recorded.cli.folder / "dist" / "app"
    question = replace(
        recorded.question("dist/app"),
        bundle=bundle,
        artifact=artifact,
        predicate_type=KINDS[number],
    )
    assert clients.refusals(question) == {}

    other = replace(question, artifact=recorded.cli.write("other", "int other;\n"))
    assert set(clients.refusals(other)) == set(CLIENTS)


def test_the_framework_s_own_validators_accept_both(recorded: Run, validator: Path) -> None:
    """``Validate()`` of github.com/in-toto/attestation."""
    files = [
        recorded.cli.write(
            f"statement-{number}.json",
            base64.b64decode(json.loads(line)["dsseEnvelope"]["payload"]),
        )
        for number, line in enumerate(lines(recorded))
    ]
    done = subprocess.run([validator, *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
