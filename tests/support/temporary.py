"""A machine without a folder for temporary files: a container whose root is read-only."""

from __future__ import annotations

import errno
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def take_away(patch: pytest.MonkeyPatch, memory: Path) -> None:
    """Leave no folder to write to but the one that stands for memory, if that is there."""

    def refuse() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    patch.setattr(tempfile, "gettempdir", refuse)
    patch.setattr("slsa_gen.scratch.MEMORY", memory)
