"""Which artifacts an entry of a policy file speaks of.

Names come from whoever made the artifacts, so a pattern is matched in one pass over the name:
a regular expression tries again at each ``*``, and a name can be made for which that takes
minutes.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PART: Final = re.compile(r"\*+|[^*]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: ``*`` any text without ``/``, ``**`` any text, ``?`` one character.

    A pattern without ``/`` is held against the file's name, any other against the whole path
    as it was given (without a leading ``./``). Case counts, and everything else is itself.
    """

    text: str
    automaton: Automaton = field(repr=False)

    @classmethod
    def make(cls, text: str) -> Pattern:
        """Return the pattern of a text."""
        return cls(text, Automaton.make(text))

    def matches(self, name: str) -> bool:
        """Tell whether an artifact is meant."""
        path = posixpath.normpath(name)
        return self.automaton.accepts(path if "/" in self.text else posixpath.basename(path))


@dataclass(frozen=True, slots=True)
class Automaton:
    """All places in a pattern at once: the bit ``n`` stands for "``n`` characters matched".

    Attributes:
        steps: For each character, the places from which it leads to the next.
        other: The same for every character that the pattern does not name: from each ``?``.
        stays: The places at which a ``*`` or ``**`` takes any character but ``/``.
        stays_at_slash: The places at which a ``**`` takes a ``/``.
        end: The place after the last character.
    """

    steps: Mapping[str, int]
    other: int
    stays: int
    stays_at_slash: int
    end: int

    @classmethod
    def make(cls, text: str) -> Automaton:
        """Return the automaton of a text."""
        steps: dict[str, int] = {}
        other = stays = stays_at_slash = 0
        place = 1
        for part in _PART.findall(text):
            if part.startswith("*"):
                stays |= place
                stays_at_slash |= place if len(part) > 1 else 0
                continue
            if part == "?":
                other |= place
            else:
                steps[part] = steps.get(part, 0) | place
            place <<= 1
        named = {char: places if char == "/" else places | other for char, places in steps.items()}
        return cls({"/": 0, **named}, other, stays, stays_at_slash, place)

    def accepts(self, name: str) -> bool:
        """Tell whether the whole name is what the pattern says."""
        places = 1
        for char in name:
            stays = self.stays_at_slash if char == "/" else self.stays
            places = (places & self.steps.get(char, self.other)) << 1 | places & stays
            if not places:
                return False
        return bool(places & self.end)
