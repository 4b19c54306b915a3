"""One file to hash: where it is, which file it was when it was found, and what went wrong."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown


@dataclass(frozen=True, slots=True)
class Source:
    """A regular file that was found.

    Attributes:
        shown: Its path as the user knows it, for messages.
        real: Its absolute path without links: what is opened, and must be no link by then.
        device: The device of the file that was found there.
        inode: Its inode: another one at the time of opening is another file.
        size: Bytes, as found; for progress only.
    """

    shown: str
    real: str
    device: int
    inode: int
    size: int

    @classmethod
    def of(
        cls, shown_as: str, real: str, status: os.stat_result, *, by_glob: bool = False
    ) -> Source:
        """Return the source of a status that must be a regular file's.

        ``by_glob``: it was not named, a pattern met it.

        Raises:
            SubjectError: a folder, a pipe, a socket or a device.
        """
        if not stat.S_ISREG(status.st_mode):
            raise not_a_file(shown_as, status.st_mode, by_glob=by_glob)
        return cls(shown_as, real, status.st_dev, status.st_ino, status.st_size)


def locate(path: str | os.PathLike[str]) -> Source:
    """Find the file at a path that was named, through links wherever they lead.

    Raises:
        SubjectError: nothing there, or no regular file.
        SubjectUnreadableError: it cannot be looked at.
    """
    text = os.fspath(path)
    try:
        real = os.path.realpath(text, strict=True)
        status = os.lstat(real)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SubjectError(
            f"there is no file {shown(text)}",
            reason=Reason.SUBJECT_NO_MATCH,
            hint=in_a_container(text, _current())
            or "Check the path and the folder that you are in.",
        ) from error
    except (OSError, ValueError) as error:
        raise unreadable(text, error) from error
    return Source.of(text, real, status)


def _current() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 (a text is compared)
    except OSError:
        return ""  # it was removed


def in_a_container(path: str, base: str) -> str:
    """Return how to hand files to a container, where a relative path starts at the root.

    That is where one begins that is not told otherwise; nothing is where it looks. Empty
    elsewhere.
    """
    if path.startswith("/") or base != "/":
        return ""
    return (
        "In a container, hand the folder in and begin in it: "
        'docker run --volume "$PWD:/files" --workdir /files …'
    )


def unreadable(path: str, error: OSError | ValueError) -> SubjectUnreadableError:
    """Return the error for a file or folder that the system does not let us read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SubjectUnreadableError(
            f"{shown(path)} was there and is gone",
            reason=Reason.SUBJECT_VANISHED,
            hint="Something still works in this folder. Attest when the build is done.",
        )
    cause = str(error)
    hint = "Look at the file and its disk with: ls -l FILE"
    if isinstance(error, OSError):
        cause = error.strerror or cause
    if isinstance(error, PermissionError):
        hint = "Let the user that runs this read it (chmod +r FILE; chmod +rx FOLDER)."
    elif isinstance(error, OSError) and error.errno == errno.ELOOP:
        cause, hint = "its links go round in a circle", "Mend or remove the link."
    return SubjectUnreadableError(
        f"{shown(path)} cannot be read: {cause}", reason=Reason.SUBJECT_UNREADABLE, hint=hint
    )


def dangling(path: str, error: OSError | None) -> SubjectUnreadableError:
    """Return the error for a link that leads to nothing, or round in a circle."""
    if error is None:
        return unreadable(path, OSError(errno.ELOOP, ""))
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        return unreadable(path, error)
    return SubjectUnreadableError(
        f"{shown(path)} is a link to something that is not there",
        reason=Reason.SUBJECT_UNREADABLE,
        hint=f"Mend the link, or take it out: {shown('!' + path)}",
    )


def changed(path: str, what: str) -> SubjectUnreadableError:
    """Return the error for a file that is not the same from beginning to end."""
    return SubjectUnreadableError(
        f"{shown(path)} changed while it was hashed: {what}",
        reason=Reason.SUBJECT_CHANGED,
        hint="Something still writes to it. Attest when the build is done.",
    )


def not_a_file(path: str, mode: int, *, by_glob: bool = False) -> SubjectError:
    """Return the error for something that has no content to hash."""
    if stat.S_ISDIR(mode):
        return SubjectError(
            f"{shown(path)} is a folder, a subject is a file",
            reason=Reason.SUBJECT_DIRECTORY,
            hint=f"For all files in it write: {shown(os.path.join(path, '**'))}",  # noqa: PTH118 (a pattern, no path)
        )
    kind = next((name for test, name in _KINDS if test(mode)), "no regular file")
    return SubjectError(
        f"{shown(path)} is {kind}, a subject is a regular file",
        reason=Reason.SUBJECT_SPECIAL_FILE,
        hint=f"Take it out with: {shown('!' + path)}" if by_glob else "Leave it out.",
    )


_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISCHR, "a character device"),
)
