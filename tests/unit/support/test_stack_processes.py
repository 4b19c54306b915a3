"""A service's process: waited for, and gone with all that it started, however it ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stack.services.processes import StartError, free_ports, running

ROOT = Path(__file__).parents[3]


def _comes_to(pid: int, state: str) -> bool:
    """Tell whether a process comes to a state of the kernel's, such as T for stopped."""
    for _ in range(100):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == state:
            return True
        time.sleep(0.02)
    return False


def _gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody waited for yet counts as ended."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def _child(tmp_path: Path) -> int:
    """Return the id of the process that the service started."""
    path = tmp_path / "child"
    for _ in range(200):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError("the service did not start")


SERVICE = ["sh", "-c", "sleep 300 & echo $! > child; wait"]


def test_with_the_block_its_whole_group_ends(tmp_path: Path) -> None:
    """What the service itself started ends too."""
    with running("service", SERVICE, tmp_path) as process:
        child = _child(tmp_path)

    assert process.ended
    assert _gone(child)


def test_it_ends_when_something_else_fails(tmp_path: Path) -> None:
    """A stack that comes up half-way leaves nothing running."""
    with (  # noqa: PT012 (what fails is the block)
        pytest.raises(RuntimeError),
        running("service", SERVICE, tmp_path),
    ):
        child = _child(tmp_path)
        raise RuntimeError

    assert _gone(child)


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    """Then nothing can be cleaned up, and the kernel does it."""
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from tests.stack.services.processes import running\n"
        "command = ['sh', '-c', 'echo $$ > child; exec sleep 300']\n"
        "with running('service', command, Path(sys.argv[1])):\n"
        "    time.sleep(300)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT) as starter:
        # Only from here on is the kernel asked to end it with its starter.
        service = _child(tmp_path)
        starter.kill()

    assert _gone(service)


def test_one_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    """Waiting for it is given up."""
    command = ["sh", "-c", "echo out of luck >&2; exit 7"]

    with (
        running("service", command, tmp_path) as process,
        pytest.raises(StartError, match=r"service ended with status 7.*\n.*out of luck"),
    ):
        process.wait_for(lambda: False)


def test_one_that_never_answers_is_given_up(tmp_path: Path) -> None:
    """After the time that it is given."""
    with (
        running("service", ["sleep", "300"], tmp_path) as process,
        pytest.raises(StartError, match=r"service does not answer after 0\.2 s"),
    ):
        process.wait_for(lambda: False, 0.2)


@pytest.mark.network
def test_ports_are_free_and_differ() -> None:
    """Each service has its own."""
    ports = free_ports([str(number) for number in range(16)])

    assert len(set(ports.values())) == 16


def test_a_service_that_was_stopped_can_be_started_again(tmp_path: Path) -> None:
    """It is waited for as it was the first time, and ends with the block as well."""
    with running("service", SERVICE, tmp_path) as process:
        child = _child(tmp_path)
        process.stop(signal.SIGTERM)
        assert process.ended
        (tmp_path / "child").unlink()

        process.wait_for(lambda: True, 0)
        process.start_again()

        again = _child(tmp_path)
        assert again != child
        assert not process.ended
    assert process.ended
    assert _gone(again)


def test_a_service_that_stands_still_goes_on(tmp_path: Path) -> None:
    """Nothing of it runs in between, and nothing is lost."""
    with running("service", SERVICE, tmp_path) as process:
        child = _child(tmp_path)
        process.halt()
        assert _comes_to(child, "T")
        process.go_on()
        assert _comes_to(child, "S")
