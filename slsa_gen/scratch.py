"""A folder for the length of a block, also where nothing but memory can be written to.

In a container whose root is read-only there is no ``/tmp``, but there is ``/dev/shm``. The
folder that is worked in, which Python would take last, is not taken while memory is there:
what lies in it is what gets attested.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

#: Files in memory: on every Linux, and in a container whose root is read-only.
MEMORY: Final = Path("/dev/shm")  # noqa: S108 (a new folder of our own is made in it)

#: What mends it, for the hint of an error.
REMEDY: Final = "Name one: TMPDIR=FOLDER; for a container: docker run --tmpfs /tmp"


def scratch_folder(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """Make a folder that is removed at the end of the block, for this user alone.

    Raises:
        FileNotFoundError: no folder can be written to; :data:`REMEDY` says what helps.
    """
    place = _usual()
    if place in {"", str(Path.cwd())} and os.access(MEMORY, os.W_OK | os.X_OK):
        place = str(MEMORY)
    return tempfile.TemporaryDirectory(prefix=prefix, dir=place or None)


def _usual() -> str:
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return ""
