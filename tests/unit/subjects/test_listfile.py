"""Reading a list: a path is a path, and only a regular file of bounded size is read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import listfile
from tests.unit.subjects.trees import ONE, limited

if TYPE_CHECKING:
    from slsa_gen.limits import Limits


def read(path: str, base: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Read a list as --subject-checksums does."""
    return listfile.read(path, option="--subject-checksums", base=base, limits=limits)


def refusal(path: str, base: Path, limits: Limits = DEFAULT_LIMITS) -> SubjectError:
    """Return the error that a path is refused with."""
    with pytest.raises(SubjectError) as caught:
        read(path, base, limits)
    return caught.value


def test_a_list_is_read_from_the_base_or_from_an_absolute_path(tmp_path: Path) -> None:
    """Also through a link: it is a list, not a subject."""
    (tmp_path / "SUMS").write_bytes(b"list")
    (tmp_path / "link").symlink_to("SUMS")

    assert read("SUMS", tmp_path) == b"list"
    assert read(str(tmp_path / "SUMS"), tmp_path / "elsewhere") == b"list"
    assert read("link", tmp_path) == b"list"


@pytest.mark.parametrize("path", ["SHA256SUM", "folder/SUMS", "SUMS/x", f"{ONE}  app", "", "a\0b"])
def test_a_path_where_nothing_is_is_never_taken_for_the_list(path: str, tmp_path: Path) -> None:
    """actions/attest takes a mistyped path as text, and attests nothing, and is green."""
    (tmp_path / "SUMS").touch()

    error = refusal(path, tmp_path)

    assert error.reason is Reason.SUBJECT_LIST_MISSING
    assert error.exit_code == 2
    assert "--subject-checksums" in error.message
    assert error.message.isprintable()


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    """The message says that it is one."""
    (tmp_path / "dist").mkdir()

    error = refusal("dist", tmp_path)

    assert error.reason is Reason.SUBJECT_LIST_MISSING
    assert "is a folder" in error.message


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    """Opening it in the usual way would wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    assert "no regular file" in refusal("pipe", tmp_path).message


def test_a_list_over_the_limit_is_refused_with_its_size(tmp_path: Path) -> None:
    """A sparse file says how large it is without being read."""
    with (tmp_path / "SUMS").open("wb") as file:
        file.truncate(10**12)

    error = refusal("SUMS", tmp_path, limited(subject_list_bytes=100))

    assert error.reason is Reason.SUBJECT_LIST_TOO_LARGE
    assert f"{10**12} bytes, at most 100" in error.message


def test_a_list_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    """The limit is what is still taken."""
    (tmp_path / "SUMS").write_bytes(b"x" * 100)

    assert read("SUMS", tmp_path, limited(subject_list_bytes=100)) == b"x" * 100


def test_links_in_a_circle_cannot_be_read(tmp_path: Path) -> None:
    """An error of its own kind: try to mend it, then again."""
    (tmp_path / "SUMS").symlink_to("SUMS")

    error = refusal("SUMS", tmp_path)

    assert isinstance(error, SubjectUnreadableError)
    assert "circle" in error.message


def test_a_read_that_fails_is_an_error_of_ours() -> None:
    """``/proc/self/mem`` is a regular file whose beginning no one may read."""
    path = "/proc/self/mem"
    if not Path(path).exists():
        pytest.skip("no /proc here")
    with pytest.raises(SubjectUnreadableError) as caught:
        listfile.read(path, option="--x", base=Path("/"), limits=DEFAULT_LIMITS)

    assert caught.value.reason is Reason.SUBJECT_UNREADABLE
    assert caught.value.exit_code == 3


def test_a_path_that_no_system_call_takes_is_an_error_of_ours(tmp_path: Path) -> None:
    """A lone surrogate cannot become bytes."""
    assert refusal("a\ud800", tmp_path).reason is Reason.SUBJECT_UNREADABLE
