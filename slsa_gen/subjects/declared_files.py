"""The files that a run's steps declared, looked for in the workspace and hashed again.

The list has base names only. So every file of such a name counts: one that differs from what
was declared is not what the build made, and nobody can tell whether it is the one that was
meant. A file that is not there any more is taken as it was declared.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.reasons import Reason
from slsa_gen.subjects import hashing
from slsa_gen.subjects.declared import ALGORITHM
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.patterns import below
from slsa_gen.subjects.source import Source, dangling, unreadable
from slsa_gen.subjects.tree import Boundary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest
    from slsa_gen.subjects.declared import Declared
    from slsa_gen.subjects.progress import Progress

#: Git's own affair: nothing in it was built.
_NOT_SEARCHED: Final = ".git"
_LISTED: Final = 3


def find(wanted: set[str], root: Path, limits: Limits) -> dict[str, Source]:
    """Return the files of the workspace that have one of the names, by their path.

    Args:
        wanted: Base names.
        root: The workspace; ``.git`` in it is left out.
        limits: How many files and folders are looked at.

    Raises:
        SubjectError: a link that leaves the workspace, something that is no file, or too many
            files.
        SubjectUnreadableError: a folder or file that cannot be looked at.
    """
    boundary = Boundary(os.path.realpath(root), "the workspace")
    found: dict[str, Source] = {}
    for path, entry in _entries(os.fspath(root), limits):
        if entry.name in wanted:
            source = _source(path, entry, os.fspath(root), boundary)
            if source is not None:
                found[path] = source
    return found


def _entries(root: str, limits: Limits) -> Iterator[tuple[str, os.DirEntry[str]]]:
    folders, left = [root], limits.declared_search_entries
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError as error:
            raise unreadable(below(folder, root), error) from error
        left -= len(entries)
        if left < 0:
            raise _too_many(limits)
        for entry in entries:
            path = f"{folder.rstrip('/')}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name != _NOT_SEARCHED:
                    folders.append(path)
            else:
                yield path, entry


def _source(path: str, entry: os.DirEntry[str], root: str, boundary: Boundary) -> Source | None:
    """Return the file, or None for a link to a folder."""
    shown_as = below(path, root)
    try:
        status = entry.stat()
    except OSError as error:
        raise dangling(shown_as, error) from error
    if stat.S_ISDIR(status.st_mode):
        return None
    real = os.path.realpath(path)
    if entry.is_symlink():
        boundary.check_link(shown_as, real)
    return Source.of(shown_as, real, status, by_glob=True)


def check(
    declared: Sequence[Declared],
    found: Mapping[str, Source],
    algorithms: Sequence[str],
    progress: Progress,
) -> list[tuple[str, Source, tuple[Digest, ...]]]:
    """Hash each file again and return its name, itself and its digests.

    Args:
        declared: What the list says.
        found: The files that have one of its names.
        algorithms: Algorithms that files are hashed with, besides that of the list.
        progress: Is told how far the hashing is.

    Raises:
        SubjectError: a file is not what was declared.
        SubjectUnreadableError: a file cannot be read, or changes meanwhile.
    """
    meant = {one.name: one.digest for one in declared if one.is_file}
    wanted = hashing.checked_algorithms((*algorithms, ALGORITHM))
    sources = list(found.values())
    jobs = [hashing.Job(source, wanted) for source in sources]
    results = hashing.hash_jobs(jobs, progress=progress, first_error_ends=True)
    hashed: list[tuple[str, Source, tuple[Digest, ...]]] = []
    wrong: dict[str, list[tuple[Source, Digest]]] = {}
    for path, source, result in zip(found, sources, results, strict=True):
        if isinstance(result, SubjectError):
            raise result
        name = path.rpartition("/")[2]
        (digest,) = (one for one in result if one.algorithm == ALGORITHM)
        hashed.append((name, source, result))
        if digest != meant[name]:
            wrong.setdefault(name, []).append((source, digest))
    if wrong:
        name, files = min(wrong.items())
        right = [source for one, source, _ in hashed if one == name]
        raise _changed(name, meant[name], files, len(right) - len(files))
    return hashed


def _changed(
    name: str, declared: Digest, wrong: Sequence[tuple[Source, Digest]], right: int
) -> SubjectError:
    files = ", ".join(f"{shown(source.shown)} has {digest}" for source, digest in wrong[:_LISTED])
    more = f" and {len(wrong) - _LISTED} more differ" if len(wrong) > _LISTED else ""
    said = f"a step declared {shown(name)} with {declared}, and {files}{more}"
    if right:
        others = "another file of that name has" if right == 1 else f"{right} others have"
        return SubjectError(
            f"{said}; {others} the declared digest, and which was meant cannot be told",
            reason=Reason.SUBJECT_DECLARED_CHANGED,
            hint="Name the files yourself, with subject-path (or PATH on the command line).",
        )
    return SubjectError(
        f"{said}: it changed after the step that declared it had ended",
        reason=Reason.SUBJECT_DECLARED_CHANGED,
        hint="Find out which step changed it. When it may (it signs or strips the file, say), let "
        "that step declare it, or name the file with subject-path.",
    )


def _too_many(limits: Limits) -> SubjectUnreadableError:
    return SubjectUnreadableError(
        f"the workspace has more than {limits.declared_search_entries:,} files and folders, too "
        "many to look for declared artifacts among",
        reason=Reason.SUBJECT_TOO_MANY,
        hint="Name what the build made with subject-path (or PATH on the command line).",
    )
