"""The simulator of GitHub as a person runs it: the commands that the demo plays."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.meta.repository import ROOT
from tests.support.secrets import register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.network

SCRIPT = (sys.executable, str(ROOT / "scripts" / "github_simulator.py"))


@pytest.fixture
def variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve, and return the variables that lead there."""
    written = tmp_path / "github.env"
    command = [*SCRIPT, "serve", str(written), "octo-org/octo-repo"]
    with subprocess.Popen(command, env={"PATH": "/usr/bin:/bin"}) as process:
        deadline = time.monotonic() + 60
        while not written.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert written.stat().st_mode & 0o777 == 0o600
        words = [shlex.split(line)[1] for line in written.read_text().splitlines()]
        found = dict(word.split("=", 1) for word in words)
        register(found["GITHUB_TOKEN"])
        yield {**found, "PATH": "/usr/bin:/bin"}
        process.terminate()
    assert process.returncode == 0
    assert not written.exists()


def _github(
    variables: dict[str, str], folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SCRIPT, *arguments],
        cwd=folder,
        env=variables,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.shows_tokens("github.env holds the simulator's token, for the shell that reads it")
def test_a_release_is_made_shown_published_and_fetched(
    variables: dict[str, str], tmp_path: Path
) -> None:
    """And once published, it is immutable."""
    (tmp_path / "app.bin").write_bytes(b"built\n")

    created = _github(variables, tmp_path, "create", "v1.0.0", "app.bin", "--draft")
    published = _github(variables, tmp_path, "publish", "v1.0.0")
    fetched = _github(variables, tmp_path, "download", "v1.0.0", "there")
    absent = _github(variables, tmp_path, "view", "v2.0.0")

    assert created.stdout.startswith("v1.0.0  draft  http://127.0.0.1:"), created.stderr
    assert "6  app.bin\n" in created.stdout
    assert published.stdout.startswith("v1.0.0  published, immutable  ")
    assert fetched.stdout == "there/app.bin\n"
    assert (tmp_path / "there" / "app.bin").read_bytes() == b"built\n"
    assert (absent.returncode, absent.stderr) == (1, "error: there is no release v2.0.0\n")
