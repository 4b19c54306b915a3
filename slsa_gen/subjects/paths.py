"""Files named by paths and globs: each pattern finds something, or says why it does not."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects import unmatched
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.patterns import Matcher, Pattern, absolute, below, exclude_matcher
from slsa_gen.subjects.source import Source, dangling, not_a_file, unreadable
from slsa_gen.subjects.tree import Boundary, Walk
from slsa_gen.subjects.unmatched import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsa_gen.limits import Limits

_ABSENT: Final = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What all patterns together found.

    Attributes:
        files: Each file once, by its absolute path (links in it kept).
        skipped: Absolute paths of the evidence files that globs passed over.
    """

    files: dict[str, Source]
    skipped: tuple[str, ...]


def expand(
    lines: Iterable[str], *, base: Path, boundary: Path | None, limits: Limits
) -> FoundFiles:
    """Return the files that patterns find; an exclude counts for the patterns before it.

    Args:
        lines: One path or glob each; ``!`` before one takes files out again.
        base: The folder that relative patterns start at.
        boundary: The workspace of a run, which nothing may lead out of; None where each
            pattern may not lead out of the folder before its first wildcard.
        limits: How many files may be found.

    Raises:
        SubjectError: a pattern is malformed, finds nothing, or leaves the tree.
        SubjectUnreadableError: a folder or file cannot be looked at.
    """
    search = _Search(base, boundary, limits)
    patterns = [Pattern.parse(line) for line in lines]
    if patterns and patterns[0].excludes:
        raise unmatched.leading_exclude(patterns[0])
    files: dict[str, Source] = {}
    skipped: set[str] = set()
    for pattern, excludes in _with_excludes(patterns, search.base):
        finding = search.find(pattern, excludes)
        if not finding.files:
            raise unmatched.nothing(pattern, finding, search.base)
        files.update(finding.files)
        if len(files) > limits.subjects:
            raise too_many(limits)
        skipped.update(finding.skipped)
    return FoundFiles(files, tuple(sorted(skipped - files.keys())))


def too_many(limits: Limits) -> SubjectError:
    """Return the error for more subjects than one call takes."""
    return SubjectError(
        f"there are more than {limits.subjects:,} subjects, one call takes no more",
        reason=Reason.SUBJECT_TOO_MANY,
        hint="Is a pattern wider than it should be? Else attest in several calls.",
    )


def _with_excludes(
    patterns: Sequence[Pattern], base: str
) -> list[tuple[Pattern, tuple[Matcher, ...]]]:
    """Return each pattern that finds, with the excludes that stand after it."""
    excludes: tuple[Matcher, ...] = ()
    pairs: list[tuple[Pattern, tuple[Matcher, ...]]] = []
    for pattern in reversed(patterns):
        if pattern.excludes:
            excludes = (*excludes, exclude_matcher(pattern, base))
        else:
            pairs.append((pattern, excludes))
    return pairs[::-1]


class _Search:
    """Finds the files of one call's patterns."""

    def __init__(self, base: Path, boundary: Path | None, limits: Limits) -> None:
        self.base = os.path.abspath(base)  # noqa: PTH100 (links in it are kept)
        self._workspace: Boundary | None = None
        self._workspace_names: tuple[str, ...] = ()
        if boundary is not None:
            named, real = os.path.abspath(boundary), os.path.realpath(boundary)  # noqa: PTH100 (links in it are kept)
            self._workspace = Boundary(real, "the workspace")
            self._workspace_names = (named, real)
        self._limits = limits
        self._real: dict[str, str | None] = {}

    def show(self, path: str) -> str:
        """Return a path as its user knows it: relative to the base where it is below it."""
        return below(path, self.base)

    def find(self, pattern: Pattern, excludes: tuple[Matcher, ...]) -> Finding:
        """Return what one pattern finds.

        A path is first taken as it stands: a file may have a bracket in its name, and a
        shell hands over what it has expanded.
        """
        finding = Finding()
        self._add_named(pattern, excludes, finding)
        if pattern.parts:
            if not finding.files:
                pattern.check_parts()
            self._add_matching(pattern, excludes, finding)
        return finding

    def _add_named(self, pattern: Pattern, excludes: tuple[Matcher, ...], finding: Finding) -> None:
        path = absolute(pattern.path, self.base)
        folder, name = os.path.split(path)
        shown_as = self.show(path)
        try:
            real_folder = self._real_folder(folder, shown_as)
            if real_folder is None:
                return
            real = os.path.join(real_folder, name)  # noqa: PTH118 (100,000 times)
            status = os.lstat(real)
            boundary = self._boundary(path, real_folder)
            if stat.S_ISLNK(status.st_mode):
                real = os.path.realpath(real)
                boundary.check_link(shown_as, real)
                status = _of_target(real, shown_as)
        except _ABSENT:
            return
        except (OSError, ValueError) as error:
            raise unreadable(shown_as, error) from error
        if stat.S_ISDIR(status.st_mode):
            if pattern.parts:
                return
            raise not_a_file(shown_as, status.st_mode)
        if pattern.path.endswith("/"):
            return
        if any(exclude.covers(path) for exclude in excludes):
            finding.excluded = True
            return
        by_glob = bool(pattern.parts)
        finding.files[path] = Source.of(shown_as, real, status, by_glob=by_glob)

    def _add_matching(
        self, pattern: Pattern, excludes: tuple[Matcher, ...], finding: Finding
    ) -> None:
        root = absolute(pattern.prefix, self.base)
        real = self._real_folder(root, self.show(root))
        if real is None:
            return
        boundary = self._boundary(root, real)
        if any(exclude.covers(root) for exclude in excludes):
            finding.excluded = True
            return
        walk = Walk(Matcher(pattern.parts), excludes, boundary, self.show)
        for path, source in walk.files(root, real):
            finding.files[path] = source
            if len(finding.files) > self._limits.subjects:
                raise too_many(self._limits)
        finding.skipped = walk.skipped
        finding.folders = walk.folders
        finding.excluded |= walk.excluded

    def _real_folder(self, path: str, shown_as: str) -> str | None:
        """Return a folder without links, or None where there is none; asked once for each."""
        if path not in self._real:
            try:
                is_folder = stat.S_ISDIR(Path(path).stat().st_mode)
                self._real[path] = os.path.realpath(path, strict=True) if is_folder else None
            except _ABSENT:
                self._real[path] = None
            except (OSError, ValueError) as error:
                raise unreadable(shown_as, error) from error
        return self._real[path]

    def _boundary(self, path: str, real_folder: str) -> Boundary:
        """Return what a path found in a folder may not leave.

        Raises:
            SubjectError: the folder itself is not in the workspace.
        """
        workspace = self._workspace
        if workspace is None:
            return Boundary(real_folder)
        if not workspace.holds(real_folder):
            if any(Boundary(name).holds(path) for name in self._workspace_names):
                workspace.check_link(self.show(path), real_folder)
            raise SubjectError(
                f"{shown(self.show(path))} is outside {workspace.what} {shown(workspace.real)}",
                reason=Reason.SUBJECT_OUTSIDE,
                hint=f"Let the build write into the workspace, or copy the file there. "
                f"Relative paths start at {shown(self.base)}.",
            )
        return workspace


def _of_target(real: str, shown_as: str) -> os.stat_result:
    try:
        status = os.lstat(real)
    except OSError as error:
        raise dangling(shown_as, error) from error
    if stat.S_ISLNK(status.st_mode):
        raise dangling(shown_as, None)
    return status
