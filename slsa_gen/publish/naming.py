"""What a bundle file is called, and the folder it lies in. Touches no file but to look."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.subject import Subject

#: The suffix by which in-toto's tools and OpenSSF Scorecard know a bundle file.
SUFFIX: Final = ".intoto.jsonl"


@dataclass(frozen=True, slots=True)
class Naming:
    """What the user said about the bundle file: nothing, a name, or a whole path."""

    provenance_name: str = ""
    output: str = ""


def bundle_path(
    subjects: Sequence[Subject], files: Sequence[Path], naming: Naming, base: Path
) -> Path:
    """Return where the bundle goes.

    ``--output`` wins; a folder given there takes the default name. Otherwise it lies beside
    the file, or in the files' common folder, or in ``base`` when nothing was a file; it is
    called ``--provenance-name``, else ``<subject>.intoto.jsonl`` for one subject and
    ``multiple.intoto.jsonl`` for more.

    Raises:
        UsageError: both options at once, a name that is a path, one of the subjects' own files
            as the bundle file, or files that have no folder of theirs in common.
    """
    if naming.output and naming.provenance_name:
        raise UsageError(
            "--output and --provenance-name both name the bundle file",
            hint="Give --output PATH for a whole path, or --provenance-name NAME for the name.",
            reason=Reason.USAGE_OPTION,
        )
    name = _file_name(naming.provenance_name) or default_name(subjects)
    named = within(naming.output, name, base) if naming.output else None
    path = named or _folder(files, base, name) / name
    _refuse_subject(path, files, base)
    return path


def within(output: str, name: str, base: Path) -> Path:
    """Return the path that ``--output`` stands for: a folder given there takes a file of the name.

    Args:
        output: As it was given.
        name: The file's name in a folder.
        base: The folder that relative paths start at.
    """
    path = base / output
    return path / name if output.endswith(os.sep) or path.is_dir() else path


def default_name(subjects: Sequence[Subject]) -> str:
    """Return ``<subject>.intoto.jsonl`` for one subject, ``multiple.intoto.jsonl`` for more."""
    if len(subjects) != 1:
        return f"multiple{SUFFIX}"
    base_name = subjects[0].name.rsplit("/", 1)[-1]
    return f"{base_name or 'subject'}{SUFFIX}"


def _file_name(name: str) -> str:
    if name in {".", ".."} or "/" in name or "\0" in name:
        leads_to_a_file = name.rpartition("/")[2] not in {"", ".", ".."} and name.isprintable()
        raise UsageError(
            f"--provenance-name takes a file name, got a path: {name!r}",
            hint=f"Use: --output {shlex.quote(name) if leads_to_a_file else 'FOLDER/NAME'}",
            reason=Reason.USAGE_OPTION,
        )
    return name


def _folder(files: Sequence[Path], base: Path, name: str) -> Path:
    """Return the folder of all files; nobody asked for one above it that is not theirs."""
    folders = {base.absolute() / file.parent for file in files} or {base}
    common = Path(os.path.commonpath(folders))
    if len(folders) == 1 or common.resolve().is_relative_to(base.resolve()):
        return common
    raise UsageError(
        f"the files lie in different folders, which have only {str(common)!r} in common: where "
        "the bundle file belongs cannot be told from that",
        hint=f"Say where, such as here: --output {shlex.quote(name)}",
        reason=Reason.USAGE_OPTION,
    )


def _refuse_subject(path: Path, files: Sequence[Path], base: Path) -> None:
    """Refuse to put the bundle in the place of what it speaks of, under whichever name."""
    there = _looked_at(path)
    for file in files:
        subject = base.absolute() / file
        found = _looked_at(subject) if there else None
        if path.absolute() == subject or (there and found and os.path.samestat(there, found)):
            raise UsageError(
                f"the bundle file {str(path)!r} would take the place of a file that is attested: "
                f"{str(file)!r}",
                hint=f"Give the bundle another path: --output {shlex.quote(f'{path}{SUFFIX}')}",
                reason=Reason.USAGE_OPTION,
            )


def _looked_at(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
