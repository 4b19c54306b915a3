"""The Action's scenarios again, with the image in an engine in place of a process.

What ``tests/integration/test_action.py`` shows of the Action under a runner's conditions must
hold of the image too: the same tests, each with Docker as the runner's backend.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.intoto.link import LINK_V03
from tests.integration import test_action
from tests.integration.test_action import CHECK, SIGN, titles
from tests.stack.container.step_container import DockerBackend
from tests.support.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

_SCENARIOS: Final = {
    name: test for name, test in vars(test_action).items() if name.startswith("test_")
}
# Collected here, they get the fixture below.
globals().update(_SCENARIOS)


@pytest.fixture
def runner(image: str, tmp_path: Path, sandbox_template: Path) -> Runner:
    """Return a runner that has the image, and a sandbox in HOME."""
    assert image
    runner = Runner(tmp_path / "machine", DockerBackend())
    shutil.copytree(sandbox_template, runner.home / ".local/share/slsa-gen/sandbox")
    return runner


def test_the_image_runs_what_its_shell_and_python_can_make(runner: Runner) -> None:
    """A script of several lines; the folder has no material, and that is said."""
    script = """\
mkdir dist
for word in one two; do echo "$word" >>dist/words; done
python3 -c 'print("made by", __import__("sys").platform)' >dist/app
"""
    inputs = {"run": script, "subject-path": "dist/*", "no-materials": "true"}
    step = runner.uses("action.yml", SIGN | inputs)

    assert step.code == 0, step.log.shown
    assert step.outputs["bundle-path"] == "dist/build.intoto.jsonl"
    assert (runner.workspace / "dist/app").read_bytes() == b"made by linux\n"
    assert (runner.workspace / "dist/words").read_bytes() == b"one\ntwo\n"
    both = {"artifacts": "dist/app\ndist/words"}
    assert runner.uses("verify/action.yml", CHECK | both).code == 0
    link = {"predicate-type": LINK_V03}
    assert runner.uses("verify/action.yml", CHECK | both | link).code == 0
    runner.write("dist/app", b"changed\n")
    assert runner.uses("verify/action.yml", CHECK | both).code == 1


def test_the_image_has_no_make_and_no_git_and_says_so(runner: Runner) -> None:
    """The shell's status; and what to name where no commit can be read."""
    runner.write("Makefile", b"app:\n\techo made >app\n")
    inputs = {"run": "make app\necho not reached >app\n", "subject-path": "app"}
    lacking = runner.uses("action.yml", SIGN | inputs | {"material": "Makefile"})
    guessed = runner.uses("action.yml", SIGN | inputs)

    assert lacking.code == 127, lacking.log.shown
    (error,) = [a for a in lacking.log.annotations if a.name == "error"]
    assert "a program of it is not in the container" in error.data
    assert "Build in a step of the job" in error.data
    assert lacking.outputs == {}
    assert not list(runner.workspace.glob("app*"))
    assert guessed.code == 2, guessed.log.shown
    assert titles(guessed) == ["slsa-gen run: run.no-repository"]
