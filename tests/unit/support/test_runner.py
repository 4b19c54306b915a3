"""The runner of the tests: it reads as actions/runner does, or what it proves is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.runner import Container, Ended, Runner, translated
from tests.support.runner_commands import Log, RunnerError, read_outputs, read_summary


def _log(*lines: str) -> Log:
    log = Log()
    log.read(lines)
    return log


@pytest.mark.parametrize(
    "line",
    ["::error title=a%3Ab::x%0Ay", "  ::ERROR title=a%3Ab::x%0Ay", "\t::Error title=a%3Ab ::x%0Ay"],
)
def test_a_command_is_obeyed_after_blanks_and_in_any_case(line: str) -> None:
    """As the runner's own parser does."""
    (command,) = _log(line).obeyed

    assert command.data == "x\ny"
    assert command.properties["title"].strip() == "a:b"


@pytest.mark.parametrize("line", ["x ::error::y", "::unknown::y", "::error", ":: error::y", ""])
def test_other_lines_are_text(line: str) -> None:
    """A command begins its line, and the runner knows its name."""
    assert _log(line).obeyed == []
    assert _log(line).shown == [line]


def test_the_old_form_is_obeyed_anywhere_in_a_line() -> None:
    """This is why it is broken up in what is printed."""
    assert [c.name for c in _log("x ##[warning]y").obeyed] == ["warning"]


def test_a_guard_stops_everything_but_its_own_end() -> None:
    """Whichever stream the end comes from: the runner has one state for both."""
    log = _log("::stop-commands::T1", "::error::x", "::stop-commands::T2", "::T2::", "::T1::")
    log.read(["::error::y"])

    assert [c.data for c in log.obeyed] == ["y"]
    assert "::error::x" in log.shown


def test_a_mask_hides_from_its_line_on_and_is_not_shown_itself() -> None:
    """One that is not obeyed is shown, which is why that must never happen."""
    assert _log("abc", "::add-mask::abc", "xabcx").shown == ["abc", "x***x"]
    assert _log("::stop-commands::T", "::add-mask::abc").shown[-1] == "::add-mask::abc"


def test_outputs_are_read_as_pairs_and_as_blocks() -> None:
    """Either form; a block may hold what looks like a pair."""
    assert read_outputs("a=b<<c\n\nd<<E\nf=g\n\nE\n") == {"a": "b<<c", "d": "f=g\n"}


@pytest.mark.parametrize("content", ["word\n", "a<<\nb\n", "a<<E\nb\n", "<<E\nb\nE\n"])
def test_outputs_that_cannot_be_read_are_an_error(content: str) -> None:
    """The runner fails the step."""
    with pytest.raises(RunnerError):
        read_outputs(content)


def test_a_summary_that_is_too_large_is_an_error() -> None:
    """The runner takes none of it."""
    assert len(read_summary(b"x" * 1024 * 1024)) == 1024 * 1024
    with pytest.raises(RunnerError, match="upload aborted"):
        read_summary(b"x" * (1024 * 1024 + 1))


def test_only_the_beginning_of_a_value_is_translated() -> None:
    """Of several lines the first."""
    mounts = {Path("/host/ws"): "/github/workspace"}

    assert translated("/host/ws/a\n/host/ws/b", mounts) == "/github/workspace/a\n/host/ws/b"
    assert translated("!/host/ws/a", mounts) == "!/host/ws/a"


class _Backend:
    """Notes what it is to run, and prints what it is told."""

    root = ""

    def __init__(self, out: bytes = b"") -> None:
        self.containers: list[Container] = []
        self._out = out

    def run(self, container: Container) -> Ended:
        """Run nothing."""
        self.containers.append(container)
        return Ended(0, self._out)


def test_a_step_has_the_runner_s_mounts_variables_and_inputs(tmp_path: Path) -> None:
    """As read in ContainerActionHandler.cs."""
    backend = _Backend()
    runner = Runner(tmp_path, backend, {"MINE": "1"})
    step = runner.uses("action.yml", {"subject-path": f"{runner.workspace}/a", "output": "x"})

    (container,) = backend.containers
    assert container.entrypoint.startswith("/")
    assert container.folder == "/github/workspace"
    assert set(container.mounts.values()) >= {
        "/github/workspace",
        "/github/home",
        "/github/workflow",
        "/github/file_commands",
    }
    variables = container.variables
    assert variables["INPUT_SUBJECT-PATH"] == "/github/workspace/a"
    assert variables["INPUT_OUTPUT"] == "x"
    assert variables["INPUT_SUBJECT-DIGEST"] == ""
    assert variables["INPUT_GITHUB-TOKEN"] == runner.token
    assert variables["HOME"] == "/github/home"
    assert variables["GITHUB_WORKSPACE"] == "/github/workspace"
    assert variables["GITHUB_OUTPUT"].startswith("/github/file_commands/")
    assert variables["RUNNER_WORKSPACE"] == str(runner.workspace.parent)
    assert variables["MINE"] == "1"
    assert (step.code, step.outputs, step.summary) == (0, {}, "")


def test_the_job_s_token_is_hidden_by_the_runner_itself(tmp_path: Path) -> None:
    """It made the token."""
    backend = _Backend()
    runner = Runner(tmp_path, backend)
    backend._out = f"x {runner.token}".encode()

    assert runner.uses("action.yml", {}).log.text == "x ***"


def test_a_step_that_leaves_commands_stopped_fails_the_test(tmp_path: Path) -> None:
    """Whatever came after it would not be obeyed."""
    runner = Runner(tmp_path, _Backend(b"::stop-commands::T\n"))

    with pytest.raises(AssertionError, match="left commands stopped"):
        runner.uses("action.yml", {})
