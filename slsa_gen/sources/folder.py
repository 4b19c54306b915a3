"""Every bundle of a folder: where the links of a layout's steps lie."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import MalformedEvidenceError, SlsaGenError, UsageError
from slsa_gen.evidence.read import read_file
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence

_BUNDLES: Final = (".intoto.jsonl", ".sigstore.json")
_CLASSIC: Final = ".link"


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What a folder holds: bundles, and the names of files of other kinds.

    ``malformed`` are those that are called bundles and are none; ``classic`` are those that
    are called as in-toto calls its own links (``STEP.KEYID.link``).
    """

    bundles: tuple[Evidence, ...]
    malformed: tuple[str, ...]
    classic: tuple[str, ...]


def read_folder(path: Path, limits: Limits = DEFAULT_LIMITS) -> FolderContents:
    """Read every ``*.intoto.jsonl`` and ``*.sigstore.json`` of a folder, not of those below it.

    Raises:
        UsageError: there is no such folder.
        SlsaGenError: it, or a file in it, cannot be read, or there are too many.
    """
    names = _names(path)
    called = [name for name in names if name.endswith(_BUNDLES)]
    if len(called) > limits.neighbour_files:
        raise _too_many(path, f"{len(called):,} bundle files, at most {limits.neighbour_files:,}")
    bundles: list[Evidence] = []
    malformed: list[str] = []
    total = 0
    for name in called:
        try:
            found = read_file(path / name, limits)
        except (MalformedEvidenceError, UsageError):  # none, or gone since it was listed
            malformed.append(name)
            continue
        total += sum(len(one.bundle) for one in found)
        if total > limits.neighbour_bytes:
            raise _too_many(path, f"bundles of more than {limits.neighbour_bytes:,} bytes")
        bundles += found
    classic = tuple(name for name in names if name.endswith(_CLASSIC))
    return FolderContents(tuple(bundles), tuple(malformed), classic)


def _names(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path))  # noqa: PTH208 (a folder of a million files: names alone)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"there is no folder {str(path)!r}",
            reason=Reason.EVIDENCE_NOT_FOUND,
            hint="Give the folder that holds the links: --links DIR",
        ) from error
    except OSError as error:
        raise SlsaGenError(
            f"the folder {str(path)!r} cannot be searched for links: {error.strerror}",
            reason=Reason.EVIDENCE_UNREADABLE,
            hint=f"Check the folder's permissions: ls -ld {shlex.quote(str(path))}",
        ) from error


def _too_many(path: Path, what: str) -> SlsaGenError:
    return SlsaGenError(
        f"the folder {str(path)!r} holds {what} are read",
        reason=Reason.EVIDENCE_UNREADABLE,
        hint="Put the links of this build into a folder of their own: --links DIR",
    )
