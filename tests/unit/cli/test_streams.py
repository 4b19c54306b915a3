"""The guard around what is printed in a run, and the secrets that its runner is told to hide."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from slsa_gen.cli.main import main
from slsa_gen.cli.streams import CommandGuard
from tests.support.runner_commands import Log

if TYPE_CHECKING:
    from pathlib import Path

RUN = {"GITHUB_ACTIONS": "true"}
SECRET = "a-secret-of-some-length%"


def _log(*streams: io.StringIO) -> Log:
    """Return what the runner makes of the streams, one after the other."""
    log = Log()
    for stream in streams:
        log.read(stream.getvalue().splitlines())
    return log


def test_a_secret_is_hidden_before_and_within_a_guard() -> None:
    """The guard is left for it, and there again for what follows."""
    guard, err = CommandGuard(RUN), io.StringIO()

    guard.hide(SECRET, err)
    with guard.stopped(err):
        guard.hide("another", err)
        err.write("::error::x\nanother\n")

    log = _log(err)
    assert log.masks == {SECRET, "another"}
    assert {command.name for command in log.obeyed} == {"add-mask"}
    assert "another" not in log.text
    assert not log.is_stopped


def test_a_secret_is_told_once_and_nothing_is_told_of_none() -> None:
    """The same token comes by several ways."""
    guard, err = CommandGuard(RUN), io.StringIO()

    for secret in (SECRET, SECRET, "", " \n"):
        guard.hide(secret, err)

    assert err.getvalue() == "::add-mask::a-secret-of-some-length%25\n"


def test_a_secret_is_not_told_once_results_have_a_guard() -> None:
    """The runner may not listen then, on whichever stream, and would show it."""
    guard, out, err = CommandGuard(RUN), io.StringIO(), io.StringIO()

    with guard.stopped(err, later=(out,)):
        guard.before_result(out)
        guard.hide(SECRET, err)

    assert SECRET not in _log(out, err).text
    assert "add-mask" not in err.getvalue()


def test_one_stream_for_both_has_one_guard_and_hides_to_the_end() -> None:
    """As in an Action, where everything goes to standard output."""
    guard, both = CommandGuard(RUN), io.StringIO()

    with guard.stopped(both, later=(both,)):
        guard.before_result(both)
        both.write("::warning::x\n")
        guard.hide(SECRET, both)

    log = _log(both)
    assert log.masks == {SECRET}
    assert log.annotations == []
    assert not log.is_stopped


def test_results_have_a_guard_from_the_first_on() -> None:
    """A stream that nothing is written to needs none."""
    guard, out, err = CommandGuard(RUN), io.StringIO(), io.StringIO()

    with guard.stopped(err, later=(out,)):
        assert out.getvalue() == ""
        guard.before_result(out)
        guard.before_result(out)
        out.write("::error::x\n")

    assert out.getvalue().count("::stop-commands::") == 1
    assert _log(out).obeyed == []


def test_a_secret_is_hidden_as_it_is_used() -> None:
    """Without the line end that a variable or a file may have."""
    guard, err = CommandGuard(RUN), io.StringIO()

    guard.hide(f" {SECRET}\n", err)

    assert _log(err).masks == {SECRET}


def test_outside_a_run_nothing_is_written() -> None:
    """Nobody obeys, and a secret would be there to read."""
    guard, err = CommandGuard({"GITHUB_ACTIONS": "false"}), io.StringIO()

    guard.hide(SECRET, err)
    with guard.stopped(err, later=(err,)):
        guard.before_result(err)
        guard.hide(SECRET, err)

    assert err.getvalue() == ""


def test_no_secret_is_written_to_a_file_or_a_terminal(tmp_path: Path) -> None:
    """Only a runner, at the other end of a pipe, hides it."""
    guard = CommandGuard(RUN)
    leader, follower = os.openpty()
    reader, writer = os.pipe()
    with (
        (tmp_path / "log").open("w") as file,
        os.fdopen(follower, "w") as terminal,
        os.fdopen(writer, "w") as pipe,
    ):
        guard.hide(SECRET, file)
        guard.hide(SECRET, terminal)
        guard.hide(SECRET, pipe)
    os.close(leader)

    assert (tmp_path / "log").read_text() == ""
    with os.fdopen(reader) as told:
        assert told.read() == "::add-mask::a-secret-of-some-length%25\n"


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SIGSTORE_ID_TOKEN"]
)
def test_every_secret_of_the_environment_is_hidden_first(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a word of anybody else's is printed; never outside a run."""
    arguments = ["verify", "none", "--repo", "o/r", "--sigstore", "none"]
    assert main(arguments, variables={**RUN, name: SECRET}) == 3
    in_run = capsys.readouterr()
    assert main(arguments, variables={name: SECRET}) == 3

    assert in_run.err.startswith("::add-mask::a-secret-of-some-length%25\n::stop-commands::")
    assert "add-mask" not in capsys.readouterr().err
    assert SECRET not in in_run.out


def test_what_sandbox_env_runs_has_no_commands_of_ours_around_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It speaks to the runner for itself."""
    variables = {**RUN, "GITHUB_TOKEN": SECRET, "SLSA_GEN_SANDBOX": str(tmp_path / "none")}
    assert main(["sandbox", "status"], variables=variables) == 0

    captured = capsys.readouterr()
    assert "::" not in captured.out + captured.err
