"""What a command starts from: the commit and what differs from it, or the files that were named.

All of it is read before the command starts, and looked at again when it has ended: a command
may change what it was given (in-toto has a rule for it, MODIFY), and the record says so.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.intoto import artifacts, checkout
from slsa_gen.intoto.snapshot import fingerprint
from slsa_gen.model.digest import Digest
from slsa_gen.model.subject import Subject
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import check_characters, shown
from slsa_gen.subjects.patterns import Pattern
from slsa_gen.subjects.request import lines
from slsa_gen.subjects.source import Source, changed, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from slsa_gen.intoto.checkout import Checkout
    from slsa_gen.limits import Limits
    from slsa_gen.model.step import Commit
    from slsa_gen.subjects.progress import Progress

_SHA1_DIGITS: Final = 40
#: The part of every path into a repository's own files.
_GIT: Final = "/.git/"


@dataclass(frozen=True, slots=True)
class Materials:
    """What a command starts from.

    Attributes:
        subjects: Files and nested checkouts with their digests, sorted by name.
        commit: The commit that is checked out; None where patterns were given.
        deleted: Names of files that the commit has and the work tree has not, sorted.
        found: Of each file its name, its absolute path and what it was like.
        checkouts: The checkout and those within it: folder, commit, and the paths that differ.
    """

    subjects: tuple[Subject, ...]
    commit: Commit | None
    deleted: tuple[str, ...]
    found: tuple[tuple[str, str, int], ...]
    checkouts: tuple[tuple[str, str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Reads what a command starts from.

    Attributes:
        folder: Where the command runs; names are relative to it.
        boundary: The workspace of a run, which nothing may lead out of; else None.
        environment: Where git is found, and the user's own settings.
        limits: How much of everything.
        progress: Is told how far the hashing is.
    """

    folder: Path
    boundary: Path | None
    environment: Mapping[str, str]
    limits: Limits
    progress: Progress

    def gather(self, patterns: Sequence[str] | None) -> Materials:
        """Return the materials: those that patterns name, or (None) the commit with what differs.

        Raises:
            UsageError: no patterns were given, and there is no commit.
            SubjectError: a pattern finds nothing or leaves the tree; a name that no statement
                can carry.
            SlsaGenError: something cannot be read, or git failed.
        """
        return self._committed() if patterns is None else self._named(patterns)

    def changed(self, materials: Materials) -> tuple[str, ...]:
        """Return the names of materials, and of tracked files, that are not as they were, sorted.

        Only what was written to is read again.

        Raises:
            SlsaGenError: git failed.
        """
        digests = {subject.name: subject.digests for subject in materials.subjects}
        names = {
            name
            for name, path, before in materials.found
            if _now(path) != before and self._digests(name, path) != digests[name]
        }
        for root, commit, differed in materials.checkouts:
            now = checkout.differing(root, commit, self.environment, self.limits)
            names |= {self._name(root, path) for path in now - differed}
        return tuple(sorted(names))

    def _digests(self, name: str, path: str) -> tuple[Digest, ...]:
        """Return the digests of a file as it is now; none where there is none to read."""
        try:
            source = Source.of(name, path, os.lstat(path))
            return artifacts.digested([source], [name], self.progress)[0].digests
        except (OSError, SubjectError):
            return ()

    def _named(self, patterns: Sequence[str]) -> Materials:
        found: dict[str, Source] = {}
        given = list(lines(patterns))
        artifacts.check_patterns(given, self.folder)
        ignored: checkout.Ignored | None = None
        for position, line in enumerate(given):
            pattern = Pattern.parse(line)
            if pattern.excludes:
                continue
            excludes = [later for later in given[position + 1 :] if later.startswith("!")]
            if not pattern.parts:
                found |= self._find([line, *excludes])
                continue
            if ignored is None:
                ignored = checkout.ignored(self.folder, self.environment, self.limits)
            within = [f"!{pattern.prefix or '.'}/**/.git"] if pattern.prefix != "/" else []
            met = self._find([line, *excludes, *within])
            kept = {
                path: source
                for path, source in met.items()
                if _GIT not in source.real and not ignored.names(source.real)
            }
            if not kept:
                raise _only_ignored(line, met)
            found |= kept
        hashed = artifacts.hashed(
            found, folder=self.folder, limits=self.limits, progress=self.progress
        )
        by_path = sorted((source.shown, source.real) for source in found.values())
        return Materials(
            hashed, None, (), tuple((name, real, _now(real)) for name, real in by_path)
        )

    def _find(self, patterns: Sequence[str]) -> dict[str, Source]:
        return artifacts.find(
            patterns, folder=self.folder, boundary=self.boundary, limits=self.limits
        )

    def _committed(self) -> Materials:
        whole = checkout.read(self.folder, self.environment, self.limits)
        subjects: list[Subject] = []
        sources: list[Source] = []
        names: list[str] = []
        deleted: list[str] = []
        for one in _all(whole):
            deleted += [self._checked(one.root, path) for path in one.deleted]
            if one is not whole:
                name = self._checked(one.root, "")
                subjects.append(Subject(name, (Digest("gitCommit", one.commit.digest),)))
            for path in one.files:
                name = self._checked(one.root, path)
                source = _source(one.root, path, name)
                if isinstance(source, bytes):
                    subjects.append(Subject(name, (_blob(source, one.commit.digest),)))
                elif source is not None:
                    sources.append(source)
                    names.append(name)
        subjects += artifacts.digested(sources, names, self.progress)
        return Materials(
            tuple(sorted(subjects)),
            whole.commit,
            tuple(sorted(deleted)),
            tuple(
                (name, source.real, _now(source.real))
                for name, source in zip(names, sources, strict=True)
            ),
            tuple(
                (one.root, one.commit.digest, frozenset((*one.files, *one.deleted)))
                for one in _all(whole)
            ),
        )

    def _name(self, root: str, path: str) -> str:
        """Return a path as it is seen from where the command runs."""
        return os.path.relpath(f"{root}/{path}", os.path.realpath(self.folder))

    def _checked(self, root: str, path: str) -> str:
        name = self._name(root, path)
        check_characters(name, f"material {shown(name)}", self.limits)
        return name


