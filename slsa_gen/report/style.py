"""Colours, where a person looks on and wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Style:
    """Wraps text in the terminal's colours, or leaves it as it is."""

    colour: bool = False

    def good(self, text: str) -> str:
        """Return text in green."""
        return self._wrap("32", text)

    def bad(self, text: str) -> str:
        """Return text in red."""
        return self._wrap("31", text)

    def unsure(self, text: str) -> str:
        """Return text in yellow."""
        return self._wrap("33", text)

    def strong(self, text: str) -> str:
        """Return text in bold."""
        return self._wrap("1", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def style_for(stream: TextIO, environment: Mapping[str, str]) -> Style:
    """Return colours for a terminal, none elsewhere; ``NO_COLOR`` turns them off."""
    wanted = stream.isatty() and not environment.get("NO_COLOR")
    return Style(colour=wanted and environment.get("TERM") != "dumb")
