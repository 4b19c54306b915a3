"""in-toto's demo, keyless, signed by two workflows with the real services."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.issuer import CLAIMS, REPOSITORY, SERVER
from tests.support.keyless_demo import ARTIFACT, LAYOUT, SOURCE, KeylessDemo, Signer, reasons

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.conftest import Outcome
    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network

_PACKING: Final = f"{REPOSITORY}/.github/workflows/package.yml@refs/tags/v1.2.3"


def _signer(run: Run, path: Path, workflow: str) -> Signer:
    claims = {**CLAIMS, "job_workflow_ref": workflow}
    path.write_text(run.stack.issuer.issue(claims, "sigstore"))
    options = ("--identity-token-file", str(path), "--sigstore", run.sigstore)
    return Signer(options, run.issuer, f"{SERVER}/{workflow}")


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder beside the one that is worked in."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture
def demo(run: Run, elsewhere: Path) -> KeylessDemo:
    """Return the demo, gone through by two workflows of one repository."""
    building = _signer(run, elsewhere / "building", str(CLAIMS["job_workflow_ref"]))
    made = KeylessDemo(run.cli, building, _signer(run, elsewhere / "packing", _PACKING))
    made.make()
    return made


def _other_artifact(demo: KeylessDemo) -> Outcome:
    demo.cli.write(ARTIFACT, "something else")
    return demo.verify("--format", "json")


def _changed_between(demo: KeylessDemo) -> Outcome:
    demo.cli.write(SOURCE, "import evil\n")
    demo.step("package")
    return demo.verify("--format", "json")


def _by_somebody_else(demo: KeylessDemo) -> Outcome:
    demo.step("package", by=demo.workflow)
    return demo.verify("--format", "json")


def _step_left_out(demo: KeylessDemo) -> Outcome:
    (demo.cli.folder / "update-version.intoto.jsonl").unlink()
    return demo.verify("--format", "json")


def _layout_changed(demo: KeylessDemo) -> Outcome:
    text = (demo.cli.folder / LAYOUT).read_text()
    demo.cli.write(LAYOUT, text.replace("DISALLOW", "ALLOW"))
    return demo.verify("--format", "json")


def _layout_of_somebody_else(demo: KeylessDemo) -> Outcome:
    demo.sign_layout(by=demo.workflow)
    return demo.verify("--format", "json")


#: Each tampering, from a folder as it was made, and the reason that it must have.
TAMPERINGS: Final[tuple[tuple[Callable[[KeylessDemo], Outcome], str], ...]] = (
    (_other_artifact, "layout.artifact"),
    (_changed_between, "layout.disallowed"),
    (_by_somebody_else, "layout.functionaries"),
    (_step_left_out, "layout.functionaries"),
    (_layout_changed, "subject.digest-not-in-statement"),
    (_layout_of_somebody_else, "signer.identity"),
)


def test_the_demo_is_accepted_and_each_tampering_of_it_refused(
    demo: KeylessDemo, elsewhere: Path
) -> None:
    """With certificates of a real authority, entries of a real log, and no sandbox."""
    folder, kept = demo.cli.folder, elsewhere / "kept"
    accepted = demo.verify()
    shutil.copytree(folder, kept, symlinks=True)

    found = {}
    for tamper, _ in TAMPERINGS:
        for path in kept.iterdir():
            if path.is_file():
                shutil.copy2(path, folder / path.name)
        shutil.copy2(kept / SOURCE, folder / SOURCE)
        outcome = tamper(demo)
        found[tamper.__name__] = (outcome.code, reasons(outcome))

    assert accepted.code == 0, accepted.out
    assert f"signer:    {SERVER}/{_PACKING}" in accepted.out
    assert "sandbox" not in accepted.out
    for tamper, reason in TAMPERINGS:
        code, why = found[tamper.__name__]
        assert (code, reason in why) == (1, True), (tamper.__name__, why)
