"""A person records a build step on a machine of their own, with the real services."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from slsa_gen.intoto.link import LINK_V03
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.run_command import BUILDER, RUN_COMMAND
from tests.stack.services.browse import browser
from tests.stack.services.clients import CLIENTS
from tests.stack.services.people import EMAIL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Outcome
    from tests.stack.services.clients import Clients
    from tests.stack.services.runs import Workspace
    from tests.stack.services.stack import Stack

pytestmark = pytest.mark.network

KINDS: Final = (SLSA_PROVENANCE_V1, LINK_V03)
PRODUCT: Final = "dist/app"
MAKE: Final = ("sh", "-c", f"mkdir -p dist && cat main.c > {PRODUCT}")


def _ran(person: Workspace) -> Outcome:
    return person.cli(
        *("run", "--identity", "interactive", "--sigstore", person.sigstore, "--step", "build"),
        *("--material", "main.c", "--product", PRODUCT, "--", *MAKE),
    )


@pytest.fixture
def recorded(person: Workspace, stack: Stack) -> Workspace:
    """Return a person's folder, in which a step was recorded."""
    person.cli.write("main.c", "int main;\n")
    person.cli.variables["PATH"] = os.defpath
    person.cli.variables["BROWSER"] = browser(stack.ca_bundle, "--login", EMAIL)
    done = _ran(person)
    assert done.code == 0, done.err
    (shown,) = (line.strip() for line in done.out.splitlines() if "slsa-gen verify" in line)
    person.cli.write("shown", shown)
    return person


def _lines(person: Workspace) -> list[str]:
    return (person.cli.folder / "dist" / "build.intoto.jsonl").read_text().splitlines()


def _statement(line: str) -> dict[str, Any]:
    statement = json.loads(base64.b64decode(json.loads(line)["dsseEnvelope"]["payload"]))
    assert isinstance(statement, dict)
    return statement


def _verified(person: Workspace, *options: str, kind: str = SLSA_PROVENANCE_V1) -> Outcome:
    return person.cli(
        *("verify", PRODUCT, "--sigstore", person.sigstore, "--predicate-type", kind),
        *("--format", "json", *options),
    )


def _named(person: Workspace, **changes: str) -> tuple[str, ...]:
    said = {"identity": person.identity, "issuer": person.issuer, **changes}
    return ("--cert-identity", said["identity"], "--cert-oidc-issuer", said["issuer"])


def _failed(outcome: Outcome) -> set[str]:
    (result,) = outcome.results
    return {c["reason"] for a in result["attestations"] for c in a["checks"] if not c["passed"]}


def test_both_statements_are_the_person_s_and_of_no_workflow(recorded: Workspace) -> None:
    """Provenance of our own build type, and the link, under the certificate of one sign-in."""
    lines = _lines(recorded)
    provenance, link = map(_statement, lines)
    bundles = [json.loads(line)["verificationMaterial"] for line in lines]

    assert len({bundle["certificate"]["rawBytes"] for bundle in bundles}) == 1
    assert (provenance["predicateType"], link["predicateType"]) == KINDS
    definition = provenance["predicate"]["buildDefinition"]
    assert definition["buildType"] == RUN_COMMAND
    assert definition["externalParameters"]["command"] == list(MAKE)
    assert definition["internalParameters"]["signer"] == {
        "issuer": recorded.issuer,
        "identity": EMAIL,
    }
    assert provenance["predicate"]["runDetails"]["builder"]["id"] == BUILDER
    assert (link["predicate"]["name"], link["predicate"]["command"]) == ("build", list(MAKE))


def test_the_product_is_accepted_for_the_person_at_level_1(recorded: Workspace) -> None:
    """With the command that ``run`` shows, too."""
    accepted = _verified(recorded, *_named(recorded))
    shown = (recorded.cli.folder / "shown").read_text()

    assert accepted.code == 0, accepted.out
    assert accepted.results[0]["attestations"][0]["buildLevel"]["level"] == 1
    assert recorded.cli(*shlex.split(shown)[1:]).code == 0
    assert _verified(recorded, *_named(recorded), kind=LINK_V03).code == 0


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
def test_nobody_else_is_believed_to_have_made_it(recorded: Workspace, stack: Stack) -> None:
    """No repository, no other person, none of another issuer, and not another file."""
    for kind in KINDS:
        for options, reason in (
            (("--repo", "octo-org/octo-repo"), "source.repository"),
            (_named(recorded, identity="eve@example.org"), "signer.identity"),
            (_named(recorded, issuer=stack.issuer.url), "signer.issuer"),
        ):
            refused = _verified(recorded, *options, kind=kind)
            assert (refused.code, reason in _failed(refused)) == (1, True), refused.out
    recorded.cli.write(PRODUCT, "int other;\n")
    assert _verified(recorded, *_named(recorded)).code == 1


@pytest.mark.parametrize("number", [0, 1], ids=["provenance", "link"])
def test_others_accept_each_of_them(recorded: Workspace, clients: Clients, number: int) -> None:
    """For the person's address; for another, or another product, nobody does."""
    question = replace(
        recorded.question(PRODUCT, KINDS[number]),
        bundle=recorded.cli.write("one.json", _lines(recorded)[number]),
    )
    assert clients.refusals(question) == {}

    for other in (
        replace(question, identity="eve@example.org"),
        replace(question, artifact=recorded.cli.write("other", "int other;\n")),
    ):
        assert set(clients.refusals(other)) == set(CLIENTS)


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
def test_the_framework_s_own_validators_accept_both(recorded: Workspace, validator: Path) -> None:
    """``Validate()`` of github.com/in-toto/attestation."""
    files = [
        recorded.cli.write(f"statement-{number}.json", json.dumps(_statement(line)))
        for number, line in enumerate(_lines(recorded))
    ]
    done = subprocess.run([validator, *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
