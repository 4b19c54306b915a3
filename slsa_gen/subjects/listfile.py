"""Reading a list of subjects from a file: whole, bounded, and only from a regular file."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.source import unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits


#: How a checksum list is made, and a list of paths.
CHECKSUMS: Final = "(cd dist && sha256sum -- *) > SHA256SUMS"
PATHS: Final = "find dist -type f > paths.txt"


def read(text: str, *, option: str, base: Path, limits: Limits, made_by: str = CHECKSUMS) -> bytes:
    """Return the bytes of the list at a path; a path is never taken for the list itself.

    Args:
        text: The path as written, relative to ``base``.
        option: The option that named it, for messages.
        base: The folder that relative paths start at.
        limits: How many bytes are read.
        made_by: A command that makes such a list, for hints.

    Raises:
        SubjectError: empty path, not there, no regular file, too large.
        SubjectUnreadableError: it is there and cannot be read.
    """
    if not text or "\0" in text:
        raise SubjectError(
            f"{option}: the path is {shown(text)}, the path of a list was expected",
            reason=Reason.SUBJECT_LIST_MISSING,
            hint=f"Is a variable unset? Write: {option} {made_by.rpartition(' ')[2]}",
        )
    path = base / text
    try:
        return read_regular(path, limits.subject_list_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SubjectError(
            f"{option}: there is no list at {shown(text)} (looked at {shown(str(path))})",
            reason=Reason.SUBJECT_LIST_MISSING,
            hint=f"Check the path. To make a list: {made_by}",
        ) from error
    except NotRegularError as error:
        kind = "a folder" if stat.S_ISDIR(error.mode) else "no regular file"
        raise SubjectError(
            f"{option}: {shown(text)} is {kind}, a file with a list was expected",
            reason=Reason.SUBJECT_LIST_MISSING,
            hint=f"Write the list into a file first: {made_by}",
        ) from error
    except TooLargeError as error:
        raise too_large(f"{option} {shown(text)}", str(error.size), limits) from error
    except (OSError, ValueError) as error:
        raise unreadable(text, error) from error


def empty_of_paths(where: str) -> SubjectError:
    """Return the error for a file without a path in it, which a failed command leaves behind."""
    return SubjectError(
        f"{where}: the list is empty, a path or pattern a line was expected",
        reason=Reason.SUBJECT_LIST_EMPTY,
        hint=f"Did the command that writes it find nothing? To make a list: {PATHS}",
    )


def too_large(where: str, size: str, limits: Limits) -> SubjectError:
    """Return the error for a list of more bytes than are read."""
    return SubjectError(
        f"{where}: the list has {size} bytes, at most {limits.subject_list_bytes} are read",
        reason=Reason.SUBJECT_LIST_TOO_LARGE,
        hint="Is it a list? Split it, and attest in several calls.",
    )
