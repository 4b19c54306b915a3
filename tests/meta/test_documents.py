"""README and manual against the program.

Before a fenced block, ``<!-- help: attest -->`` says that it is what ``slsa-gen attest
--help`` prints (``<!-- help -->`` alone: ``slsa-gen --help``); before a table,
``<!-- table: exit-codes -->`` says that its first column lists every exit code.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen import environment, errors
from tests.meta.repository import ROOT, tracked_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS: Final = ("", "attest", "inspect", "sandbox", "verify")
EXIT_CODES: Final = {"0", "1", "2", "3", "130"}
WIDTH: Final = "100"

_HELP = re.compile(
    r"<!-- help(?:: (?P<command>[a-z -]+))? -->\n+```[a-z]*\n(?P<text>.*?)\n```\n", re.DOTALL
)
_TABLE = re.compile(r"<!-- table: (?P<name>[a-z-]+) -->\n+(?P<rows>(?:\|.*\n)+)")
_LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)(?P<target>[^)#\s]+)")


def _pages() -> Iterator[tuple[Path, str]]:
    for name in tracked_files():
        if name.suffix == ".md" and name.parts[0] != "tests":
            yield name, (ROOT / name).read_text(encoding="utf-8")


def _words(text: str) -> list[str]:
    """Return a help text as every Python writes it.

    Until 3.12 argparse names the value twice, ``-b FILE, --bundle FILE``, and wraps by that.
    """
    return re.sub(r"(-[a-zA-Z]) (\S+), (--[a-z-]+) \2(?!\S)", r"\1, \3 \2", text).split()


def _help_of(command: str) -> str:
    arguments = [sys.executable, "-m", "slsa_gen", *command.split(), "--help"]
    surroundings = environment.variables() | {"COLUMNS": WIDTH, "NO_COLOR": "1"}
    result = subprocess.run(
        arguments, check=True, capture_output=True, text=True, env=surroundings, cwd=ROOT
    )
    return result.stdout.rstrip("\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_shows_the_help_as_the_program_prints_it(command: str) -> None:
    """Each command's help stands in a page, word for word (however Python wraps it)."""
    shown = {
        name: match["text"]
        for name, text in _pages()
        for match in _HELP.finditer(text)
        if (match["command"] or "") == command
    }

    assert shown, f"no page has a block after <!-- help{': ' * bool(command)}{command} -->"
    for text in shown.values():
        assert _words(text) == _words(_help_of(command))


def test_the_table_of_exit_codes_lists_every_one() -> None:
    """README or manual name each exit code that the program gives."""
    tables = [
        {cell.strip(" `") for cell in re.findall(r"^\|([^|]*)\|", match["rows"], re.MULTILINE)[2:]}
        for _, text in _pages()
        for match in _TABLE.finditer(text)
        if match["name"] == "exit-codes"
    ]

    assert tables
    assert all(table == EXIT_CODES for table in tables)
    assert {str(error.exit_code) for error in _errors()} <= EXIT_CODES


def _errors() -> list[type[errors.SlsaGenError]]:
    return [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.SlsaGenError)
    ]


def test_the_readme_shows_the_two_commands() -> None:
    """What a stranger types first, each on a line of its own."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    starts = {" ".join(line.strip(" `$").split()[:2]) for line in lines}

    assert {"make demo", "make test"} <= starts


def test_every_link_to_a_file_leads_somewhere() -> None:
    """A page that moved takes its links along."""
    broken = [
        f"{name}: {match['target']}"
        for name, text in _pages()
        for match in _LINK.finditer(text)
        if not (ROOT / name.parent / match["target"]).exists()
        and not match["target"].startswith("slsa_gen/")
    ]

    assert broken == []
