"""What ``verify`` is asked about: files, folders and digests, from the words of a call."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.cli.here import shortened
from slsa_gen.errors import SubjectUnreadableError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import HEX_LENGTHS, Digest, DigestSyntaxError
from slsa_gen.reasons import Reason
from slsa_gen.subjects import listfile
from slsa_gen.subjects.paths import expand
from slsa_gen.subjects.patterns import Pattern
from slsa_gen.subjects.request import lines
from slsa_gen.subjects.tree import EVIDENCE_SUFFIXES
from slsa_gen.verify import Artifact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE_OPTION: Final = "--artifacts-file"
_NOTHING_HINT: Final = "Name the files that the bundles speak of: slsa-gen verify FILE --repo O/R"


def artifact_words(words: Sequence[str], list_files: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a call and those of its files, one a line.

    Raises:
        UsageError: there are none.
        SubjectError: a file is not there, or holds no word.
    """
    listed: list[str] = []
    for path in list_files:
        data = listfile.read(
            path,
            option=_FILE_OPTION,
            base=Path.cwd(),
            limits=DEFAULT_LIMITS,
            made_by=listfile.PATHS,
        )
        found = [one for one in lines((os.fsdecode(data),)) if one]
        if not found:
            raise listfile.empty_of_paths(f"{_FILE_OPTION} {path!r}")
        listed += found
    if not words and not listed:
        raise UsageError(
            "nothing is named that could be verified: no ARTIFACT and no --artifacts-file",
            hint=f"{_NOTHING_HINT} (slsa-gen verify --help lists what there is)",
            reason=Reason.USAGE_OPTION,
        )
    return (*words, *listed)


def name_artifacts(words: Sequence[str]) -> tuple[Artifact, ...]:
    """Return the artifacts that the words name, each file of a folder on its own.

    A file that is not there is an artifact all the same: its verdict says so.

    Raises:
        UsageError: a digest is malformed, an image is named, or only evidence is.
    """
    artifacts = [artifact for word in words for artifact in _named_by(word)]
    if not artifacts:
        raise UsageError(
            f"there is nothing to verify in {_listed(words)}: only bundle files, or no file at all",
            hint=_NOTHING_HINT,
            reason=Reason.USAGE_NOTHING,
        )
    if all(_is_evidence(Path(word)) for word in words):
        raise UsageError(
            f"{_listed(words)}: only bundle files are named, and nothing they should speak of",
            hint=_NOTHING_HINT,
            reason=Reason.USAGE_NOTHING,
        )
    return tuple(artifacts)


def _named_by(word: str) -> Iterator[Artifact]:
    if word.startswith("oci://"):
        raise UsageError(
            f"{word!r}: images cannot be fetched by this version",
            hint="Give the image's digest (sha256:…) and its bundle: --bundle FILE",
            reason=Reason.USAGE_OPTION,
        )
    if word.partition(":")[0].lower() in HEX_LENGTHS:
        # Also when a file of that name lies here: whoever asks about a digest must not be
        # answered about a file that somebody planted.
        yield _digest(word)
        return
    path = Path(word)
    if Pattern.parse(word).parts and not path.exists() and not word.startswith("!"):
        yield from _matching(word)
    elif not path.is_dir():
        yield Artifact(word, path)
    else:
        yield from (Artifact(str(file), file) for file in _files(path))


def _matching(pattern: str) -> Iterator[Artifact]:
    """Yield the files that a pattern finds, as a shell would have named them."""
    found = expand((pattern,), base=Path.cwd(), boundary=None, limits=DEFAULT_LIMITS)
    for path in sorted(found.files):
        shown = shortened(Path(path))
        yield Artifact(str(shown), shown)


def _digest(word: str) -> Artifact:
    try:
        return Artifact(word, None, (Digest.parse(word),))
    except DigestSyntaxError as error:
        raise UsageError(
            f"{word!r} is no digest: {error}",
            hint=f"Write sha256: and 64 hexadecimal digits; a file of that name is ./{word}",
            reason=Reason.USAGE_OPTION,
        ) from error


def _files(folder: Path) -> Iterator[Path]:
    """Yield every file below, sorted; links to folders are not followed."""
    inside = folder.resolve()
    for root, folders, names in os.walk(folder, onerror=_unreadable):
        folders.sort()
        for name in folders:
            _check_link(Path(root, name), inside)
        yield from (Path(root, name) for name in sorted(names) if not _is_evidence(Path(name)))


def _check_link(path: Path, inside: Path) -> None:
    # What a link within the folder leads to is verified where it lies; what lies outside
    # would be left out silently.
    if path.is_symlink() and not path.resolve().is_relative_to(inside):
        raise UsageError(
            f"{str(path)!r} is a link that leads out of the folder, to {str(path.resolve())!r}: "
            "what lies there would not be verified",
            hint="Remove the link, or name the files one by one.",
            reason=Reason.USAGE_NOTHING,
        )


def _unreadable(error: OSError) -> None:
    raise SubjectUnreadableError(
        f"the folder {error.filename!r} cannot be read: {error.strerror}",
        hint="Give it permission to be read, or name the files one by one.",
        reason=Reason.SUBJECT_UNREADABLE,
    ) from error


def _is_evidence(path: Path) -> bool:
    return path.name.endswith(EVIDENCE_SUFFIXES)


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(repr(word) for word in words[:3])
    return shown if len(words) <= 3 else f"{shown} and {len(words) - 3} more"  # noqa: PLR2004 (named)
