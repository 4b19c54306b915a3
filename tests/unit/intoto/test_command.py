"""A command is run as it would be without us: streams, status, environment, and what it cannot."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.errors import UsageError
from slsa_gen.intoto import command
from slsa_gen.intoto.command import Outcome
from slsa_gen.limits import Limits
from slsa_gen.reasons import Reason
from tests.support.commands import Listening, state_of, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def _run(
    words: Sequence[str],
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    timeout: float | None = None,
    grace: float = 10.0,
) -> Outcome:
    return command.run(
        words,
        folder=folder,
        environment=environment.variables() if variables is None else variables,
        clock=SystemClock(),
        limits=Limits(command_grace_seconds=grace),
        timeout=timeout,
    )


def _script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("status", [0, 1, 3, 42, 255])
def test_the_status_is_the_commands_own(tmp_path: Path, status: int) -> None:
    """Whatever it is, it is passed on."""
    outcome = _run(["sh", "-c", f"exit {status}"], tmp_path)

    assert outcome == Outcome(status)
    assert outcome.exit_code == status


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_command_that_a_signal_ends_gives_128_and_its_number(tmp_path: Path, number: int) -> None:
    """As a shell says it; nobody asked us to end, so nothing else is said."""
    assert _run(["sh", "-c", f"kill -{number:d} $$"], tmp_path) == Outcome(128 + number)


def test_the_command_runs_in_the_folder_with_the_environment_that_is_given(tmp_path: Path) -> None:
    """Nothing else of ours reaches it."""
    variables = {"PATH": environment.variables()["PATH"], "ONE": "1"}
    words = ["sh", "-c", "pwd > where; env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= > env"]

    _run(words, tmp_path, variables=variables)

    assert (tmp_path / "where").read_text() == f"{tmp_path}\n"
    found = (tmp_path / "env").read_text().splitlines()
    assert sorted(line for line in found if not line.startswith("OLDPWD=")) == sorted(
        f"{name}={value}" for name, value in variables.items()
    )


def test_the_streams_are_the_commands_own(tmp_path: Path) -> None:
    """Bytes of any kind come through as they are, and standard input is there to be read."""
    listening = Listening(tmp_path)
    words = ["sh", "-c", "printf 'err\\377\\0' >&2; cat"]

    done = subprocess.run(
        listening.driver(words), input=b"\0\xff in\r\n", capture_output=True, check=True
    )

    assert (done.stdout, done.stderr) == (b"\0\xff in\r\n", b"err\xff\0")


@pytest.mark.parametrize("name", command.WITHHELD)
def test_a_command_is_not_handed_what_speaks_for_the_run(name: str) -> None:
    """A build that holds the run's token could sign anything in its name."""
    variables = {"PATH": "/bin", "MY_TOKEN": "mine", name: "secret"}

    assert command.command_environment(variables) == {"PATH": "/bin", "MY_TOKEN": "mine"}


def test_every_secret_that_the_command_line_hides_is_withheld() -> None:
    """What is masked in a log is not handed to a build either."""
    from slsa_gen.cli.main import _SECRETS  # noqa: PLC0415 (only here)
    from slsa_gen.intoto.signing_key import PASSPHRASE  # noqa: PLC0415 (only here)

    assert {*_SECRETS, PASSPHRASE} <= set(command.WITHHELD)


def _refusal(words: Sequence[str], folder: Path, path: str | None = None) -> UsageError:
    variables = environment.variables()
    if path is not None:
        variables["PATH"] = path
    with pytest.raises(UsageError) as caught:
        _run(words, folder, variables=variables)
    assert caught.value.reason is Reason.RUN_COMMAND
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("words", [[], [""]])
def test_no_command_is_refused(tmp_path: Path, words: list[str]) -> None:
    """A variable that is not set leaves an empty word."""
    assert _refusal(words, tmp_path).message == "there is no command to run"


def test_a_command_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """A name is looked for in PATH, a path is not."""
    assert _refusal(["no-such-program"], tmp_path).message == (
        "the command 'no-such-program' cannot be started: no folder in PATH has a program of "
        "that name"
    )
    assert _refusal(["./no-such"], tmp_path).message == (
        "the command './no-such' cannot be started: there is no such file"
    )


def test_a_file_that_is_not_executable_is_said_to_be_none(tmp_path: Path) -> None:
    """By its path, and in PATH."""
    (tmp_path / "build").write_text("#!/bin/sh\n")

    by_path = _refusal(["./build"], tmp_path)
    by_name = _refusal(["build"], tmp_path, path=str(tmp_path))

    assert "it is not executable" in by_path.message
    assert by_path.hint == "Run: chmod +x './build'"
    assert "the file of that name in PATH is not executable" in by_name.message
    assert by_name.hint == f"Run: chmod +x '{tmp_path}/build'"


def test_a_folder_is_no_command(tmp_path: Path) -> None:
    """The system's word for it would be about permissions."""
    (tmp_path / "build").mkdir()

    assert "it is a folder" in _refusal(["./build"], tmp_path).message


def test_a_script_whose_interpreter_is_missing_says_so(tmp_path: Path) -> None:
    """The system says that the script is not there, and it is."""
    _script(tmp_path / "build", "#!/no/such/interpreter\n")

    assert "the interpreter that its first line names" in _refusal(["./build"], tmp_path).message


def test_a_script_without_an_interpreter_is_not_started(tmp_path: Path) -> None:
    """A shell would run it itself; which shell it was written for nobody knows."""
    _script(tmp_path / "build", "echo built\n")

    assert "its first line names no interpreter" in _refusal(["./build"], tmp_path).message


