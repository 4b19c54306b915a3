"""The tree that files may be taken from, and the walk through it that a pattern asks for."""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.source import Source, dangling, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsa_gen.subjects.patterns import Matcher, States

#: Names of evidence files, which a glob passes over.
EVIDENCE_SUFFIXES: Final = (".intoto.jsonl", ".sigstore.json")


@dataclass(frozen=True, slots=True)
class Boundary:
    """The folder that nothing may lead out of.

    Attributes:
        real: Its absolute path without links.
        what: What it is, for messages (``the workspace``).
    """

    real: str
    what: str = "the folder"

    def holds(self, real: str) -> bool:
        """Tell whether an absolute path without links is in the tree."""
        return real == self.real or real.startswith(self.real.rstrip("/") + "/")

    def check_link(self, path: str, target: str) -> None:
        """Refuse a link whose target is not in the tree.

        Raises:
            SubjectError: it leaves the tree.
        """
        if not self.holds(target):
            raise SubjectError(
                f"{shown(path)} is a link, or lies behind one, that leaves {self.what} "
                f"{shown(self.real)}: it leads to {shown(target)}",
                reason=Reason.SUBJECT_LINK_LEAVES,
                hint=f"Copy what it leads to into the tree, or leave it out: {shown('!' + path)}",
            )


@dataclass(slots=True)
class Walk:
    """One pattern's walk through the tree, and what it met besides its files.

    A folder is entered once for each state of the pattern, real folders before links to
    them: so links that lead in a circle end, and every file is reached.

    Attributes:
        matcher: The pattern.
        excludes: Those that stand after it, over absolute paths.
        boundary: The tree.
        show: Makes of an absolute path what messages call it.
        skipped: Evidence files that it matched.
        folders: Folders that it matched.
        excluded: Whether something was left out because of an exclude.
    """

    matcher: Matcher
    excludes: tuple[Matcher, ...]
    boundary: Boundary
    show: Callable[[str], str]
    skipped: list[str] = field(default_factory=list)
    folders: int = 0
    excluded: bool = False
    _links: list[tuple[str, str, States]] = field(default_factory=list)
    _entered: set[tuple[str, States]] = field(default_factory=set)

    def files(self, root: str, real: str) -> Iterator[tuple[str, Source]]:
        """Yield each file that matches: its path, and where it really is.

        Args:
            root: Absolute path of the folder that the pattern starts in.
            real: The same without links.

        Raises:
            SubjectError: a link that leaves the tree, or something that is no file.
            SubjectUnreadableError: a folder or file that cannot be looked at.
        """
        folders = deque([(root, real, self.matcher.start())])
        while folders or self._links:
            if not folders:
                self._links.sort(key=lambda link: link[0])
                folders.append(self._links.pop(0))
            path, real, states = folders.popleft()
            if (real, states) in self._entered:
                continue
            self._entered.add((real, states))
            yield from self._folder(path, real, states, folders)

    def _folder(
        self, path: str, real: str, states: States, folders: deque[tuple[str, str, States]]
    ) -> Iterator[tuple[str, Source]]:
        excludes = [(matcher, matcher.start(path)) for matcher in self.excludes]
        try:
            with os.scandir(real) as scan:
                entries = list(scan)
        except OSError as error:
            raise unreadable(self.show(path), error) from error
        for entry in entries:
            name = entry.name
            following = self.matcher.step(states, name)
            if not following:
                continue
            if any(matcher.matches(matcher.step(at, name)) for matcher, at in excludes):
                self.excluded = True
                continue
            here = path.rstrip("/") + "/" + name
            try:
                found = self._entry(entry, here, real, following, folders)
            except OSError as error:
                raise unreadable(self.show(here), error) from error
            if found is not None:
                yield here, found

    def _entry(
        self,
        entry: os.DirEntry[str],
        path: str,
        folder: str,
        states: States,
        folders: deque[tuple[str, str, States]],
    ) -> Source | None:
        """Return the file of an entry that matches; note the folder for later."""
        matched = self.matcher.matches(states)
        real = folder.rstrip("/") + "/" + entry.name
        is_link = entry.is_symlink()
        if is_link:
            resolved = self._resolve(path, real, states)
            if resolved is None:
                return None
            real, status = resolved
        elif entry.is_dir(follow_symlinks=False):
            status = None
        elif not matched:
            return None
        else:
            status = entry.stat(follow_symlinks=False)
        if status is None or stat.S_ISDIR(status.st_mode):
            self.folders += matched
            if self.matcher.continues(states):
                (self._links if is_link else folders).append((path, real, states))
            return None
        if not matched:
            return None
        if entry.name.endswith(EVIDENCE_SUFFIXES):
            self.skipped.append(path)
            return None
        return Source.of(self.show(path), real, status, by_glob=True)

    def _resolve(self, path: str, real: str, states: States) -> tuple[str, os.stat_result] | None:
        """Return where a link leads, or None for one that the pattern has no use for."""
        target = os.path.realpath(real)
        matched = self.matcher.matches(states)
        try:
            status = os.lstat(target)
        except OSError as error:
            if matched:
                raise dangling(self.show(path), error) from error
            return None
        if stat.S_ISLNK(status.st_mode):
            # realpath gives up on a circle of links and leaves one standing.
            if matched:
                raise dangling(self.show(path), None)
            return None
        is_used = self.matcher.continues if stat.S_ISDIR(status.st_mode) else self.matcher.matches
        if is_used(states):
            self.boundary.check_link(self.show(path), target)
        return target, status
