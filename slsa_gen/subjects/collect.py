"""From a request to subjects: lists are read first, then files are found, named and hashed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects import (
    base64_list,
    checksums,
    declared,
    declared_files,
    digests,
    hashing,
    listfile,
    names,
    paths,
)
from slsa_gen.subjects.ledger import Ledger
from slsa_gen.subjects.names import shown, shown_path
from slsa_gen.subjects.request import lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.subject import Subject
    from slsa_gen.subjects.checksums import ListedDigest
    from slsa_gen.subjects.declared import Declared
    from slsa_gen.subjects.progress import Progress
    from slsa_gen.subjects.request import SubjectRequest
    from slsa_gen.subjects.source import Source


@dataclass(frozen=True, slots=True)
class Collection:
    """The subjects of one call.

    Attributes:
        subjects: Sorted by name, each name once.
        files: Absolute paths of the files that were hashed, sorted.
        skipped: Absolute paths of evidence files that globs passed over, sorted.
    """

    subjects: tuple[Subject, ...]
    files: tuple[Path, ...]
    skipped: tuple[Path, ...]


def collect(
    request: SubjectRequest,
    *,
    base: Path,
    boundary: Path | None,
    relative_names: bool,
    algorithms: tuple[str, ...],
    limits: Limits,
    progress: Progress,
) -> Collection:
    """Return the subjects that a request names; nothing is left out silently.

    A file whose name a list gives too is also hashed with the list's algorithm, and must agree.

    Args:
        request: What the user asked for.
        base: The folder that relative paths, and relative names, start at.
        boundary: The workspace of a run, which no link may lead out of; else None.
        relative_names: Whether files are named by their path below ``base``, not their base name.
        algorithms: Algorithms that files are hashed with.
        limits: How much of everything.
        progress: Is told how far the hashing is.

    Raises:
        SubjectError: the request is empty, malformed or ambiguous.
        SubjectUnreadableError: a file or folder cannot be read, or changes meanwhile.
    """
    wanted = hashing.checked_algorithms(algorithms)
    ledger = Ledger(limits)
    if request.asks_for_nothing:
        if request.declared is None or request.name:
            raise _nothing_asked(request)
        if relative_names:
            raise _no_relative_names()
        listed = declared.read(request.declared, limits)
        return _collect_declared(listed, ledger, boundary or base, wanted, limits, progress)
    for entry in _listed(request, base, limits):
        ledger.add(entry.name, entry.digest, entry.where, is_file=False)
    found = paths.expand(
        _patterns(request, base, limits), base=base, boundary=boundary, limits=limits
    )
    named = _named(request, found.files, base, limits, relative=relative_names)
    jobs = [
        hashing.Job(found.files[path], tuple(sorted({*wanted, *ledger.algorithms_of(name)})))
        for path, name in named.items()
    ]
    results = hashing.hash_jobs(jobs, progress=progress, first_error_ends=True)
    for name, job, result in zip(named.values(), jobs, results, strict=True):
        if isinstance(result, SubjectError):
            raise result
        for digest in result:
            ledger.add(name, digest, job.source.shown, is_file=True)
    return Collection(
        ledger.subjects(),
        tuple(Path(path) for path in sorted(found.files)),
        tuple(Path(path) for path in found.skipped),
    )


def _collect_declared(
    listed: Sequence[Declared],
    ledger: Ledger,
    root: Path,
    algorithms: tuple[str, ...],
    limits: Limits,
    progress: Progress,
) -> Collection:
    """Return what the run's steps declared; files that are still there must be the same."""
    for one in listed:
        ledger.add(one.name, one.digest, declared.VARIABLE, is_file=False)
    wanted = {one.name for one in listed if one.is_file}
    found = declared_files.find(wanted, root, limits) if wanted else {}
    for name, source, results in declared_files.check(listed, found, algorithms, progress):
        for digest in results:
            ledger.add(name, digest, source.shown, is_file=True)
    return Collection(ledger.subjects(), tuple(Path(path) for path in sorted(found)), ())


def _patterns(request: SubjectRequest, base: Path, limits: Limits) -> Iterator[str]:
    """Yield the patterns of the options, then those of their files."""
    yield from lines(request.patterns)
    for path in lines(request.pattern_files):
        option, made_by = "--subject-path-file", listfile.PATHS
        data = listfile.read(path, option=option, base=base, limits=limits, made_by=made_by)
        text = os.fsdecode(data)
        if not text.strip():
            raise listfile.empty_of_paths(f"{option} {shown_path(path)}")
        yield from lines((text,))


def _listed(request: SubjectRequest, base: Path, limits: Limits) -> Iterator[ListedDigest]:
    """Yield what the lists and options say, in the order of their kinds."""
    for path in lines(request.checksum_files):
        data = listfile.read(path, option="--subject-checksums", base=base, limits=limits)
        yield from checksums.parse(data, shown_path(path), limits)
    for text in lines(request.digests):
        yield digests.parse(text.strip(), request.name, limits)
    for text in request.base64_texts:
        yield from _decoded(text.encode("utf-8", "surrogatepass"), "--base64-subjects", limits)
    for path in lines(request.base64_files):
        data = listfile.read(path, option="--base64-subjects-as-file", base=base, limits=limits)
        yield from _decoded(data, shown_path(path), limits)


def _decoded(data: bytes, source: str, limits: Limits) -> Iterator[ListedDigest]:
    decoded = base64_list.decode(data, source, limits)
    yield from checksums.parse(decoded, f"{source} (decoded)", limits)


def _named(
    request: SubjectRequest, files: dict[str, Source], base: Path, limits: Limits, *, relative: bool
) -> dict[str, str]:
    """Return each file's path with its name."""
    given = _name_for_file(request, files, limits)
    if given:
        return dict.fromkeys(files, given)
    bases = (os.path.abspath(base), os.path.realpath(base))  # noqa: PTH100 (links in it are kept)
    return {
        path: names.of_file(path, source.shown, bases=bases, relative=relative, limits=limits)
        for path, source in files.items()
    }


def _name_for_file(request: SubjectRequest, files: dict[str, Source], limits: Limits) -> str:
    """Return ``--subject-name`` where it is for the one file, else the empty string.

    Raises:
        SubjectError: it names nothing, or more than one file.
    """
    if not request.name:
        return ""
    if not all(digests.is_named(text) for text in lines(request.digests)):
        return ""
    if len(files) == 1:
        hint = "Give a relative name without '..': --subject-name app"
        return names.check(request.name, "--subject-name", limits, hint)
    problem = f"there are {len(files)} files" if files else "nothing is without a name of its own"
    raise SubjectError(
        f"--subject-name {shown(request.name)} is for one subject, and {problem}",
        reason=Reason.SUBJECT_NAME_UNUSED,
        hint="Leave it out, or use it with one file or with --subject-digest ALGORITHM:HEX.",
    )


def _nothing_asked(request: SubjectRequest) -> SubjectError:
    if request.name:
        message = f"nothing to attest: --subject-name {shown(request.name)} alone names no subject"
    else:
        message = "nothing to attest: no path, list or digest was given"
    return SubjectError(
        message,
        reason=Reason.SUBJECT_NONE,
        hint="Name what the build made: slsa-gen attest 'dist/*'",
    )


def _no_relative_names() -> SubjectError:
    return SubjectError(
        "--names relative has no paths to work with: nothing is named, and the run's list of "
        "declared artifacts holds base names only",
        reason=Reason.USAGE_OPTION,
        hint="Leave --names relative out, or name the files: --subject-path 'dist/**'",
    )
