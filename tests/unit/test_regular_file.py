"""Reading a file whole: a regular one, up to its limit, and never waiting."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular, read_with_status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_a_file_within_the_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    """The limit itself is within."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)

    assert read_regular(path, 100) == b"x" * size


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    """One byte is enough; the error says how many there were."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 101)

    with pytest.raises(TooLargeError, match="more than the 100 bytes") as caught:
        read_regular(path, 100)
    assert caught.value.size == 101


def test_a_file_whose_size_is_not_known_is_bounded(tmp_path: Path) -> None:
    """Files of ``/proc`` say that they have no bytes, and have some."""
    path = tmp_path / "link"
    path.symlink_to("/proc/self/maps")

    with pytest.raises(TooLargeError):
        read_regular(path, 10)


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        (stat.S_IFIFO, "a named pipe"),
        (stat.S_IFSOCK, "a socket"),
        (stat.S_IFDIR, "a folder"),
        (stat.S_IFCHR, "a device"),
    ],
)
def test_what_is_no_file_is_named(tmp_path: Path, kind: int, called: str) -> None:
    """A pipe would make the reader wait, a device may have no end."""
    path = make_special(tmp_path / "special", kind)

    if kind == stat.S_IFSOCK:  # the system itself does not open one
        with pytest.raises(OSError, match="No such device or address"):
            read_regular(path, 100)
        return
    with pytest.raises(NotRegularError, match=f"it is {called}, not a file") as caught:
        read_regular(path, 100)
    assert stat.S_IFMT(caught.value.mode) == kind


def test_a_link_is_followed_unless_it_may_not_be(tmp_path: Path) -> None:
    """Where a link is no way to name a file, it is an error of the system."""
    (tmp_path / "file").write_bytes(b"x")
    link = tmp_path / "link"
    link.symlink_to("file")

    assert read_regular(link, 100) == b"x"
    with pytest.raises(OSError, match="symbolic link"):
        read_with_status(link, 100, follow=False)


def test_the_status_is_that_of_what_was_read(tmp_path: Path) -> None:
    """Whoever judges the mode judges the file that was read."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(0o640)

    data, status = read_with_status(path, 100, follow=False)

    assert data == b"x"
    assert stat.S_IMODE(status.st_mode) == 0o640


def make_special(path: Path, kind: int) -> Path:
    """Make a folder, a pipe, a socket, or a link to a device without end."""
    if kind == stat.S_IFDIR:
        path.mkdir()
    elif kind == stat.S_IFCHR:
        path.symlink_to("/dev/zero")
    else:
        os.mknod(path, kind | 0o600)
    return path
