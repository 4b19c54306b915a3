"""in-toto's demo, keyless, with the real services: by two workflows, or a run and a person."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.browse import browser
from tests.stack.services.issuer import CLAIMS, REPOSITORY, SERVER
from tests.support.keyless_demo import LAYOUT, SOURCE, KeylessDemo, Signer, reasons
from tests.support.keyless_tamperings import TAMPERINGS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.services.runs import Run, Workspace
    from tests.stack.services.stack import Stack

pytestmark = pytest.mark.network

_BUILDING: Final = str(CLAIMS["job_workflow_ref"])
_PACKING: Final = f"{REPOSITORY}/.github/workflows/package.yml@refs/tags/v1.2.3"


def _workflow(stack: Stack, sigstore: str, path: Path, workflow: str) -> Signer:
    claims = {**CLAIMS, "job_workflow_ref": workflow}
    path.write_text(stack.issuer.issue(claims, "sigstore"))
    options = ("--identity-token-file", str(path), "--sigstore", sigstore)
    return Signer(options, stack.issuer.url, f"{SERVER}/{workflow}")


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder beside the one that is worked in."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture
def demo(run: Run, elsewhere: Path) -> KeylessDemo:
    """Return the demo, gone through by two workflows of one repository."""
    building, packing = (
        _workflow(run.stack, run.sigstore, elsewhere / name, workflow)
        for name, workflow in (("building", _BUILDING), ("packing", _PACKING))
    )
    made = KeylessDemo(run.cli, building, packing)
    made.make()
    return made


@pytest.fixture
def with_person(person: Workspace, stack: Stack, elsewhere: Path) -> KeylessDemo:
    """Return the demo, gone through by a workflow's run and a person who owns the layout."""
    person.cli.variables["BROWSER"] = browser(stack.ca_bundle, "--login", person.identity)
    person.cli.variables["PATH"] = os.defpath
    building = _workflow(stack, person.sigstore, elsewhere / "building", _BUILDING)
    options = ("--identity", "interactive", "--sigstore", person.sigstore)
    made = KeylessDemo(person.cli, building, Signer(options, person.issuer, person.identity))
    made.make()
    return made


def _found(demo: KeylessDemo, elsewhere: Path) -> dict[str, tuple[int, set[str]]]:
    """Try each tampering from the demo as it was made; return exit codes and reasons."""
    folder, kept = demo.cli.folder, elsewhere / "kept"
    shutil.copytree(folder, kept, symlinks=True)

    found = {}
    for tamper, _ in TAMPERINGS:
        for path in kept.iterdir():
            if path.is_file():
                shutil.copy2(path, folder / path.name)
        shutil.copy2(kept / SOURCE, folder / SOURCE)
        outcome = tamper(demo)
        found[tamper.__name__] = (outcome.code, reasons(outcome))
    return found


def _assert_refused(found: dict[str, tuple[int, set[str]]]) -> None:
    """Hold that each tampering was refused, for its reasons."""
    for tamper, expected in TAMPERINGS:
        code, why = found[tamper.__name__]
        assert (code, expected <= why) == (1, True), (tamper.__name__, why)


def _assert_valid(demo: KeylessDemo, validator: Path) -> None:
    """Hold the layout's statement against ``Validate()`` of github.com/in-toto/attestation."""
    bundle = json.loads((demo.cli.folder / f"{LAYOUT}.intoto.jsonl").read_text())
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert json.loads(payload)["subject"][0]["name"] == LAYOUT
    file = demo.cli.write("layout-statement.json", payload)
    done = subprocess.run([validator, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_demo_of_two_workflows_is_accepted_and_each_tampering_of_it_refused(
    demo: KeylessDemo, elsewhere: Path, validator: Path
) -> None:
    """With certificates of a real authority, entries of a real log, and no sandbox."""
    _assert_valid(demo, validator)
    accepted = demo.verify()

    assert accepted.code == 0, accepted.out
    assert f"signer:    {SERVER}/{_PACKING}" in accepted.out
    assert "sandbox" not in accepted.out
    _assert_refused(_found(demo, elsewhere))


def test_the_demo_of_a_run_and_a_person_is_accepted_and_each_tampering_of_it_refused(
    with_person: KeylessDemo, elsewhere: Path
) -> None:
    """The person packs and signs the layout, having signed in at a provider each time."""
    accepted = with_person.verify()

    assert accepted.code == 0, accepted.out
    assert f"signer:    {with_person.person.identity}" in accepted.out
    _assert_refused(_found(with_person, elsewhere))


@pytest.mark.parametrize("log", [1], indirect=True, ids=["rekor-v1"])
def test_another_person_may_neither_pack_nor_own_the_layout(
    with_person: KeylessDemo, stack: Stack
) -> None:
    """Of the same provider: the address is what counts."""
    demo, eve = with_person, "eve@example.org"
    signed_out = demo.cli.variables["BROWSER"]

    demo.cli.variables["BROWSER"] = browser(stack.ca_bundle, "--login", eve)
    demo.step("package")
    packed = demo.verify("--format", "json")
    demo.cli.variables["BROWSER"] = signed_out
    demo.step("package")
    assert demo.verify().code == 0
    demo.cli.variables["BROWSER"] = browser(stack.ca_bundle, "--login", eve)
    demo.sign_layout()
    owned = demo.verify("--format", "json")

    assert (packed.code, "layout.functionaries" in reasons(packed)) == (1, True)
    assert eve in packed.out
    assert (owned.code, reasons(owned)) == (1, {"signer.identity"})
