"""in-toto's demo, classic: made by in-toto and verified by us, made by us and verified by it.

Then each tampering of the demo, which both refuse.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from in_toto.models.metadata import Metadata
from in_toto.verifylib import in_toto_verify
from securesystemslib.exceptions import Error as SecureSystemsError

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.intoto.classic_layout import judge
from slsa_gen.intoto.inspections import CommandInspector
from slsa_gen.intoto.signing_key import read_public_key
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from tests.support.classic_demo import ARTIFACT, Demo, run, tool
from tests.support.supply_chains import signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from slsa_gen.model.verdict import Check


@pytest.fixture(scope="module", params=["in-toto, dsse", "in-toto, older form", "slsa-gen"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo, gone through once with the tools of one or the other."""
    made = Demo.begun(tmp_path_factory.mktemp("demo") / "work", dsse="older" not in request.param)
    if request.param == "slsa-gen":
        made.made_by_us()
    else:
        made.made_by_in_toto(dsse="older" not in request.param)
    return made


@pytest.fixture
def product(demo: Demo, tmp_path: Path) -> Path:
    """Return a folder with what the demo delivers, which a test may change."""
    return demo.delivered(tmp_path / "final")


def ours(folder: Path) -> tuple[Check, ...]:
    """Judge what was delivered, with its inspection."""
    artifact = folder / ARTIFACT
    digests = (Digest("sha256", _sha256(artifact)),)
    path = environment.variables()["PATH"]
    return judge(
        (folder / "root.layout").read_bytes(),
        [read_public_key(folder / "alice.pub")],
        folder,
        digests,
        now=SystemClock().now(),
        inspect=CommandInspector(artifact, digests, path, SystemClock()),
    )


def theirs(folder: Path) -> bool:
    """Let ``in-toto-verify`` judge it."""
    command = [tool("in-toto-verify"), "-l", "root.layout", "--verification-keys", "alice.pub"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0


def refused(checks: tuple[Check, ...]) -> set[Reason | None]:
    """Return why checks refuse."""
    return {check.reason for check in checks if not check.passed}


def test_the_demo_is_accepted_by_both(product: Path) -> None:
    """Whoever made it, in either form."""
    assert refused(ours(product)) == set()
    assert theirs(product)


def evil_source(demo: Demo, product: Path) -> None:
    """Change the source after it was edited, and pack that."""
    work = _copied(demo, product)
    (work / "demo-project" / "foo.py").write_text('print("evil")\n', encoding="ascii")
    (work / ARTIFACT).unlink()
    command = ["tar", "--exclude", ".git", "-zcf", ARTIFACT, "demo-project"]
    key = ["--signing-key", str(demo.key("carl"))]
    record = ["-n", "package", *key, "-m", "demo-project/foo.py", "-p", ARTIFACT]
    run(work, tool("in-toto-run"), *record, "--", *command)
    for path in (*work.glob("package.*.link"), work / ARTIFACT):
        shutil.copy(path, product)


def evil_archive(demo: Demo, product: Path) -> None:
    """Deliver another archive than the one that was packed."""
    work = _copied(demo, product)
    (work / "demo-project" / "foo.py").write_text('print("evil")\n', encoding="ascii")
    run(work, "tar", "-zcf", str(product / ARTIFACT), "demo-project")


def missing_step(_: Demo, product: Path) -> None:
    """Leave a step out."""
    for path in product.glob("update-version.*.link"):
        path.unlink()


def other_functionary(_: Demo, product: Path) -> None:
    """Let Bob do what is Carl's."""
    (path,) = product.glob("package.*.link")
    document = json.loads(path.read_bytes())
    (other,) = product.glob("clone.*.link")
    document["signatures"] = json.loads(other.read_bytes())["signatures"]
    path.write_text(json.dumps(document), encoding="utf-8")


def easier_layout(demo: Demo, product: Path) -> None:
    """Let Bob sign a layout with fewer rules."""
    easier = {**demo.layout(), "inspect": []}
    (product / "root.layout").write_bytes(signed(easier, demo.people["bob"]))


TAMPERINGS: dict[Callable[[Demo, Path], None], set[Reason]] = {
    evil_source: {Reason.LAYOUT_DISALLOWED, Reason.LAYOUT_INSPECTION},
    evil_archive: {Reason.LAYOUT_DISALLOWED, Reason.LAYOUT_ARTIFACT},
    missing_step: {
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_DISALLOWED,
        Reason.LAYOUT_INSPECTION,
    },
    other_functionary: {
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_ARTIFACT,
        Reason.LAYOUT_INSPECTION,
    },
    easier_layout: {Reason.LAYOUT_SIGNATURE},
}


# What in-toto records an inspection with is deprecated in a package that it uses.
@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_tampering_of_the_demo_is_refused_by_both(
    demo: Demo, product: Path, tamper: Callable[[Demo, Path], None]
) -> None:
    """And the reasons say what was done."""
    tamper(demo, product)

    assert refused(ours(product)) == TAMPERINGS[tamper]
    with contextlib.chdir(product), pytest.raises(SecureSystemsError):
        in_toto_verify(
            Metadata.load("root.layout"),
            {demo.people["alice"].keyid: demo.people["alice"].document},
        )


def test_without_its_inspection_the_demo_is_refused(product: Path) -> None:
    """Not run is not passed."""
    artifact = product / ARTIFACT
    checks = judge(
        (product / "root.layout").read_bytes(),
        [read_public_key(product / "alice.pub")],
        product,
        (Digest("sha256", _sha256(artifact)),),
        now=SystemClock().now(),
    )

    assert refused(checks) == {Reason.LAYOUT_INSPECTION}
    assert sorted(path.name for path in product.iterdir() if path.is_dir()) == []


def _copied(demo: Demo, product: Path) -> Path:
    return shutil.copytree(demo.folder, product.parent / "copy")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
