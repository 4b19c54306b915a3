"""A file that appears whole or not at all. Raises what the operating system says."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def replace(path: Path, content: bytes) -> None:
    """Write a file in the place of another, if there is one; a link is replaced itself.

    Raises:
        OSError: it cannot be written, or something else than a file is there.
    """
    _refuse_special(path)
    place(path, content, Path.replace)


def place(path: Path, content: bytes, move: Callable[[Path, Path], object]) -> None:
    """Write beside the path, then move it there, so that there is never half a file.

    Raises:
        OSError: it cannot be written.
    """
    temporary = beside(path)
    try:
        write_new(temporary, content)
        move(temporary, path)
        _sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Return a name in the same folder that nobody else has."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, down to the disk.

    Raises:
        OSError: it cannot be written, or something is there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _refuse_special(path: Path) -> None:
    # A rename would put a file in the place of /dev/null.
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "something else than a file is there")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
