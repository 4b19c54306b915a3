"""What comes from outside is harmless once it is shown."""

from __future__ import annotations

import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.report.text import as_path, command, printable, quoted


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


@pytest.mark.parametrize("path", ["-x", "--offline", "sha256:00", "oci://x/y"])
def test_a_path_that_looks_like_something_else_is_typed_as_a_path(path: str) -> None:
    """As an option or a digest it would say something else."""
    assert as_path(path) == f"./{path}"


@pytest.mark.parametrize("path", ["a", "dist/-x", "a b", "/a:b", "dist/a:b", ".-x"])
def test_any_other_path_is_left_as_it_is(path: str) -> None:
    """People know it so."""
    assert as_path(path) == path


def test_a_quoted_argument_steers_no_terminal() -> None:
    """The shell's own escapes stand for controls."""
    assert quoted("a\x1bb'c") == "$'a\\x1bb\\'c'"