def test_arguments_that_no_command_can_have_are_refused(tmp_path: Path) -> None:
    """Too long for the system, or with a NUL byte in them."""
    assert "longer than the system takes" in _refusal(["true", "x" * 200_000], tmp_path).message
    assert "a NUL byte" in _refusal(["true", "a\0b"], tmp_path).message


def test_a_folder_that_is_gone_is_the_systems_word(tmp_path: Path) -> None:
    """The program itself is there."""
    with pytest.raises(UsageError):
        _run(["true"], tmp_path / "gone")


def test_what_is_not_foreseen_is_said_in_the_systems_words(tmp_path: Path) -> None:
    """A link that leads to itself."""
    (tmp_path / "build").symlink_to("build")

    assert "Too many levels of symbolic links" in _refusal(["./build"], tmp_path).message


def test_the_program_is_found_in_the_path_that_is_given(tmp_path: Path) -> None:
    """Not in that of this process."""
    _script(tmp_path / "build-it", "#!/bin/sh\nexit 7\n")

    assert _run(["build-it"], tmp_path, variables={"PATH": str(tmp_path)}).status == 7


def test_a_path_is_seen_from_the_folder_that_the_command_runs_in(tmp_path: Path) -> None:
    """A relative path, and a relative folder in PATH."""
    (tmp_path / "bin").mkdir()
    _script(tmp_path / "bin" / "build-it", "#!/bin/sh\nexit 7\n")

    assert _run(["bin/build-it"], tmp_path).status == 7


def test_a_command_that_takes_too_long_is_asked_to_end(tmp_path: Path) -> None:
    """It is given the time to; its status is then what the signal says."""
    outcome = _run(["sleep", "60"], tmp_path, timeout=0.1)

    assert outcome == Outcome(143, signal.SIGTERM, timed_out=True)


def test_a_command_that_ends_well_only_because_its_time_was_up_did_not_end_well(
    tmp_path: Path,
) -> None:
    """A handler that exits with 0 does not make of it a success."""
    words = ["sh", "-c", "trap 'exit 0' TERM; sleep 60 & wait"]

    outcome = _run(words, tmp_path, timeout=0.3)

    assert (outcome.status, outcome.exit_code, outcome.timed_out) == (0, 143, True)


def test_a_command_that_will_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    """After a while; the grandchild too."""
    words = ["sh", "-c", "trap '' TERM; sleep 60 & echo $! > pid; wait; wait; sleep 60"]

    outcome = _run(words, tmp_path, timeout=0.3, grace=0.2)

    assert (outcome.status, outcome.timed_out) == (137, True)
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: state_of(pid) in {"", "Z"})


def test_what_a_command_whose_time_is_up_leaves_behind_is_killed(tmp_path: Path) -> None:
    """It ends itself when it is asked to; its child does not."""
    words = ["sh", "-c", "(trap '' TERM; sleep 60; sleep 60) & echo $! > pid; wait"]

    outcome = _run(words, tmp_path, timeout=0.3, grace=60)

    assert (outcome.status, outcome.timed_out) == (143, True)
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: state_of(pid) in {"", "Z"})


def test_a_stopped_command_whose_time_is_up_ends(tmp_path: Path) -> None:
    """It hears of it: it is continued."""
    outcome = _run(["sh", "-c", "kill -STOP $$; exit 0"], tmp_path, timeout=0.3)

    assert (outcome.status, outcome.timed_out) == (143, True)


def test_a_command_within_its_time_is_left_alone(tmp_path: Path) -> None:
    """A time limit changes nothing for it."""
    assert _run(["true"], tmp_path, timeout=60) == Outcome(0)


def test_what_a_command_leaves_running_is_noticed(tmp_path: Path) -> None:
    """It may still write to the products."""
    done = _run(["sh", "-c", "sleep 60 > /dev/null 2>&1 & echo $! > pid"], tmp_path, timeout=60)

    subprocess.run(["kill", (tmp_path / "pid").read_text().strip()], check=True)
    assert (done.status, done.left_running) == (0, True)


def test_a_command_can_be_run_from_any_thread(tmp_path: Path) -> None:
    """Only the main thread may say what a signal does; the others do without."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(_run(["false"], tmp_path)))
    thread.start()
    thread.join()

    assert outcomes == [Outcome(1)]


def test_signals_do_afterwards_what_they_did_before(tmp_path: Path) -> None:
    """Handlers and the mask are as they were, also when the command cannot be started."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGTSTP)
    before = [signal.getsignal(number) for number in numbers]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])

    _run(["true"], tmp_path)
    _refusal(["./no-such"], tmp_path)

    assert [signal.getsignal(number) for number in numbers] == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask


def test_the_command_has_no_signal_blocked_or_ignored(tmp_path: Path) -> None:
    """What we hold back for ourselves is ours alone; SIGPIPE is Python's to ignore, not its."""
    text = (
        "import signal, sys\n"
        "print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))\n"
        "sys.stdout.flush()\n"
    )
    words = [
        "sh",
        "-c",
        f"'{sys.executable}' -c '{text}' > mask; grep SigIgn /proc/$$/status > ign",
    ]

    _run(words, tmp_path)

    assert (tmp_path / "mask").read_text() == "[]\n"
    assert int((tmp_path / "ign").read_text().split()[1], 16) & (1 << (signal.SIGPIPE - 1)) == 0
