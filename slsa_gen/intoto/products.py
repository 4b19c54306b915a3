"""What a command made: each pattern finds something, and each file is of this command's making."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.intoto import artifacts, snapshot
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.patterns import Pattern, absolute
from slsa_gen.subjects.request import lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.intoto.snapshot import Snapshot
    from slsa_gen.limits import Limits
    from slsa_gen.model.subject import Subject
    from slsa_gen.subjects.progress import Progress
    from slsa_gen.subjects.source import Source

#: Files that a message names.
_NAMED: Final = 3


class Products:
    """The products of one command: looked for before it, so that they are judged after it.

    Args:
        patterns: Paths and globs, as ``attest`` takes them.
        folder: Where the command runs.
        boundary: The workspace of a run, which nothing may lead out of; else None.
        limits: How much of everything.
        allow_unchanged: Whether products may be as they were before the command.

    Raises:
        SubjectError: a pattern is malformed, or there are too many files.
    """

    def __init__(
        self,
        patterns: Sequence[str],
        *,
        folder: Path,
        boundary: Path | None,
        limits: Limits,
        allow_unchanged: bool = False,
    ) -> None:
        artifacts.check_patterns(patterns, folder)
        self._patterns = tuple(patterns)
        self._folder = folder
        self._boundary = boundary
        self._limits = limits
        self._before: Snapshot | None = None
        if patterns and not allow_unchanged:
            self._before = snapshot.take(self._roots(), limits)

    def made(self, progress: Progress) -> tuple[Subject, ...]:
        """Return the products with their digests, named by their path, sorted.

        Raises:
            SubjectError: a pattern finds nothing, something leaves the tree, or a file is as it
                was before the command.
            SubjectUnreadableError: a file cannot be read, or changes while it is hashed.
        """
        found = artifacts.find(
            self._patterns, folder=self._folder, boundary=self._boundary, limits=self._limits
        )
        if old := [source.shown for source in found.values() if self._is_old(source)]:
            raise _unchanged(sorted(old), len(found))
        return self._hashed(found, progress)

    def left(self, progress: Progress) -> tuple[Subject, ...]:
        """Return what a command that failed made of the products nevertheless.

        Raises:
            SubjectError: a name that no statement can carry.
            SubjectUnreadableError: a file cannot be read, or changes while it is hashed.
        """
        found = artifacts.find_some(
            self._patterns, folder=self._folder, boundary=self._boundary, limits=self._limits
        )
        made = {path: source for path, source in found.items() if not self._is_old(source)}
        return self._hashed(made, progress)

    def _hashed(self, files: Mapping[str, Source], progress: Progress) -> tuple[Subject, ...]:
        return artifacts.hashed(files, folder=self._folder, limits=self._limits, progress=progress)

    def _is_old(self, source: Source) -> bool:
        if self._before is None:
            return False
        try:
            status = os.lstat(source.real)
        except OSError:
            return False  # hashing it will say so
        return self._before.holds(source.real, status)

    def _roots(self) -> list[str]:
        """Return the folders that products, and what links among them lead to, may lie in."""
        base = os.path.abspath(self._folder)  # noqa: PTH100 (links in it are kept)
        roots = [os.path.realpath(base)]
        if self._boundary is not None:
            roots.append(os.path.realpath(self._boundary))
        for line in lines(self._patterns):
            pattern = Pattern.parse(line)
            start = absolute(pattern.prefix, base)
            roots.append(os.path.realpath(start if pattern.parts else Path(start).parent))
        return roots


def _unchanged(old: Sequence[str], count: int) -> SubjectError:
    first = ", ".join(shown(path) for path in old[:_NAMED])
    more = f" and {len(old) - _NAMED:,} more" if len(old) > _NAMED else ""
    which = "the product" if count == 1 else f"{len(old):,} of {count:,} products"
    return SubjectError(
        f"{which} {'was' if len(old) == 1 else 'were'} neither made nor changed by the command: "
        f"{first}{more}",
        reason=Reason.RUN_PRODUCT_UNCHANGED,
        hint=f"Begin without what an earlier build left: rm -- {shlex.quote(old[0])}. "
        "If the command is right to leave it: --allow-unchanged",
    )
