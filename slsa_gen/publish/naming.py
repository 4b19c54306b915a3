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
        UsageError: both options at once, or a name that is a path.
    """
    if naming.output and naming.provenance_name:
        raise UsageError(
            "--output and --provenance-name both name the bundle file",
            hint="Give --output PATH for a whole path, or --provenance-name NAME for the name.",
            reason=Reason.USAGE_OPTION,
        )
    name = _file_name(naming.provenance_name) or default_name(subjects)
    if naming.output:
        output = base / naming.output
        wants_folder = naming.output.endswith(os.sep) or output.is_dir()
        return output / name if wants_folder else output
    return _folder(files, base) / name


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


def _folder(files: Sequence[Path], base: Path) -> Path:
    if not files:
        return base
    return Path(os.path.commonpath([base.absolute() / file.parent for file in files]))
