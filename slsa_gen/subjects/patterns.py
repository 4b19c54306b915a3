"""Patterns of paths: ``*``, ``?``, ``[abc]`` within a name, ``**`` for any number of folders.

A pattern is matched name by name (a small automaton), so that a walk knows at each folder
whether anything below it can still match. Names that begin with a dot are matched like any
other: what is left out silently is what provenance must not leave out.
"""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    #: How far a pattern has been matched: indexes of the parts that may come next.
    States = frozenset[int]

_MAGIC: Final = re.compile(r"[*?\[]")
_ANY_DEPTH: Final = "**"
NOTHING: Final[States] = frozenset()


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of ``--subject-path``.

    Attributes:
        text: As written, with the ``!`` of an exclude.
        excludes: Whether it takes files out again.
        prefix: The folders before the first part with a wildcard; empty for the base.
        parts: What stands after the prefix, a name each; empty when there is no wildcard.
    """

    text: str
    excludes: bool
    prefix: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read one line.

        Raises:
            SubjectError: it is empty, or means something else than it seems to.
        """
        path = text.removeprefix("!")
        if not path.strip() or "\0" in path:
            raise _malformed(
                text,
                "a path was expected",
                "Is a variable unset? Leave the empty value out, or say what it should hold.",
            )
        names = path.split("/")
        first = next((n for n, name in enumerate(names) if _MAGIC.search(name)), len(names))
        prefix, parts = "/".join(names[:first]), tuple(names[first:])
        if path.startswith("/") and not prefix:
            prefix = "/"
        return cls(text, text.startswith("!"), prefix, parts)

    @property
    def path(self) -> str:
        """Return the path or glob without the ``!``."""
        return self.text.removeprefix("!")

    def check_parts(self) -> None:
        """Refuse wildcards that would match less than their writer thinks.

        Raises:
            SubjectError: ``**`` within a name, ``..`` after a wildcard, a slash at the end.
        """
        for part in self.parts:
            if part != _ANY_DEPTH and _ANY_DEPTH in part:
                mended = self.path.replace(part, f"**/{part.replace('**', '*')}", 1)
                raise _malformed(
                    self.text,
                    "** means any number of folders only where it stands alone between slashes",
                    f"Write: {shown(mended)}",
                )
            if part in {"..", "."}:
                raise _malformed(
                    self.text,
                    f"{part!r} after a wildcard leads to no one place",
                    "Write the folder's path before the wildcard.",
                )
        if self.parts and not self.parts[-1]:
            raise _malformed(
                self.text,
                "a pattern that ends in a slash matches folders only, a subject is a file",
                f"For all files in them write: {shown(self.path + '**')}",
            )


class Matcher:
    """The automaton of a pattern's names.

    Args:
        parts: Names with wildcards, ``**`` alone for any number of folders.
    """

    def __init__(self, parts: Iterable[str]) -> None:
        steps: list[Callable[[str], object] | None] = []
        for part in parts:
            if not part:
                continue
            if part != _ANY_DEPTH:
                steps.append(_name_test(part))
            elif not steps or steps[-1] is not None:
                steps.append(None)
        if steps and steps[-1] is None:
            steps.append(_anything)
        self._steps = tuple(steps)
        self._end = len(steps)

    def start(self, path: str = "") -> States:
        """Return the states at the beginning, or after the names of a path."""
        states = self._closure({0})
        for name in path.split("/"):
            if name:
                states = self.step(states, name)
        return states

    def step(self, states: States, name: str) -> States:
        """Return the states after one more name."""
        following: set[int] = set()
        for state in states:
            if state == self._end:
                continue
            test = self._steps[state]
            if test is None:
                following.add(state)
            elif test(name):
                following.add(state + 1)
        return self._closure(following) if following else NOTHING

    def covers(self, path: str) -> bool:
        """Tell whether a path, or a folder above it, is all that the pattern asks for."""
        states = self.start()
        for name in path.split("/"):
            if name:
                states = self.step(states, name)
            if self.matches(states):
                return True
        return False

    def matches(self, states: States) -> bool:
        """Tell whether the names so far are all that the pattern asks for."""
        return self._end in states

    def continues(self, states: States) -> bool:
        """Tell whether something below may match."""
        return any(state != self._end for state in states)

    def _closure(self, states: set[int]) -> States:
        for state in tuple(states):
            if state < self._end and self._steps[state] is None:
                states.add(state + 1)
        return frozenset(states)


def exclude_matcher(pattern: Pattern, base: str) -> Matcher:
    """Return the automaton of an exclude over absolute paths.

    Args:
        pattern: The exclude.
        base: The folder that relative patterns start at (absolute).

    Raises:
        SubjectError: a wildcard that would match less than its writer thinks.
    """
    pattern.check_parts()
    folder = absolute(pattern.prefix, base)
    return Matcher((*(glob_escape(name) for name in folder.split("/")), *pattern.parts))


def absolute(path: str, base: str) -> str:
    """Return the absolute form of a path; links in it are kept, but for those before a ``..``.

    ``a/../b`` is ``b`` only where ``a`` is a folder and no link, so the system must say what
    ``a/..`` is. Where it cannot, the dots stay, and whoever opens the path learns why.
    """
    names = os.path.join(base, path).split("/")  # noqa: PTH118 (a Path drops what it thinks is noise)
    ups = [number for number, name in enumerate(names) if name == ".."]
    if ups:
        before = "/".join(names[: ups[-1] + 1])
        try:
            Path(before).stat()  # realpath takes "file/.." for the file's folder, Linux does not
            names[: ups[-1] + 1] = os.path.realpath(before, strict=True).split("/")
        except (OSError, ValueError):
            return "/".join(names)
    # normpath leaves two slashes at the beginning as they are, as POSIX allows; Linux has one.
    return "/" + os.path.normpath("/".join(names)).lstrip("/")


def below(path: str, base: str) -> str:
    """Return a path as seen from a base, where it is below it; else as it is."""
    return path.removeprefix(base.rstrip("/") + "/")


def glob_escape(name: str) -> str:
    """Return a pattern that matches exactly the given name."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _name_test(part: str) -> Callable[[str], object]:
    if not _MAGIC.search(part):
        return part.__eq__
    if part == "*":
        return _anything
    # "[^a]" is "[!a]" to every shell, and something else to fnmatch.
    return re.compile(fnmatch.translate(part.replace("[^", "[!"))).match


def _anything(_: str) -> bool:
    return True


def _malformed(text: str, cause: str, hint: str) -> SubjectError:
    return SubjectError(
        f"the pattern {shown(text)} is refused: {cause}", reason=Reason.SUBJECT_PATTERN, hint=hint
    )
