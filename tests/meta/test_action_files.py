"""``action.yml`` and ``verify/action.yml`` against the command line and against the code."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from slsa_gen.action import outputs
from slsa_gen.action.inputs import INPUTS, NONE, SETTINGS, SHOW_SUMMARY, Input, Kind
from slsa_gen.cli.main import build_parser
from tests.meta.repository import ROOT
from tests.unit.report.samples import accepted, attest_result, document

if TYPE_CHECKING:
    from pathlib import Path

#: The Action runs another command where the input ``run`` is given.
FILES: Final = {"attest": "action.yml", "run": "action.yml", "verify": "verify/action.yml"}
COMMANDS: Final = tuple(FILES)

#: Options that are no input: flag → why.
NO_INPUT: Final = {
    "--help": "a step has no terminal; docs/action.md describes the inputs",
    "--identity": "nobody can sign in during a run; a token of a person's is given in a file",
    "--format": "the step always reads the document, and shows the text",
    "--verbose": "a run that is debugged (RUNNER_DEBUG) turns it on",
    "--quiet": "a log that is too long is folded by whoever reads it",
    "--link-format": "a workflow's run signs keylessly; classic links are for keys at hand",
    "--signing-key": "as above",
}
#: Arguments without a flag, and the input that gives them.
POSITIONAL: Final = {"paths": "subject-path", "artifacts": "artifacts"}
#: Inputs that are no option: input → why.
NO_OPTION: Final = {
    "show-summary": "only a job has a summary",
    "github-token": "a token is no argument; the command line reads GITHUB_TOKEN",
    "run": "a shell's text; on the command line the command stands after --",
}


def _described(command: str) -> dict[str, Any]:
    described = yaml.safe_load((ROOT / FILES[command]).read_text(encoding="utf-8"))
    assert isinstance(described, dict)
    return described


def _actions(command: str) -> list[argparse.Action]:
    (commands,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    parser = commands.choices[command]
    assert isinstance(parser, argparse.ArgumentParser)
    return parser._actions


def _flags(command: str) -> dict[str, argparse.Action]:
    """Return each option of a command by its long name."""
    return {a.option_strings[-1]: a for a in _actions(command) if a.option_strings}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_has_an_input_and_each_input_an_option(command: str) -> None:
    """Under the same name, but for what is listed here with its reason."""
    expected: set[str] = set()
    for one in (name for name, file in FILES.items() if file == FILES[command]):
        names = {i.option or i.name: i.name for i in INPUTS[one]}
        expected |= {POSITIONAL[a.dest] for a in _actions(one) if not a.option_strings}
        flags = {f.removeprefix("--") for f in _flags(one) if f not in NO_INPUT}
        expected |= {names.get(flag, flag) for flag in flags}
    given = set(_described(command)["inputs"])

    assert given - set(NO_OPTION) == expected


def test_an_input_is_called_otherwise_than_its_option_for_two_reasons_only() -> None:
    """What ``run`` makes is what ``attest`` takes; and an input ``step`` would say too little."""
    others = {one.name: one.option for one in INPUTS["run"] if one.option}

    assert others == {"subject-path": "product", "step-name": "step"}
    assert all(not one.option for name in ("attest", "verify") for one in INPUTS[name])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_code_knows_each_input_and_no_other(command: str) -> None:
    """What is described is what is read."""
    given = set(_described(command)["inputs"])
    same = [name for name, file in FILES.items() if file == FILES[command]]
    known = {one.name for name in same for one in INPUTS[name]}

    assert known | (set(SETTINGS) & given) == given
    assert SHOW_SUMMARY in given
    assert set(NO_OPTION) == set(SETTINGS)


def test_no_exception_is_one_any_more() -> None:
    """A list of exceptions that outlives its reasons hides a mistake."""
    flags = set().union(*(_flags(command) for command in COMMANDS))

    assert set(NO_INPUT) <= flags
    assert not {f"--{name}" for name in NO_OPTION} & flags


@pytest.mark.parametrize("command", COMMANDS)
def test_an_input_is_of_the_kind_that_its_option_is(command: str) -> None:
    """A switch is a switch, and what may be repeated takes lines."""
    flags = _flags(command)
    for one in INPUTS[command]:
        if one.kind is Kind.WORDS:
            continue
        action = flags[one.flag]
        repeated = isinstance(action, argparse._AppendAction)

        assert (action.nargs == 0) == (one.kind is Kind.SWITCH), one.name
        # Base64 may have several lines itself.
        assert repeated == (one.kind is Kind.LINES or one.name == "base64-subjects"), one.name


@pytest.mark.parametrize("command", COMMANDS)
def test_a_default_is_what_the_command_does_unasked(command: str) -> None:
    """And the same in the file, in the code and in the parser."""
    flags = _flags(command)
    for one in INPUTS[command]:
        described = _described(command)["inputs"][one.name]
        default = described.get("default", "")

        assert isinstance(default, str), f"{one.name}: the runner takes texts"
        assert default in _meaning_nothing(one), one.name
        if one.default and one.default != NONE:
            parsed = flags[one.flag].default
            assert one.default == (f"{parsed:g}" if isinstance(parsed, float) else parsed)


def _meaning_nothing(one: Input) -> set[str]:
    return {"false"} if one.kind is Kind.SWITCH else {"", one.default}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_input_that_must_say_something_has_a_default(command: str) -> None:
    """Without one, the runner hands over the same for an input left out and an empty one."""
    for one in INPUTS[command]:
        if one.must_say:
            assert _described(command)["inputs"][one.name].get("default"), one.name


def test_whatever_says_what_verify_demands_must_say_something() -> None:
    """Only what makes it demand no less may be empty."""
    assert [one.name for one in INPUTS["verify"] if not one.must_say] == ["offline"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_input_and_output_is_described(command: str) -> None:
    """In a sentence; a switch says what it takes."""
    described = _described(command)
    same = [name for name, file in FILES.items() if file == FILES[command]]
    inputs = [one for name in same for one in INPUTS[name]]
    switches = {one.name for one in inputs if one.kind is Kind.SWITCH} | {SHOW_SUMMARY}

    for name, entry in {**described["inputs"], **described["outputs"]}.items():
        assert entry["description"].rstrip().endswith((".", "needs `contents` write permission."))
        assert ("(true or false)" in entry["description"]) == (name in switches), name
        assert set(entry) <= {"description", "default"}


@pytest.mark.parametrize(
    ("command", "result"), [("attest", attest_result()), ("verify", accepted())]
)
def test_the_outputs_are_those_that_are_written(
    command: str, result: dict[str, Any], tmp_path: Path
) -> None:
    """Each that is described, and no other."""
    written = outputs.written(document(command, [result]), tmp_path, lambda name, _: name)

    assert set(written) == set(_described(command)["outputs"])


def test_a_token_is_the_job_s_own_unless_said() -> None:
    """And verify, which asks GitHub nothing, takes none."""
    assert _described("attest")["inputs"]["github-token"]["default"] == "${{ github.token }}"
    assert "github-token" not in _described("verify")["inputs"]


@pytest.mark.parametrize("command", COMMANDS)
def test_one_image_serves_both_actions(command: str) -> None:
    """By an absolute entry point, and the command as its argument."""
    described = _described(command)

    assert described["runs"]["using"] == "docker"
    assert described["runs"]["entrypoint"] == "/opt/slsa-gen/bin/slsa-gen-action"
    assert described["runs"]["args"] == [command.replace("run", "attest")]
    assert set(described["branding"]) == {"icon", "color"}
