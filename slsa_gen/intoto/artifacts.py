"""Files of a step, by patterns: found as strictly as subjects are, named by their path, hashed."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.model.subject import Subject
from slsa_gen.reasons import Reason
from slsa_gen.subjects import hashing, names, paths, unmatched
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.patterns import Pattern, absolute
from slsa_gen.subjects.request import lines
from slsa_gen.subjects.source import not_a_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.subjects.progress import Progress
    from slsa_gen.subjects.source import Source

#: The algorithm of every file's digest in a record.
ALGORITHM = "sha256"


def check_patterns(patterns: Iterable[str], folder: Path) -> None:
    """Refuse patterns that will be refused whatever a command makes, before it runs for an hour.

    Raises:
        SubjectError: one is malformed, leads out of the folder, or names a folder.
    """
    parsed = [Pattern.parse(line) for line in lines(patterns)]
    if parsed and parsed[0].excludes:
        raise unmatched.leading_exclude(parsed[0])
    base = os.path.abspath(folder)  # noqa: PTH100 (links in it are kept)
    for pattern in parsed:
        if pattern.parts and not os.path.lexists(absolute(pattern.path, base)):
            pattern.check_parts()
        elif not pattern.parts and not pattern.excludes and _is_folder(pattern, base):
            raise not_a_file(pattern.path, stat.S_IFDIR)
        start = absolute(pattern.prefix, base)
        real = os.path.realpath(base)
        if not any(f"{start}/".startswith(f"{one.rstrip('/')}/") for one in (base, real)):
            raise _outside(pattern.text, base)


def find(
    patterns: Iterable[str], *, folder: Path, boundary: Path | None, limits: Limits
) -> dict[str, Source]:
    """Return the files that patterns find, by absolute path.

    Raises:
        SubjectError: a pattern is malformed, finds nothing, or leaves the tree.
        SubjectUnreadableError: something cannot be looked at.
    """
    return paths.expand(lines(patterns), base=folder, boundary=boundary, limits=limits).files


def find_some(
    patterns: Iterable[str], *, folder: Path, boundary: Path | None, limits: Limits
) -> dict[str, Source]:
    """Return what those patterns find that find something; the others are passed over."""
    found: dict[str, Source] = {}
    given = list(lines(patterns))
    for position, line in enumerate(given):
        if line.startswith("!"):
            continue
        excludes = [later for later in given[position + 1 :] if later.startswith("!")]
        try:
            found |= find([line, *excludes], folder=folder, boundary=boundary, limits=limits)
        except SubjectError:
            continue
    return found


def hashed(
    files: Mapping[str, Source], *, folder: Path, limits: Limits, progress: Progress
) -> tuple[Subject, ...]:
    """Return the files with their digests, named by their path below a folder, sorted.

    Raises:
        SubjectError: a name that no statement can carry.
        SubjectUnreadableError: a file cannot be read, or changes while it is hashed.
    """
    bases = (os.path.abspath(folder), os.path.realpath(folder))  # noqa: PTH100 (links in it are kept)
    named = {}
    for path, source in files.items():
        try:
            named[path] = names.of_file(
                path, source.shown, bases=bases, relative=True, limits=limits
            )
        except SubjectError as error:
            if error.reason is not Reason.SUBJECT_NAME_CLIMBS:
                raise
            raise _outside(source.shown, bases[0]) from error
    return digested([files[path] for path in named], list(named.values()), progress)


def digested(
    sources: Sequence[Source], called: Sequence[str], progress: Progress
) -> tuple[Subject, ...]:
    """Return files with their digests, under the names that they are to have, sorted.

    Raises:
        SubjectUnreadableError: a file cannot be read, or changes while it is hashed.
    """
    jobs = [hashing.Job(source, (ALGORITHM,)) for source in sources]
    results = hashing.hash_jobs(jobs, progress=progress, first_error_ends=True)
    subjects = []
    for name, result in zip(called, results, strict=True):
        if isinstance(result, SubjectError):
            raise result
        subjects.append(Subject(name, result))
    return tuple(sorted(subjects))


def _is_folder(pattern: Pattern, base: str) -> bool:
    path = absolute(pattern.path, base)
    return pattern.text.endswith("/") or (os.path.isdir(path) and not os.path.islink(path))  # noqa: PTH112, PTH114 (absolute paths as text)


def _outside(text: str, base: str) -> SubjectError:
    return SubjectError(
        f"{shown(text)} is not below the folder that the command runs in, {shown(base)}",
        reason=Reason.SUBJECT_NAME_CLIMBS,
        hint="Run the step in a folder above the file: a step's files are named by their path.",
    )
