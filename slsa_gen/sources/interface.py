"""What a source is asked about. The sources do not know one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Wanted(Protocol):
    """An artifact: what the user called it, and where it lies (None for a digest alone)."""

    @property
    def name(self) -> str:
        """Return what the user called it."""
        ...

    @property
    def path(self) -> Path | None:
        """Return where it lies."""
        ...
