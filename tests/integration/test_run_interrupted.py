"""``run`` is asked to end while its command runs: nothing is attested, nothing is left behind."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.support.commands import Listening, Terminal, started
from tests.support.git_repositories import Repository

_SLSA_GEN = str(Path(sys.executable).with_name("slsa-gen"))


@pytest.fixture
def project(tmp_path: Path, sandbox_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Return a project that is the current folder, with a sandbox to sign on."""
    made = Repository(tmp_path / "project", {".gitignore": "dist/\n", "a": "a\n"})
    made.write({"dist/.keep": ""})
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv("SLSA_GEN_SANDBOX", str(sandbox_folder))
    return made


def _step(listening: Listening) -> list[str]:
    """Return the command line of a step that makes its product, and then waits to be ended."""
    made = ["sh", "-c", 'echo made > dist/app && exec "$@"', "sh", *listening.command]
    return [_SLSA_GEN, "run", "--sigstore", "sandbox", "--product", "dist/app", "--", *made]


def _left(project: Repository) -> list[str]:
    return sorted(path.name for path in (project.folder / "dist").iterdir())


@pytest.mark.network
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_asked_to_end_attests_nothing(
    project: Repository, tmp_path: Path, number: signal.Signals
) -> None:
    """Though the command, which heard of it once, made its product and ended with 0."""
    listening = Listening(tmp_path)
    with started(_step(listening)) as process:
        listening.wait_ready()
        process.send_signal(number)
        heard = listening.wait_heard(1)
        listening.end()

    assert heard == [number.name]
    assert process.returncode == 128 + number
    assert _left(project) == [".keep", "app"]


@pytest.mark.network
def test_ctrl_c_at_a_terminal_attests_nothing(project: Repository, tmp_path: Path) -> None:
    """The terminal tells both; the command hears of it once."""
    listening = Listening(tmp_path)
    with Terminal(_step(listening)) as terminal:
        listening.wait_ready()
        terminal.type(b"\x03")
        heard = listening.wait_heard(1)
        listening.end()

        assert heard == ["SIGINT"]
        assert terminal.ended() == 130
    assert _left(project) == [".keep", "app"]


@pytest.mark.network
def test_a_run_that_nobody_interrupts_attests(project: Repository, tmp_path: Path) -> None:
    """The same step: so what the others miss is what would have been there."""
    listening = Listening(tmp_path)
    with started(_step(listening)) as process:
        listening.wait_ready()
        listening.end()

    assert process.returncode == 0
    assert len(_left(project)) == 3
