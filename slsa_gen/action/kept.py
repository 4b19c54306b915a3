"""Files for what the runner takes no more of, in a folder of the workspace."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ".slsa-gen"
_ROOT: Final = 0


class KeptFiles:
    """Writes files that later steps read, each under a name that nobody else has.

    Args:
        root: The workspace.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, name: str, text: str) -> str:
        """Write a file and return its path relative to the workspace.

        Raises:
            OSError: it cannot be written, or the folder is something else than a folder.
        """
        folder = self._root / FOLDER
        with suppress(FileExistsError):
            folder.mkdir()
        # Opened once and held: whatever takes its place later, nothing is written there.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            self._give_away(descriptor)
            unique = f"{secrets.token_hex(4)}-{name}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(unique, flags, 0o666, dir_fd=descriptor)
            with os.fdopen(file, "wb") as opened:
                opened.write(text.encode("utf-8", "surrogateescape"))
        finally:
            os.close(descriptor)
        return f"{FOLDER}/{unique}"

    def _give_away(self, descriptor: int) -> None:
        """Give the folder to whoever has the workspace, who must be able to empty it.

        In a container this is root, whose folder the next checkout on the same machine could
        not remove.
        """
        if os.geteuid() == _ROOT:
            owner = self._root.stat()
            with suppress(OSError):  # without the capability it stays root's
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
