"""What comes from outside is harmless once it is shown."""

from __future__ import annotations

import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.report.text import command, printable, quoted


@given(st.text())
def test_nothing_printable_returns_steers_a_terminal(text: str) -> None:
    """No control, no format character and no line end is left."""
    assert all(unicodedata.category(c)[0] != "C" for c in printable(text))
    assert len(printable(text).splitlines()) <= 1


@pytest.mark.parametrize("text", ["plain", "Grüße.tar", "файл", "a b", "日本語"])
def test_letters_of_any_script_are_shown_as_they_are(text: str) -> None:
    """Only what steers a terminal is escaped."""
    assert printable(text) == text


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    """A name that would colour the terminal is written out."""
    assert printable("a\x1b[31mb\u202ec") == "a\\x1b[31mb\\u202ec"


def test_a_command_to_the_runner_is_broken_up() -> None:
    """The old form of a workflow command may begin anywhere in a line."""
    assert printable("a ##[error]b") == "a ##\\x5berror]b"


@pytest.mark.parametrize(
    "argument",
    [
        "plain",
        "with space",
        "quo'te",
        'quo"te',
        "$(id)",
        "a\nb",
        "\x1b[31m",
        "back\\slash",
        "",
        "é",
    ],
)
def test_a_quoted_argument_is_one_argument_to_the_shell(argument: str) -> None:
    """What is offered for pasting means just the file it names."""
    line = f"printf '%s|' {command(argument, 'end')}"

    result = subprocess.run(["bash", "-c", line], check=True, capture_output=True)

    assert result.stdout.decode() == f"{argument}|end|"


def test_a_quoted_argument_steers_no_terminal() -> None:
    """The shell's own escapes stand for controls."""
    assert quoted("a\x1bb'c") == "$'a\\x1bb\\'c'"
