"""The tree before a command: one ``stat`` a file, and a number of 8 bytes kept of each.

What is asked of it later is only whether a file is as it was. So nothing is hashed and no name
is kept: a file is remembered by the hash of its path, inode, size and times (of modification
and of change; the second cannot be set by a program). Links are not followed, and ``.git`` is
not looked into.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsa_gen.limits import Limits

_GIT: Final = ".git"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Snapshot:
    """What the files of some trees were like at one time.

    Args:
        limits: How many files there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files: set[int] = set()
        self._unseen: list[str] = []

    def __len__(self) -> int:
        """Return how many files were seen."""
        return len(self._files)

    def add_tree(self, root: str) -> None:
        """Note the files of a folder and of all below it; nothing where there is none.

        Args:
            root: Its absolute path, without links.

        Raises:
            SubjectError: there are more files than one call takes.
        """
        folders = [root]
        while folders:
            folder = folders.pop()
            try:
                descriptor = os.open(folder, _FOLDER)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                self._unseen.append(folder)
                continue
            try:
                folders += self._add_folder(folder.rstrip("/"), descriptor)
            finally:
                os.close(descriptor)

    def holds(self, path: str, status: os.stat_result) -> bool:
        """Tell whether a file may be as it was: seen like this, or where nothing was seen.

        Args:
            path: Its absolute path, without links.
            status: What it is like now.
        """
        if any(path.startswith(f"{folder}/") for folder in self._unseen):
            return True
        return fingerprint(path, status) in self._files

    def _add_folder(self, path: str, descriptor: int) -> list[str]:
        """Note the files of one folder, and return the folders in it."""
        found: list[str] = []
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    name = entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if name != _GIT:
                            found.append(f"{path}/{name}")
                    elif entry.is_file(follow_symlinks=False):
                        self._add_file(f"{path}/{name}", entry)
        except OSError:
            self._unseen.append(path)
        return found

    def _add_file(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        self._files.add(fingerprint(path, status))
        if len(self._files) > self._limits.snapshot_files:
            raise SubjectError(
                f"there are more than {self._limits.snapshot_files:,} files to look at before "
                "the command runs",
                reason=Reason.RUN_TREE_TOO_LARGE,
                hint=f"Run it in the project's own folder. Here is: {shown(str(Path.cwd()))}",
            )


def take(roots: Iterable[str], limits: Limits) -> Snapshot:
    """Return what the files of some trees are like now.

    Args:
        roots: Absolute paths without links; one that lies in another costs nothing.
        limits: How many files there may be.

    Raises:
        SubjectError: there are more.
    """
    snapshot = Snapshot(limits)
    taken: list[str] = []
    for root in sorted(set(roots)):
        if not any(root.startswith(f"{other.rstrip('/')}/") for other in taken):
            taken.append(root)
            snapshot.add_tree(root)
    return snapshot


def fingerprint(path: str, status: os.stat_result) -> int:
    """Return a number that is another once a file is another, or was written to."""
    return hash(
        (
            path,
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
    )
