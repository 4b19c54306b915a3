"""What the runner is told is read back by it as it was, and nothing in it is obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.github import runner
from tests.support.runner_commands import Log, read_outputs

if TYPE_CHECKING:
    from pathlib import Path

#: The runner reads lines: these end one.
LINES = st.text(alphabet=st.characters(exclude_characters="\r", exclude_categories=["Cs"]))


@given(data=st.text(), title=st.text(min_size=1))
def test_an_annotation_is_one_line_and_read_back_as_it_was(data: str, title: str) -> None:
    """Whatever the words are; blanks around a title are the runner's own to cut."""
    line = runner.command("error", data, title=title)

    assert not {"\n", "\r"} & set(line)
    log = Log()
    log.read([line])
    (command,) = log.obeyed
    assert (command.name, command.data) == ("error", data)
    assert command.properties.get("title", "").strip() == title.strip()


def test_a_command_without_words_is_plain() -> None:
    """Empty properties are left out."""
    assert runner.command("endgroup") == "::endgroup::"
    assert runner.command("error", "a", title="", file="b") == "::error file=b::a"


@given(value=LINES, other=LINES)
def test_an_output_is_read_back_as_it_was(value: str, other: str) -> None:
    """Several lines, an equals sign, or what looks like the end of one."""
    content = runner.output("one", value) + runner.output("two", other)

    assert read_outputs(content) == {"one": value, "two": other}


def test_the_end_of_an_output_is_new_each_time_and_not_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever knows an old one cannot end a value."""
    tokens = iter(["a" * 32, "b" * 32, "c" * 32])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(tokens))

    assert runner.output("one", f"x\nend_{'a' * 32}").splitlines()[0] == f"one<<end_{'b' * 32}"
    assert runner.output("one", "x").splitlines()[0] == f"one<<end_{'c' * 32}"


def test_what_is_added_stands_after_what_is_there(tmp_path: Path) -> None:
    """Bytes of a name that is no UTF-8 are kept."""
    path = tmp_path / "output"
    path.write_bytes(b"before\n")

    runner.append(path, "after \udcff\n")

    assert path.read_bytes() == b"before\nafter \xff\n"


def test_a_file_that_cannot_be_written_is_the_system_s_error(tmp_path: Path) -> None:
    """For the caller to tell."""
    with pytest.raises(IsADirectoryError):
        runner.append(tmp_path, "x")
