"""Whose the streams are: a workflow's runner obeys the command, and not what we say."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from slsa_gen.cli.console import Console
from slsa_gen.cli.streams import CommandGuard
from slsa_gen.cli.turns import Turns
from slsa_gen.clock import SystemClock
from slsa_gen.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

IN_RUN = {"GITHUB_ACTIONS": "true"}


def console(variables: Mapping[str, str]) -> Console:
    """Return a console in memory."""
    return Console(
        io.StringIO(),
        io.StringIO(),
        variables,
        SystemClock(),
        Style(),
        guard=CommandGuard(variables),
    )


def said(stream: object) -> list[str]:
    """Return the lines that were written."""
    assert isinstance(stream, io.StringIO)
    return stream.getvalue().splitlines()


def test_the_runner_does_not_listen_to_us_and_listens_to_the_command() -> None:
    """Its commands stop before our first word, begin again for the command, and stop again."""
    ours = console(IN_RUN)
    with Turns(ours, document=False) as turns:
        ours.note("before")
        turns.to_command()
        ours.say("::warning::the command's")
        turns.back()
        ours.note("after")
    lines = said(ours.err)
    tokens = [line.removeprefix("::stop-commands::") for line in lines[:1] + lines[4:5]]
    assert lines == [
        f"::stop-commands::{tokens[0]}",
        "slsa-gen: before",
        f"::{tokens[0]}::",
        "::warning::the command's",
        f"::stop-commands::{tokens[1]}",
        "slsa-gen: after",
        f"::{tokens[1]}::",
    ]
    assert tokens[0] != tokens[1], "the command could have read the first"


def test_results_are_guarded_and_a_document_is_not() -> None:
    """A document on standard output stays one."""
    for document in (False, True):
        ours = console(IN_RUN)
        with Turns(ours, document=document) as turns:
            turns.to_command()
            turns.back()
            ours.result("text")
        assert (said(ours.out) == ["text"]) is document
        assert "text" in said(ours.out)


def test_outside_of_a_run_nothing_is_added() -> None:
    """Nobody would obey."""
    ours = console({})
    with Turns(ours, document=False) as turns:
        turns.to_command()
        turns.back()
        ours.result("text")
    assert said(ours.err) == []
    assert said(ours.out) == ["text"]


def test_it_knows_whether_the_command_has_ended() -> None:
    """What fails before it is no failure of a command."""
    with Turns(console({}), document=False) as turns:
        assert not turns.command_ended
        turns.to_command()
        assert not turns.command_ended
        turns.back()
        assert turns.command_ended


def test_the_command_s_output_goes_beside_a_document(capfd: pytest.CaptureFixture[str]) -> None:
    """And ours is what it was, also where the command never came back."""
    with Turns(console({}), document=True) as turns:
        turns.to_command()
        os.write(1, b"the command's\n")
        turns.back()
        os.write(1, b"ours\n")
    with Turns(console({}), document=True) as turns:
        turns.to_command()
    os.write(1, b"ours again\n")
    found = capfd.readouterr()
    assert found.out == "ours\nours again\n"
    assert found.err == "the command's\n"
