"""The Action's scenarios again, with the image in an engine in place of a process.

What ``tests/integration/test_action.py`` shows of the Action under a runner's conditions must
hold of the image too: the same tests, each with Docker as the runner's backend.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration import test_action
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
