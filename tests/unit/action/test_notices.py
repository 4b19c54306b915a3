"""Annotations: what happened and what to do, few enough to be shown, and never a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.action import notices
from slsa_gen.report.text import printable
from tests.support.runner_commands import Command, Log
from tests.unit.report.samples import accepted, attest_result, check, document, error, refused


def _read(lines: list[str]) -> list[Command]:
    log = Log()
    log.read(lines)
    assert log.obeyed == log.annotations
    return log.annotations


def test_an_error_says_what_happened_and_what_to_do() -> None:
    """With its reason in the title."""
    whole = document("attest", [], [error("two\nlines, 100%", "do: this", "usage.option")], 2)

    (one,) = _read(notices.written(whole))

    assert one.name == "error"
    assert one.properties == {"title": "slsa-gen attest: usage.option"}
    assert one.data == "two\nlines, 100%\nTo do: do: this"


def test_an_option_of_a_remedy_is_told_as_the_input_that_it_is() -> None:
    """A workflow has no options; what is no option of the command is not."""
    hint = "Add --overwrite, or --output PATH; --overwrite and --nonsense"

    (one,) = _read(notices.written(document("attest", [], [error("x", hint)], 2)))

    assert one.data.endswith(
        f"To do: {hint}\n(In this step --overwrite is the input overwrite, "
        "--output is the input output.)"
    )


def test_what_went_well_is_not_annotated() -> None:
    """Neither a bundle nor an accepted artifact."""
    assert notices.written(document("attest", [attest_result()])) == []
    assert notices.written(document("verify", [accepted()])) == []
    assert notices.written(document("inspect", [])) == []


def test_each_refused_artifact_has_one_with_its_first_reasons() -> None:
    """And the first remedy that there is."""
    checks = [check(f"r.{n}", hint="" if n == 0 else f"mend {n}") for n in range(5)]
    whole = document("verify", [accepted(), refused("dist/x", *checks)], exit_code=1)

    (one,) = _read(notices.written(whole))

    assert one.properties["title"] == "slsa-gen verify: r.0"
    assert one.data.splitlines() == [
        "'dist/x' was refused",
        *(f"r.{n}: expected one, found another" for n in range(3)),
        "… and 2 more reasons, which the log lists",
        "To do: mend 1",
    ]


def test_an_artifact_that_could_not_be_decided_is_not_called_refused() -> None:
    """Nobody looked."""
    undecided = {**accepted("dist/x"), "verdict": "undecided", "level": None, "attestations": []}

    (one,) = _read(notices.written(document("verify", [undecided], exit_code=3)))

    assert one.data == "'dist/x' was not decided"
    assert one.properties["title"] == "slsa-gen verify: refused"


@pytest.mark.parametrize(("count", "shown"), [(9, 9), (10, 10), (11, 10), (500, 10)])
def test_no_more_are_written_than_are_shown(count: int, shown: int) -> None:
    """The last one says how many there are besides."""
    results = [refused(f"file-{n}") for n in range(count)]

    found = _read(notices.written(document("verify", results, exit_code=1)))

    assert len(found) == shown
    assert found[8].data.startswith("'file-8' was refused")
    if count > shown:
        assert found[-1].data.startswith(f"… and {count - 9} more: ")


def test_a_long_message_is_cut_and_not_its_remedy() -> None:
    """The runner cuts at a length of its own."""
    (one,) = _read(notices.written(document("attest", [], [error("x" * 9000, "mend it")], 3)))

    assert len(one.data) <= 4000
    assert one.data.endswith("x…\nTo do: mend it")


@given(message=st.text(min_size=1), hint=st.text(), artifact=st.text())
def test_whatever_the_words_are_they_are_words(message: str, hint: str, artifact: str) -> None:
    """Of an error, and of a name; nothing is obeyed but the annotation."""
    failed = document("verify", [refused(artifact)], [error(message, hint)], 2)

    found = _read(notices.written(failed))

    assert [one.name for one in found] == ["error", "error"]
    assert all(printable(line) == line for one in found for line in one.data.split("\n"))
