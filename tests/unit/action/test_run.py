"""One step: what the command's document becomes, and what goes wrong around it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.action import run as action
from slsa_gen.limits import DEFAULT_LIMITS
from tests.unit.action.steps import TOKEN, variables
from tests.unit.report.samples import attest_result, document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.unit.action.steps import Job


class Command:
    """Stands in for the command line: hands out a document and returns a code."""

    def __init__(self, whole: Mapping[str, object] | None, code: int = 0) -> None:
        self.whole = whole
        self.code = code
        self.arguments: Sequence[str] = ()
        self.variables: Mapping[str, str] = {}

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        variables: Mapping[str, str],
        clock: object,
        on_document: Callable[[str], None],
    ) -> int:
        """Note what it is called with."""
        del clock
        self.arguments, self.variables = arguments, variables
        if self.whole is not None:
            on_document(json.dumps(self.whole))
        return self.code


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Replace the command line by one that attests at once."""
    stand_in = Command(document("attest", [attest_result()]))
    monkeypatch.setattr(action, "main", stand_in)
    return stand_in


def test_the_command_is_called_with_what_is_printed(job: Job, command: Command) -> None:
    """In a group, so that a person can paste it."""
    assert job.step("attest", subject_path="a b\n$(x)", sha512="true") == 0

    assert command.arguments == ["attest", "--sha512", "--", "a b", "$(x)"]
    assert [c.name for c in job.log.obeyed] == ["group", "endgroup"]
    assert "slsa-gen attest --sha512 -- 'a b' '$(x)'" in job.log.shown


def test_a_token_goes_by_the_environment_and_inputs_do_not(job: Job, command: Command) -> None:
    """Where the command line looks for it; the input wins over a variable of the job."""
    job.environment["GITHUB_TOKEN"] = "another"

    job.step("attest", github_token=f"{TOKEN}\n", subject_path="a")

    assert command.variables["GITHUB_TOKEN"] == TOKEN
    assert not [name for name in command.variables if name.startswith("INPUT_")]
    assert TOKEN not in job.log.text


def test_without_a_token_the_job_s_own_variable_stays(job: Job, command: Command) -> None:
    """Who empties the input may have set the variable."""
    job.environment["GITHUB_TOKEN"] = "another"

    job.step("attest", github_token="", subject_path="a")

    assert command.variables["GITHUB_TOKEN"] == "another"


def test_a_long_command_is_cut(job: Job, command: Command) -> None:
    """A predicate of many pages helps nobody in a log."""
    job.step("attest", predicate="x" * 100_000)

    assert command.arguments[-1] == "x" * 100_000
    assert len(job.log.text) < 20_000
    assert "more characters)" in job.log.text


@pytest.mark.usefixtures("command")
def test_outputs_and_summary_are_written(job: Job) -> None:
    """After the command is done."""
    assert job.step("attest", subject_path="a") == 0

    assert job.outputs["bundle-path"] == "dist/app.intoto.jsonl"
    assert "### slsa-gen: attested 1 subject" in job.summary


@pytest.mark.usefixtures("command")
def test_the_command_for_users_names_the_sigstore_of_the_step(job: Job) -> None:
    """Else it would not be accepted."""
    job.step("attest", subject_path="a", sigstore="staging")

    assert "--repo octo-org/app --sigstore staging" in job.summary


@pytest.mark.usefixtures("command")
def test_the_summary_can_be_turned_off(job: Job) -> None:
    """Outputs stay."""
    job.step("attest", subject_path="a", show_summary="false")

    assert job.summary == ""
    assert job.outputs["subject-count"] == "1"


def test_a_summary_that_is_too_long_is_cut_and_kept_whole_in_a_file(
    job: Job, command: Command
) -> None:
    """The runner takes nothing of one that is larger than its limit."""
    command.whole = document("attest", [attest_result(*(f"file-{n}" for n in range(50)))])
    job.limits = replace(DEFAULT_LIMITS, step_summary_bytes=3000)

    job.step("attest", subject_path="a")

    assert 2500 < len(job.summary.encode()) <= 3000
    (kept,) = (job.workspace / ".slsa-gen").iterdir()
    assert kept.name in job.summary
    assert "file-49" not in job.summary
    assert "file-49" in kept.read_text()


