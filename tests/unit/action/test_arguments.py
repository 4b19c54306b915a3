"""Inputs and the arguments that say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.action import inputs
from slsa_gen.action.arguments import arguments_of
from slsa_gen.cli.main import build_parser
from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason
from tests.unit.action.steps import TOKEN, variables


def test_an_input_that_is_empty_or_blank_is_not_given() -> None:
    """So the runner hands over those that nobody wrote."""
    given = dict.fromkeys(("subject_path", "sha512", "output", "predicate"), "")

    assert arguments_of("attest", variables(**given)) == ["attest"]
    assert arguments_of("attest", variables(subject_path=" \n\n")) == ["attest"]


def test_what_means_the_same_as_nothing_is_not_written() -> None:
    """The printed command is as short as a person's."""
    given = variables(names="base", sigstore="public-good", retry_budget="300", sha512="false")

    assert arguments_of("attest", given) == ["attest"]


def test_several_values_stand_one_a_line_and_a_comma_is_part_of_a_name() -> None:
    """Line ends of either kind; blanks within a line are the name's."""
    given = variables(subject_path="dist/a b, c \r\n\n!*.log\n", allow_event="schedule\nmerge\n")

    assert arguments_of("attest", given) == [
        *("attest", "--allow-event", "schedule", "--allow-event", "merge"),
        *("--", "dist/a b, c ", "!*.log"),
    ]


def test_a_single_value_is_taken_without_the_line_ends_of_yaml() -> None:
    """A block of text ends in one; a predicate is taken as it is."""
    given = variables(predicate_type="https://x\n", predicate='{"a": " b "}\n')

    assert arguments_of("attest", given) == [
        *("attest", "--predicate-type", "https://x", "--predicate", '{"a": " b "}\n'),
    ]


@pytest.mark.parametrize("text", ["true", "True", "TRUE", " true\n"])
def test_a_switch_that_is_on_is_the_option(text: str) -> None:
    """In YAML 1.2's words."""
    assert arguments_of("attest", variables(sha512=text)) == ["attest", "--sha512"]


@pytest.mark.parametrize("text", ["yes", "1", "on", "tRue", "true false", "0", "::error::x"])
def test_a_switch_that_is_neither_on_nor_off_is_an_error_that_names_it(text: str) -> None:
    """Taken for off, it would do something else than was asked for."""
    with pytest.raises(UsageError, match="the input overwrite is ") as caught:
        arguments_of("attest", variables(overwrite=text))

    assert caught.value.hint == "Write:\n\n    overwrite: true"
    assert caught.value.reason is Reason.USAGE_OPTION


def test_a_value_that_begins_like_an_option_stays_a_value() -> None:
    """Nobody adds an option by an input."""
    given = variables(output="--overwrite", subject_path="--sigstore=x", subject_name="-n")

    parsed = build_parser().parse_args(arguments_of("attest", given))

    assert parsed.output == "--overwrite"
    assert parsed.paths == ["--sigstore=x"]
    assert parsed.subject_name == "-n"
    assert not parsed.overwrite


def test_a_token_is_never_an_argument() -> None:
    """Arguments are printed, and every process of the machine can read them."""
    given = variables(github_token=TOKEN, subject_path="dist/*", upload_assets="true")

    assert TOKEN not in " ".join(arguments_of("attest", given))


def test_debugging_turns_on_more_words() -> None:
    """As a person adds -v."""
    assert arguments_of("attest", {"RUNNER_DEBUG": "1"}) == ["attest", "-v"]
    assert arguments_of("verify", {"RUNNER_DEBUG": "0"}) == ["verify"]


@pytest.mark.parametrize(
    ("command", "name", "hint"),
    [
        ("verify", "source-tagg", "Did you mean source-tag? "),
        ("attest", "subject-paht", "Did you mean subject-path? "),
        ("attest", "something else", "The inputs are: allow-event, "),
    ],
)
def test_an_input_that_there_is_not_is_refused(command: str, name: str, hint: str) -> None:
    """A mistyped expectation would expect nothing."""
    with pytest.raises(UsageError, match="there is no input") as caught:
        arguments_of(command, {f"INPUT_{name.upper()}": "x"})

    assert caught.value.hint.startswith(hint)
    assert caught.value.reason is Reason.USAGE_OPTION


def test_the_entry_point_is_the_runner_s_affair() -> None:
    """Whoever names another one starts another program; we are not asked."""
    assert arguments_of("attest", {"INPUT_ENTRYPOINT": "y"}) == ["attest"]


def test_args_are_refused() -> None:
    """The runner drops them where an action has its own, and with them what they demanded."""
    with pytest.raises(UsageError, match="there is no input 'args'"):
        arguments_of("verify", {"INPUT_ARGS": "--deny-self-hosted-runners"})


