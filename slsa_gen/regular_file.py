"""Reading a file whole: a regular file, and no more of it than is wanted.

A path comes from an option, a variable or a folder that others write to. A pipe that nobody
writes to would make the program wait for ever, and a device may have no end; so what is not
a regular file is refused before a byte of it is read.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class RegularFileError(Exception):
    """The file is there, and it is not read; the message says why."""


class NotRegularError(RegularFileError):
    """It is a folder, a pipe, a device or a socket.

    Args:
        mode: What it is, as ``st_mode`` has it.
    """

    def __init__(self, mode: int) -> None:
        super().__init__(f"it is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file")
        self.mode = mode


class TooLargeError(RegularFileError):
    """It has more bytes than are read.

    Args:
        size: The bytes that it has, or that were read before it was given up.
        max_bytes: The bytes that are read.
    """

    def __init__(self, size: int, max_bytes: int) -> None:
        super().__init__(f"it has more than the {max_bytes} bytes that are read")
        self.size = size


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a regular file; a link is followed.

    Args:
        path: The file.
        max_bytes: The most that it may hold.

    Raises:
        OSError: what the system says.
        NotRegularError: it is no regular file.
        TooLargeError: it has more bytes.
        ValueError: the path holds a null character.
    """
    return read_with_status(path, max_bytes)[0]


def read_with_status(
    path: Path, max_bytes: int, *, follow: bool = True
) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a regular file and what the system says of it.

    Args:
        path: The file.
        max_bytes: The most that it may hold.
        follow: Whether a link in its place is followed; an OSError if not.

    Raises:
        OSError: what the system says.
        NotRegularError: it is no regular file.
        TooLargeError: it has more bytes.
        ValueError: the path holds a null character.
    """
    descriptor = os.open(path, _OPEN if follow else _OPEN | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegularError(status.st_mode)
        if status.st_size > max_bytes:
            raise TooLargeError(status.st_size, max_bytes)
        with open(descriptor, "rb", closefd=False) as file:
            data: bytes | None = file.read(max_bytes + 1)
    finally:
        os.close(descriptor)
    if data is None:  # some files of /proc are regular, and make a reader wait
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    if len(data) > max_bytes:
        raise TooLargeError(len(data), max_bytes)
    return data, status