def test_what_was_done_before_a_later_target_failed_is_told_too(job: Job, command: Command) -> None:
    """The bundle is there, and the exit code is the command's."""
    problem = {"reason": "release.missing", "message": "no release", "hint": "make one"}
    command.whole, command.code = document("attest", [attest_result()], [problem], 3), 3

    assert job.step("attest", subject_path="a") == 3

    assert job.outputs["bundle-path"] == "dist/app.intoto.jsonl"
    assert job.titles == ["slsa-gen attest: release.missing"]
    assert "no release" in job.summary


def test_a_command_without_a_document_leaves_nothing(job: Job, command: Command) -> None:
    """A dry run, or an interrupt."""
    command.whole, command.code = None, 130

    assert job.step("attest", subject_path="a") == 130

    assert (job.outputs, job.summary, job.titles) == ({}, "", [])


def test_a_wrong_input_is_told_like_any_error(job: Job, command: Command) -> None:
    """In the log, as an annotation and in the summary; the command is not run."""
    assert job.step("attest", subject_path="a", sha512="maybe") == 2

    assert command.arguments == ()
    at = job.log.shown.index("  reason: usage.option")
    assert job.log.shown[at + 1].startswith("::"), "the error stands in a guard"
    assert any(line.startswith("::stop-commands::") for line in job.log.shown[:at])
    assert job.titles == ["slsa-gen attest: usage.option"]
    assert "failed" in job.summary
    assert job.outputs == {}


@pytest.mark.parametrize("word", ["", "inspect", "::error::x"])
def test_only_two_commands_are_steps(job: Job, word: str) -> None:
    """The image's entry point says which."""
    assert job.step(word) == 2

    assert "the Action runs attest or verify" in job.log.text
    assert [c.name for c in job.log.obeyed] == ["error"]


@pytest.mark.usefixtures("command")
def test_further_words_are_refused(job: Job) -> None:
    """Left out silently, what they demand would not be demanded."""
    assert action.run(["verify", "--source-tag", "v1"], job.environment) == 2


@pytest.mark.usefixtures("command")
@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_runner_that_cannot_be_told_fails_the_step(job: Job, variable: str) -> None:
    """A step that looks green and has no outputs would be worse."""
    job.environment[variable] = str(job.workspace)

    assert job.step("attest", subject_path="a") == 3

    assert job.titles == ["slsa-gen attest: output.unwritable"]
    assert "what the command had done stays done" in job.log.text


def test_a_worse_code_is_kept_when_the_runner_cannot_be_told(job: Job, command: Command) -> None:
    """A refusal is never hidden behind a full disk."""
    command.whole, command.code = document("attest", exit_code=1), 1
    job.environment["GITHUB_STEP_SUMMARY"] = str(job.workspace)

    assert job.step("attest", subject_path="a") == 1


@pytest.mark.usefixtures("command")
def test_outside_a_run_nothing_is_said_to_a_runner(job: Job) -> None:
    """The image started by hand, with the Action's entry point."""
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        del job.environment[name]

    assert job.step("attest", subject_path="a") == 0
    assert job.step("attest", sha512="maybe") == 2

    assert job.log.obeyed == []
    assert "::" not in job.log.text


@pytest.mark.parametrize(
    ("command", "given", "reason"),
    [
        ("attest", {"subject_paht": "dist/*"}, "usage.option"),
        ("attest", {"output": "../app.intoto.jsonl"}, "usage.host-path"),
        ("attest", {"subject_path": "a\n/home/runner/work/o/o/dist/b"}, "usage.host-path"),
        ("attest", {"retry_budget": "soon"}, "usage.option"),
        ("verify", {"repo": "o/r"}, "usage.option"),
        ("verify", {"artifacts": "a", "bundle": "none.jsonl", "repo": "o/r"}, "evidence.not-found"),
    ],
)
def test_wrong_usage_is_told_by_the_command_itself(
    job: Job, command: str, given: dict[str, str], reason: str
) -> None:
    """Whether the step or the command line finds it."""
    assert job.step(command, variables(**given)) == 2

    assert job.titles == [f"slsa-gen {command}: {reason}"]
    assert "\nTo do: " in job.log.annotations[0].data
    assert reason in job.summary
    assert job.outputs == {}