DEMANDS = [one for one in inputs.INPUTS["verify"] if one.must_say]


@pytest.mark.parametrize("one", DEMANDS, ids=lambda one: one.name)
@pytest.mark.parametrize("blank", ["", " \n"])
def test_an_expectation_that_is_written_and_empty_is_refused(one: inputs.Input, blank: str) -> None:
    """It comes from an expression that names nothing, and would expect nothing."""
    given = variables(owner="octo") | {f"INPUT_{one.name.upper()}": blank}

    with pytest.raises(UsageError, match=f"the input {one.name} is given, but empty") as caught:
        arguments_of("verify", given)

    assert f"{one.name}: ${{{{ … || '{one.default or 'false'}' }}}}" in caught.value.hint


@pytest.mark.parametrize("one", DEMANDS, ids=lambda one: one.name)
def test_an_expectation_that_says_none_is_left_out(one: inputs.Input) -> None:
    """As the runner hands over those that nobody wrote."""
    given = {f"INPUT_{one.name.upper()}": one.default or "false"}

    assert arguments_of("verify", given) == ["verify"]


_TEXT = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_LINE = _TEXT.map(lambda text: "".join(text.split("\n")).removesuffix("\r")).filter(str.strip)


@given(lines=st.lists(_LINE, min_size=1))
def test_the_parser_reads_every_line_as_it_was(lines: list[str]) -> None:
    """Whatever a line holds, it is one value and nothing else."""
    given = variables(subject_path="\n".join(lines), subject_checksums="\n".join(lines))

    parsed = build_parser().parse_args(arguments_of("attest", given))

    assert parsed.paths == lines
    assert parsed.subject_checksums == lines


@given(text=_LINE)
def test_the_parser_reads_every_value_as_it_was(text: str) -> None:
    """Without the blanks around it."""
    given = variables(subject_name=text, predicate=text)

    parsed = build_parser().parse_args(arguments_of("attest", given))

    assert parsed.subject_name == text.strip()
    assert parsed.predicate == text


# ── run ──────────────────────────────────────────────────────────────────────────────────


def test_a_command_line_is_run_by_a_shell_and_its_products_are_the_subjects() -> None:
    """The other inputs are those of attest, under the options of run."""
    given = {
        "INPUT_RUN": "make dist\nmake check\n",
        "INPUT_SUBJECT-PATH": "dist/*\n!dist/*.log\n",
        "INPUT_MATERIAL": "src/**",
        "INPUT_STEP-NAME": "pack",
        "INPUT_KEEP-FAILED": "true",
        "INPUT_SIGSTORE": "sandbox",
        "INPUT_NAMES": "base",
        "INPUT_SHA512": "false",
    }
    words = arguments_of("run", given)
    place = words.index("--")
    assert words[place:] == ["--", "sh", "-e", "-c", "make dist\nmake check\n"]
    assert words[:place] == [
        "run",
        *("--product", "dist/*", "--product", "!dist/*.log"),
        *("--material", "src/**", "--step", "pack", "--keep-failed", "--sigstore", "sandbox"),
    ]


def test_a_step_without_a_name_is_called_build() -> None:
    """Not sh, which each of them would be."""
    words = arguments_of("run", {"INPUT_RUN": "make", "INPUT_SUBJECT-PATH": "x"})
    assert words[:3] == ["run", "--step", "build"]


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        ("run", {"INPUT_PREDICATE-TYPE": "https://x/y"}, "predicate-type has no effect together"),
        ("run", {"INPUT_UPLOAD-ASSETS": "true"}, "upload-assets has no effect together with run"),
        ("run", {"INPUT_SUBJECT-CHECKSUMS": "S"}, "subject-checksums has no effect together"),
        ("attest", {"INPUT_MATERIAL": "src"}, "material has no effect without run"),
        ("attest", {"INPUT_STEP-NAME": "x"}, "step-name has no effect without run"),
        ("attest", {"INPUT_KEEP-FAILED": "true"}, "keep-failed has no effect without run"),
    ],
)
def test_an_input_that_does_nothing_is_refused(
    command: str, given: dict[str, str], said: str
) -> None:
    """Somebody expects something of it."""
    with pytest.raises(UsageError, match=said) as caught:
        arguments_of(command, {"INPUT_RUN": "make" if command == "run" else "", **given})
    assert caught.value.hint


def test_inputs_at_their_defaults_do_nothing_and_are_taken() -> None:
    """The runner hands over the defaults of every input of the file."""
    defaults = {"INPUT_KEEP-FAILED": "false", "INPUT_UPLOAD-ASSETS": "false", "INPUT_NAMES": "base"}
    assert arguments_of("attest", defaults) == ["attest"]
    assert "--keep-failed" not in arguments_of("run", {"INPUT_RUN": "make", **defaults})
