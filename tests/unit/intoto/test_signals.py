"""Each signal reaches the command once, wherever it comes from; what asks for an end is noted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.intoto import signals
from slsa_gen.intoto.signals import Forwarding
from slsa_gen.limits import Limits
from tests.support.commands import (
    SETTLE,
    Listening,
    Terminal,
    children_of,
    started,
    state_of,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
OTHERS = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH]
INTERRUPT, STOP = b"\x03", b"\x1a"


@pytest.mark.parametrize("thread", [False, True], ids=["alone", "beside a thread"])
@pytest.mark.parametrize("number", ENDING)
def test_a_signal_that_asks_for_an_end_is_passed_on_once_and_noted(
    tmp_path: Path, number: signal.Signals, *, thread: bool
) -> None:
    """A command that ends well in spite of it was interrupted all the same."""
    listening = Listening(tmp_path)
    with started(listening.driver(thread=thread)) as driver:
        listening.wait_ready()
        driver.send_signal(number)
        heard = listening.wait_heard(1)
        listening.end()

    assert heard == [number.name]
    assert driver.returncode == 128 + number
    assert listening.outcome()["stopped_by"] == number
    assert listening.outcome()["status"] == 0


@pytest.mark.parametrize("number", OTHERS)
def test_a_signal_that_means_something_to_the_command_only_is_passed_on_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    """It asks nobody to end."""
    listening = Listening(tmp_path, status=5)
    with started(listening.driver()) as driver:
        listening.wait_ready()
        driver.send_signal(number)
        heard = listening.wait_heard(1)
        listening.end()

    assert heard == [number.name]
    assert driver.returncode == 5
    assert listening.outcome()["stopped_by"] is None


def test_a_signal_to_the_whole_group_comes_to_the_command_once(tmp_path: Path) -> None:
    """As ``timeout`` and runners send it: the command is in a group of its own."""
    listening = Listening(tmp_path)
    with started(listening.driver()) as driver:
        listening.wait_ready()
        os.killpg(driver.pid, signal.SIGTERM)
        heard = listening.wait_heard(1)
        listening.end()

    assert heard == ["SIGTERM"]


def test_what_the_command_started_is_asked_to_end_with_it(tmp_path: Path) -> None:
    """A shell that waits for its child does not leave it behind."""
    listening = Listening(tmp_path)
    words = ["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"]
    with started(listening.driver(words)) as driver:
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
        driver.terminate()
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: state_of(pid) in {"", "Z"})

    assert driver.returncode == 143


def test_a_command_that_a_passed_signal_ends_gives_its_own_status(tmp_path: Path) -> None:
    """128 and the signal's number, as a shell says it."""
    listening = Listening(tmp_path)
    with started(listening.driver(["sleep", "60"])) as driver:
        wait_until(lambda: children_of(driver.pid))
        time.sleep(SETTLE)
        driver.send_signal(signal.SIGINT)

    assert driver.returncode == 130
    assert listening.outcome()["stopped_by"] == signal.SIGINT


def test_a_signal_that_was_ignored_when_we_began_stays_so(tmp_path: Path) -> None:
    """``nohup`` reaches the command, too."""
    listening = Listening(tmp_path)
    with started(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *listening.driver()]) as driver:
        listening.wait_ready()
        driver.send_signal(signal.SIGHUP)
        time.sleep(SETTLE)
        listening.end()

    assert (driver.returncode, listening.heard()) == (0, [])


def test_the_status_is_known_where_the_ends_of_children_were_ignored(tmp_path: Path) -> None:
    """Else a command that failed could not be told from one that did not."""
    listening = Listening(tmp_path, status=9)
    listening.end()
    ignoring = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ignoring, *listening.driver()], check=False, timeout=60
    )

    assert done.returncode == 9


def test_ctrl_c_at_a_terminal_comes_to_the_command_once(tmp_path: Path) -> None:
    """The terminal sends it to both; we do not send it again, and attest nothing."""
    listening = Listening(tmp_path)
    with Terminal(listening.driver()) as terminal:
        listening.wait_ready()
        terminal.type(INTERRUPT)
        heard = listening.wait_heard(1)
        listening.end()

        assert heard == ["SIGINT"]
        assert terminal.ended() == 130
        assert listening.outcome()["stopped_by"] == signal.SIGINT


@pytest.mark.parametrize("number", [*ENDING, *OTHERS])
def test_what_is_sent_to_us_alone_at_a_terminal_is_passed_on_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    """``kill`` names one process, and the command is another."""
    listening = Listening(tmp_path)
    with Terminal(listening.driver()) as terminal:
        listening.wait_ready()
        os.kill(terminal.pid, number)
        heard = listening.wait_heard(1)
        listening.end()

        assert heard == [number.name]
        assert terminal.ended() == (128 + number if number in ENDING else 0)


def test_a_window_that_changes_is_told_to_the_command_once(tmp_path: Path) -> None:
    """The terminal tells it, as it tells us."""
    listening = Listening(tmp_path)
    with Terminal(listening.driver()) as terminal:
        listening.wait_ready()
        terminal.resize(11, 22)
        heard = listening.wait_heard(1)
        listening.end()

        assert heard == ["SIGWINCH"]
        assert terminal.ended() == 0


