"""Names of subjects: which are taken, and how what comes from outside is shown."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.limits import Limits

_SHOWN_CHARACTERS: Final = 200
#: Control characters, and the two separators that some programs take for a line's end.
_CONTROL_CATEGORIES: Final = frozenset({"Cc", "Zl", "Zp"})
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_BOTH_SLASHES: Final = re.compile(r"[\\/]")
_PLAIN: Final = re.compile(r"[ -&(-\[\]-~]")  # printable ASCII but ' and \
_LIST_HINT: Final = "Make the list from inside the folder: (cd dist && sha256sum -- *) > SHA256SUMS"


def shown(text: str) -> str:
    """Return a text from outside as it may stand in a message: quoted, escaped, short."""
    if len(text) <= _SHOWN_CHARACTERS:
        return repr(text)
    return f"{text[:_SHOWN_CHARACTERS]!r}… ({len(text)} characters)"


def several(names: Sequence[str], most: int) -> str:
    """Return the first of some names from outside for a message, and how many more there are."""
    more = len(names) - most
    first = ", ".join(shown(name) for name in names[:most])
    return first + (f" and {more:,} more" if more > 0 else "")


def shown_path(path: str | os.PathLike[str]) -> str:
    """Return a path for the place in a message where ``path:line`` is expected.

    It stands as it is when every character of it is printable, else quoted and escaped.
    """
    text = os.fspath(path)
    return text if text.isprintable() and len(text) <= _SHOWN_CHARACTERS else shown(text)


def check(name: str, where: str, limits: Limits, path_hint: str = _LIST_HINT) -> str:
    """Return the name when it may be a subject's.

    Args:
        name: The name as it would stand in the statement.
        where: Where it comes from, for the message (``SHA256SUMS:3``).
        limits: How long it may be.
        path_hint: What to do about a name that is absolute or climbs; by default about a list.

    Raises:
        SubjectError: empty, absolute, climbs out of its tree, not UTF-8, control characters,
            too long.
    """
    if not name:
        raise SubjectError(
            f"{where}: the name of a subject is empty",
            reason=Reason.SUBJECT_NAME_EMPTY,
            hint="Give each subject a name, as in NAME@sha256:HEX or 'HEX  NAME'.",
        )
    check_characters(name, where, limits)
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        raise SubjectError(
            f"{where}: the name {shown(name)} is absolute, a subject is named by a relative path",
            reason=Reason.SUBJECT_NAME_ABSOLUTE,
            hint=path_hint,
        )
    parts = _BOTH_SLASHES.split(name)
    if ".." in parts or parts == ["."]:
        raise SubjectError(
            f"{where}: the name {shown(name)} climbs out of the tree that it is named in",
            reason=Reason.SUBJECT_NAME_CLIMBS,
            hint=path_hint,
        )
    return name


def check_characters(name: str, where: str, limits: Limits) -> None:
    """Refuse a name that is not UTF-8, holds control characters, or is too long.

    Raises:
        SubjectError: one of these.
    """
    if name.isascii() and name.isprintable() and len(name) <= limits.subject_name_bytes:
        return
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise SubjectError(
            f"{where}: the name {shown(name)} is not UTF-8, so no statement can carry it",
            reason=Reason.SUBJECT_NAME_ENCODING,
            hint=_renaming(name),
        ) from error
    if any(unicodedata.category(character) in _CONTROL_CATEGORIES for character in name):
        raise SubjectError(
            f"{where}: the name {shown(name)} holds a control character",
            reason=Reason.SUBJECT_NAME_CONTROL,
            hint="Rename the file: tabs, line ends and escapes in a name can disguise it.",
        )
    if size > limits.subject_name_bytes:
        raise SubjectError(
            f"{where}: the name {shown(name)} has {size} bytes, "
            f"at most {limits.subject_name_bytes} are taken",
            reason=Reason.SUBJECT_NAME_TOO_LONG,
            hint="Give the subject a shorter name.",
        )


def _renaming(name: str) -> str:
    """Return the command that gives a file a name in ASCII, as bash reads it."""
    try:
        raw = os.fsencode(name)
    except UnicodeEncodeError:
        raw = b""
    if not raw or len(raw) > _SHOWN_CHARACTERS:
        return "Rename the file."
    quoted = "".join(chr(byte) if _PLAIN.match(chr(byte)) else f"\\x{byte:02x}" for byte in raw)
    # Latin 1 has a letter for each byte; what it says without its accents is near enough.
    letters = unicodedata.normalize("NFKD", raw.decode("latin-1")).encode("ascii", "ignore")
    plain = "".join(letter for letter in letters.decode() if letter.isprintable())
    where = "" if "/" in name else ", in its folder"
    return f"Rename the file{where}: mv -- $'{quoted}' {shlex.quote(plain or 'NAME')}"


def listed(text: str, where: str, limits: Limits) -> str:
    """Return the name that a line of a checksum list gives, without ``./`` and ``//``.

    Raises:
        SubjectError: as :func:`check`.
    """
    name = check(text, where, limits)
    if "//" not in name and "./" not in name and not name.endswith(("/", "/.")):
        return name
    if name.endswith(("/", "/.")):
        raise SubjectError(
            f"{where}: the name {shown(name)} is a folder's, a subject is a file",
            reason=Reason.SUBJECT_DIRECTORY,
            hint="Take the line out of the list.",
        )
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def of_file(
    path: str, shown_as: str, *, bases: tuple[str, ...], relative: bool, limits: Limits
) -> str:
    """Return the name of a file that was found: its base name, or its path below a base.

    Args:
        path: Absolute path, without ``..``.
        shown_as: What messages call it.
        bases: The folder that relative names start at, under each of its names (absolute).
        relative: Whether ``--names relative`` was given.
        limits: How long a name may be.

    Raises:
        SubjectError: not UTF-8, control characters, or not below the base.
    """
    where = f"file {shown(shown_as)}"
    if not relative:
        name = os.path.basename(path)  # noqa: PTH119 (100,000 times: a Path costs ten times that)
        check_characters(name, where, limits)
        return name
    for base in bases:
        start = base.rstrip("/") + "/"
        if path.startswith(start):
            check_characters(path[len(start) :], where, limits)
            return path[len(start) :]
    raise SubjectError(
        f"{where}: it is not below {shown(bases[0])}, so its relative name would climb out",
        reason=Reason.SUBJECT_NAME_CLIMBS,
        hint="Run the command in a folder above the files, or leave --names relative out.",
    )