def _only_ignored(pattern: str, met: Mapping[str, Source]) -> SubjectError:
    example = shown(min(source.shown for source in met.values()))
    return SubjectError(
        f"the pattern {shown(pattern)} matches only what globs pass over, files of git's own or "
        f"those that a .gitignore names: {len(met):,}, such as {example}",
        reason=Reason.RUN_MATERIAL_IGNORED,
        hint=f"If the command is made from it, name it without a wildcard: {example}",
    )


def _all(whole: Checkout) -> Iterator[Checkout]:
    yield whole
    for one in whole.nested:
        yield from _all(one)


def _source(root: str, path: str, name: str) -> Source | bytes | None:
    """Return a file to hash, the text of a link, or None where there is neither.

    Raises:
        SubjectError: it is no regular file.
        SubjectUnreadableError: it cannot be looked at, or a folder became a link meanwhile.
    """
    real = f"{root}/{path}"
    folder = os.path.dirname(real)  # noqa: PTH120 (a text is compared)
    if os.path.realpath(folder) != folder:
        raise changed(name, "its folder became a link")
    try:
        status = os.lstat(real)
        if stat.S_ISLNK(status.st_mode):
            return os.readlink(os.fsencode(real))  # noqa: PTH115 (its bytes)
    except OSError as error:
        raise unreadable(name, error) from error
    return None if stat.S_ISDIR(status.st_mode) else Source.of(name, real, status)


def _blob(target: bytes, commit: str) -> Digest:
    """Return the digest that git gives to a link, which is that of where it leads, as a text.

    https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md, "gitBlob".
    """
    content = b"blob %d\0%s" % (len(target), target)
    if len(commit) == _SHA1_DIGITS:
        return Digest("gitBlob", hashlib.sha1(content).hexdigest())  # noqa: S324 (git's own digest)
    return Digest("gitBlob", hashlib.sha256(content).hexdigest())


def _now(path: str) -> int:
    """Return what a file is like; 0 where there is none."""
    try:
        return fingerprint(path, os.lstat(path))
    except OSError:
        return 0
