"""The request: one value a line, and nothing blank passes for a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.subjects.request import SubjectRequest, lines


def test_each_line_is_a_value() -> None:
    """A workflow's input holds several values, one a line; a comma is part of a value."""
    assert list(lines(["dist/a, b\ndist/c", "d"])) == ["dist/a, b", "dist/c", "d"]


def test_blank_lines_and_carriage_returns_are_no_part_of_values() -> None:
    """Lines may end in CRLF, and blank ones between them say nothing."""
    assert list(lines(["\n dist/a\r\n\r\n  \ndist/b \n"])) == [" dist/a", "dist/b "]


@pytest.mark.parametrize("blank", ["", " ", "\n", "\r\n\t"])
def test_a_value_that_is_blank_as_a_whole_stays_to_be_refused(blank: str) -> None:
    """An unset variable must not vanish among other values."""
    assert list(lines(["dist/a", blank])) == ["dist/a", ""]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), min_size=1).filter(str.strip)))
def test_values_without_line_ends_come_out_as_they_went_in(values: list[str]) -> None:
    """Nothing is trimmed: blanks are part of a name."""
    assert list(lines(values)) == values


@pytest.mark.parametrize(
    "request_",
    [SubjectRequest(), SubjectRequest(name="app"), SubjectRequest((), (), (), (), "", ())],
)
def test_a_request_without_a_source_of_subjects_asks_for_nothing(request_: SubjectRequest) -> None:
    """A name alone names no subject."""
    assert request_.asks_for_nothing


@pytest.mark.parametrize(
    "request_",
    [
        SubjectRequest(patterns=("a",)),
        SubjectRequest(checksum_files=("a",)),
        SubjectRequest(digests=("a",)),
        SubjectRequest(base64_texts=("",)),
        SubjectRequest(base64_files=("a",)),
    ],
)
def test_any_kind_asks_for_something(request_: SubjectRequest) -> None:
    """Also an empty text, whose emptiness is then an error of its own."""
    assert not request_.asks_for_nothing
