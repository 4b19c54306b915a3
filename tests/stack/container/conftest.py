"""Fixtures of the container's tests; each is skipped where there is no image or no engine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.stack.container import engine
from tests.stack.container.engine import Containerd, Engine, Mount, Outcome, Way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def image() -> str:
    """Return the name of the image under test."""
    if not engine.IMAGE:
        pytest.skip(engine.ABSENT)
    return engine.IMAGE


@pytest.fixture(scope="session")
def config(image: str) -> dict[str, Any]:
    """Return what the image says of itself."""
    (document,) = json.loads(engine.docker("image", "inspect", image))
    found = document["Config"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="session")
def containerd(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containerd]:
    """Return containerd with the image in it."""
    assert image
    if Containerd.socket() is None:
        pytest.skip("container: no containerd answers on this machine")
    containers = Containerd(tmp_path_factory.mktemp("containerd"))
    yield containers
    containers.close()


class Project:
    """A folder with what a build made, and a place for a sandbox, as containers see them."""

    INSIDE = "/project"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        (self.folder / "app.bin").write_bytes(b"built\n")
        # Whoever the container runs as makes the sandbox in it, and it is theirs.
        self._place = folder / "place"
        self._place.mkdir()
        for path in (self.folder, self._place):
            path.chmod(0o777)

    def run(self, engine: Engine, *arguments: str, way: Way) -> Outcome:
        """Run a command that may write, with the sandbox at hand."""
        mounts = (Mount(self.folder, self.INSIDE), Mount(self._place, "/place"))
        variables = {"SLSA_GEN_SANDBOX": "/place/sandbox"}
        return engine(*arguments, way=way, mounts=mounts, variables=variables, folder=self.INSIDE)

    def look(self, engine: Engine, *arguments: str, way: Way) -> Outcome:
        """Run a command that may only read, without the sandbox."""
        mounts = (Mount(self.folder, self.INSIDE, read_only=True),)
        return engine(*arguments, way=way, mounts=mounts, folder=self.INSIDE)


@pytest.fixture
def project(image: str, tmp_path: Path) -> Project:
    """Return a project of the test's own, which any user may write to."""
    assert image
    # The containers' users must get as far as the mounts' sources under any umask.
    assert os.access(tmp_path, os.R_OK)
    return Project(tmp_path)