def test_a_terminal_that_is_closed_is_told_to_the_command(tmp_path: Path) -> None:
    """The kernel tells only the leader of its session, which in a container is us."""
    listening = Listening(tmp_path)
    with Terminal(listening.driver()) as terminal:
        listening.wait_ready()
        terminal.close()
        heard = listening.wait_heard(1)
        listening.end()

        assert heard == ["SIGHUP"]
        assert terminal.ended() == 128 + signal.SIGHUP


def test_the_command_reads_the_terminal(tmp_path: Path) -> None:
    """It stays in the foreground: what is typed is its own."""
    listening = Listening(tmp_path)
    words = ["sh", "-c", f"read answer; echo $answer > {tmp_path}/answer; test -t 1"]
    with Terminal(listening.driver(words)) as terminal:
        terminal.type(b"yes\n")

        assert terminal.ended() == 0
        assert (tmp_path / "answer").read_text() == "yes\n"


_SHELL = """\
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])
with open(sys.argv[1], "a", buffering=1) as seen:
    while True:
        _, status = os.waitpid(child, os.WUNTRACED | os.WCONTINUED)
        if os.WIFSTOPPED(status):
            seen.write("stopped\\n")
            os.tcsetpgrp(0, os.getpgrp())
        elif os.WIFCONTINUED(status):
            seen.write("continued\\n")
        else:
            break
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_ctrl_z_stops_both_and_a_shell_continues_both(tmp_path: Path) -> None:
    """A shell sees a stopped job, and ``fg`` brings the command back."""
    listening = Listening(tmp_path)
    seen = tmp_path / "seen"
    with Terminal([sys.executable, "-c", _SHELL, str(seen), *listening.driver()]) as terminal:
        listening.wait_ready()
        (driver,) = children_of(terminal.pid)
        (command,) = children_of(driver)
        terminal.type(STOP)
        wait_until(lambda: seen.exists() and seen.read_text() == "stopped\n")
        wait_until(lambda: state_of(command) == "T")
        os.killpg(driver, signal.SIGCONT)
        wait_until(lambda: state_of(command) == "S")
        wait_until(lambda: seen.read_text() == "stopped\ncontinued\n")
        listening.end()

        assert terminal.ended() == 0
        assert listening.outcome()["stopped_by"] is None


def test_a_stop_that_nobody_could_undo_is_none(tmp_path: Path) -> None:
    """The leader of a terminal's session has no shell that would continue it."""
    listening = Listening(tmp_path)
    with Terminal(listening.driver()) as terminal:
        listening.wait_ready()
        terminal.type(STOP)
        time.sleep(SETTLE)
        listening.end()

        assert terminal.ended() == 0


def _forwarding() -> Forwarding:
    return Forwarding(SystemClock(), Limits(), None)


def test_a_signal_that_comes_before_the_command_is_there_reaches_it() -> None:
    """It is kept for it, and counts."""
    with _forwarding() as forwarding:
        os.kill(os.getpid(), signal.SIGTERM)
        with subprocess.Popen(["sleep", "60"], process_group=0) as process:
            status = forwarding.wait(process)

    assert (status, forwarding.stopped_by) == (-signal.SIGTERM, signal.SIGTERM)


def test_a_signal_that_another_thread_takes_reaches_the_command() -> None:
    """The kernel may hand a signal of the whole process to any thread that does not block it."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    with _forwarding() as forwarding, subprocess.Popen(["sleep", "60"], process_group=0) as process:
        assert thread.ident is not None
        signal.pthread_kill(thread.ident, signal.SIGTERM)
        forwarding.own_group = True
        status = forwarding.wait(process)
    ended.set()
    thread.join()

    assert (status, forwarding.stopped_by) == (-signal.SIGTERM, signal.SIGTERM)


def test_a_signal_that_comes_as_the_command_ends_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever presses Ctrl-C at the last moment has pressed it."""
    really = signals._has_ended

    def interrupted(pid: int) -> bool:
        if ended := really(pid):
            os.kill(os.getpid(), signal.SIGINT)
        return ended

    monkeypatch.setattr(signals, "_has_ended", interrupted)
    with _forwarding() as forwarding, subprocess.Popen(["true"]) as process:
        status = forwarding.wait(process)

    assert (status, forwarding.stopped_by) == (0, signal.SIGINT)


@pytest.mark.parametrize("gone", [ProcessLookupError, PermissionError])
def test_a_command_that_cannot_be_told_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, gone: type[OSError]
) -> None:
    """It has just ended, or has become another user's."""

    def refuse(_pid: int, _number: int) -> None:
        raise gone

    monkeypatch.setattr("slsa_gen.intoto.signals.os.killpg", refuse)
    with _forwarding() as forwarding:
        signal.raise_signal(signal.SIGHUP)
        with subprocess.Popen(["sleep", "0.1"], process_group=0) as process:
            forwarding.own_group = True
            status = forwarding.wait(process)

    assert (status, forwarding.stopped_by) == (0, signal.SIGHUP)
    assert forwarding.left_running is (gone is PermissionError)
