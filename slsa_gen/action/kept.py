"""Files for what the runner takes no more of, in a folder of the workspace."""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING, Final

from slsa_gen.publish import whole

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ".slsa-gen"


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
        folder.mkdir(exist_ok=True)
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            raise NotADirectoryError(f"{FOLDER} is a link, not a folder")
        path = folder / f"{secrets.token_hex(4)}-{name}"
        whole.write_new(path, text.encode("utf-8", "surrogateescape"))
        return os.fspath(path.relative_to(self._root))
