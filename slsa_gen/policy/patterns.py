"""Which artifacts an entry of a policy file speaks of."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final

_PART: Final = re.compile(r"\*\*+|\*|\?|[^*?]+")
_MEANING: Final = {"*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: ``*`` any text without ``/``, ``**`` any text, ``?`` one character.

    A pattern without ``/`` is held against the file's name, any other against the whole path
    as it was given (without a leading ``./``). Case counts, and everything else is itself.
    """

    text: str
    expression: re.Pattern[str]

    @classmethod
    def make(cls, text: str) -> Pattern:
        """Return the pattern of a text."""
        parts = (_translated(match.group()) for match in _PART.finditer(text))
        return cls(text, re.compile("".join(parts), re.DOTALL))

    def matches(self, name: str) -> bool:
        """Tell whether an artifact is meant."""
        path = posixpath.normpath(name)
        held = path if "/" in self.text else posixpath.basename(path)
        return self.expression.fullmatch(held) is not None


def _translated(part: str) -> str:
    if part.startswith("**"):
        return ".*"
    return _MEANING.get(part) or re.escape(part)
