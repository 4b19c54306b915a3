"""The command line's own rules: what a shell makes of an unset variable is never obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.cli.main import build_parser, main
from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    import argparse

COMMANDS: Final = (
    ("attest",),
    ("verify",),
    ("inspect",),
    ("sandbox", "trust-config"),
    ("sandbox", "trusted-root"),
)


def _parser_of(words: tuple[str, ...]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = build_parser()
    for word in words:
        (commands,) = (a for a in parser._actions if isinstance(a.choices, dict))
        assert isinstance(commands.choices, dict)
        parser = commands.choices[word]
    return parser


def _texts() -> list[tuple[str, ...]]:
    """Return a call with an empty text for every option, and every word, that takes a text."""
    calls = []
    for words in COMMANDS:
        actions = [a for a in _parser_of(words)._actions if a.nargs != 0 and not a.choices]
        needed = [a.dest for a in actions if a.nargs == "+"]
        for action in actions:
            if action.option_strings and action.type is None:
                calls += [(*words, *needed, option, "") for option in action.option_strings]
            elif not action.option_strings:
                calls += [(*words, ""), (*words, "x", "")]
    return calls


@pytest.mark.parametrize("call", _texts(), ids=" ".join)
def test_an_empty_text_is_refused_wherever_a_text_is_taken(
    call: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """``--policy "$POLICY"`` must not mean no policy, nor ``verify "$FILE"`` this folder."""
    assert main(call, variables={}) == 2

    err = capsys.readouterr().err
    assert "the text is empty (is a variable not set?)" in err
    assert f"Run: slsa-gen {call[0]}" in err
    assert "  reason: usage.option\n" in err


def test_the_table_holds_the_options_that_decide() -> None:
    """The calls above are made from the parsers: those that matter most are among them."""
    options = {word for call in _texts() for word in call}

    assert {"--policy", "--bundle", "--output", "--predicate", "--sbom-path", "--repo"} <= options


def test_the_message_names_the_option_in_each_form() -> None:
    """Long and short, and the metavariable of a word without an option."""
    with pytest.raises(UsageError, match="argument -R/--repo: the text is empty") as caught:
        build_parser().parse_args(["verify", "x", "-R", ""])
    with pytest.raises(UsageError, match="argument ARTIFACT: the text is empty"):
        build_parser().parse_args(["verify", "x", ""])
    assert caught.value.reason is Reason.USAGE_OPTION


def test_an_empty_text_among_several_is_refused() -> None:
    """One good value does not hide the other."""
    with pytest.raises(UsageError, match="argument -b/--bundle"):
        build_parser().parse_args(["verify", "x", "--bundle", "", "--bundle", "good"])


def test_a_command_that_is_passed_on_may_have_empty_arguments() -> None:
    """They mean what that command says."""
    args = build_parser().parse_args(["sandbox", "env", "--", "printf", ""])

    assert args.cmd[-1] == ""


@pytest.mark.parametrize("text", ["x", "5m", "1,5"])
def test_a_time_budget_is_a_number_of_seconds(text: str) -> None:
    """Said so, and not in Python's words."""
    with pytest.raises(UsageError, match=f"a number of seconds is expected, got '{text}'"):
        build_parser().parse_args(["attest", "x", "--retry-budget", text])
