"""How a sandbox is made once, held while it is used, and removed.

Several commands may start at once, and any of them may be killed at any time: a lock keeps
them apart, and what is half made is made anew.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from slsa_gen.errors import ServiceError
from slsa_gen.reasons import Reason
from slsa_gen.sandbox.folder import (
    DATABASE,
    LOCK,
    MATERIAL,
    OURS,
    PARTIAL,
    check_folder,
    is_made,
    read_document,
    require_log,
    unusable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def in_use(
    folder: Path, make: Callable[[], bytes], make_database: Callable[[Path], None]
) -> Iterator[dict[str, object]]:
    """Make the sandbox where there is none, and hold it while it is used.

    Args:
        folder: Where it lies.
        make: Returns the bytes of a new ``sandbox.json``.
        make_database: Makes a new database file.

    Yields:
        What ``sandbox.json`` holds.

    Raises:
        ServiceError: the folder is not to be used, or the sandbox is damaged.
    """
    with _locked(folder, fcntl.LOCK_SH, make=True) as descriptor:
        if not is_made(folder):
            # Whoever gets the exclusive lock first makes it; the others find it made.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not is_made(folder):
                _create(folder, make, make_database)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        require_log(folder)
        yield read_document(folder)


def reset(folder: Path) -> bool:
    """Remove the sandbox, and nothing else; tell whether there was one.

    Raises:
        ServiceError: it is in use, or not the user's own.
    """
    if not folder.exists() and not folder.is_symlink():
        return False
    check_folder(folder)
    with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB, make=False):
        existed = is_made(folder)
        for name in OURS:
            (folder / name).unlink(missing_ok=True)
    with suppress(OSError):  # somebody else's files are left, and so is the folder then
        folder.rmdir()
    return existed


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(
            folder,
            f"it cannot be made ({error.strerror})",
            "Name another folder: SLSA_GEN_SANDBOX=FOLDER",
        ) from error
    check_folder(folder)


@contextmanager
def _locked(folder: Path, how: int, *, make: bool) -> Iterator[int]:
    """Hold the lock of a folder, made when asked for; it ends with the process at the latest."""
    path = folder / LOCK
    while True:
        if make:
            _make_folder(folder)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise unusable(folder, f"it cannot be written to ({error.strerror})") from error
        try:
            _take(descriptor, how, folder)
            # A reset may have removed the file between opening and locking it.
            if _is_at(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _take(descriptor: int, how: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError as error:
        raise ServiceError(
            f"the sandbox in {str(folder)!r} is in use by another command",
            reason=Reason.SANDBOX_BUSY,
            hint="Wait until it has ended, then run again: slsa-gen sandbox reset",
        ) from error


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _create(folder: Path, make: Callable[[], bytes], make_database: Callable[[Path], None]) -> None:
    """Make the files; ``sandbox.json`` last, so that half a sandbox is none."""
    for name in OURS:
        if name != LOCK:
            (folder / name).unlink(missing_ok=True)
    try:
        make_database(folder / DATABASE)
        partial = folder / PARTIAL
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        partial.rename(folder / MATERIAL)
        _sync(folder)
    except OSError as error:
        raise unusable(folder, f"it cannot be written to ({error.strerror})") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
