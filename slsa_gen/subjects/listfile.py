"""Reading a list of subjects from a file: whole, bounded, and only from a regular file."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.regular_file import NotRegularError, TooLargeError, read_regular
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.source import unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits


def read(text: str, *, option: str, base: Path, limits: Limits) -> bytes:
    """Return the bytes of the list at a path; a path is never taken for the list itself.

    Args:
        text: The path as written, relative to ``base``.
        option: The option that named it, for messages.
        base: The folder that relative paths start at.
        limits: How many bytes are read.

    Raises:
        SubjectError: empty path, not there, no regular file, too large.
        SubjectUnreadableError: it is there and cannot be read.
    """
    if not text or "\0" in text:
        raise SubjectError(
            f"{option}: the path is {shown(text)}, the path of a list was expected",
            reason=Reason.SUBJECT_LIST_MISSING,
            hint=f"Is a variable unset? Write: {option} SHA256SUMS",
        )
    path = base / text
    try:
        return read_regular(path, limits.subject_list_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SubjectError(
            f"{option}: there is no list at {shown(text)} (looked at {shown(str(path))})",
            reason=Reason.SUBJECT_LIST_MISSING,
            hint="Check the path. To make a list: (cd dist && sha256sum -- *) > SHA256SUMS",
        ) from error
    except NotRegularError as error:
        kind = "a folder" if stat.S_ISDIR(error.mode) else "no regular file"
        raise SubjectError(
            f"{option}: {shown(text)} is {kind}, a file with a list was expected",
            reason=Reason.SUBJECT_LIST_MISSING,
            hint="Write the list into a file first: sha256sum -- FILE… > SHA256SUMS",
        ) from error
    except TooLargeError as error:
        raise too_large(f"{option} {shown(text)}", str(error.size), limits) from error
    except (OSError, ValueError) as error:
        raise unreadable(text, error) from error


def too_large(where: str, size: str, limits: Limits) -> SubjectError:
    """Return the error for a list of more bytes than are read."""
    return SubjectError(
        f"{where}: the list has {size} bytes, at most {limits.subject_list_bytes} are read",
        reason=Reason.SUBJECT_LIST_TOO_LARGE,
        hint="Is it a list? Split it, and attest in several calls.",
    )
