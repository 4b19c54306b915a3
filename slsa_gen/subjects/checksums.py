r"""Checksum lists: every line is understood, or the list is refused with its file and line.

The three forms are those that GNU coreutils' ``sha256sum`` writes and reads
(https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html)::

    HEX  NAME             text mode, also with one blank or TAB (BSD's "reversed" form)
    HEX *NAME             binary mode
    SHA256 (NAME) = HEX   BSD's tagged form, also as openssl writes it: SHA2-256(NAME)= HEX

A line that begins with a backslash has ``\\``, ``\n`` and ``\r`` in its name for a
backslash, a line feed and a carriage return. Lines may end in CRLF. Blank lines and lines
that begin with ``#`` say nothing, as for coreutils.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.model.digest import HEX_LENGTHS, Digest, DigestSyntaxError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsa_gen.limits import Limits

_PLAIN: Final = re.compile(r"[ \t]*(\\?)([0-9A-Fa-f]{8,})([ \t])([ *]?)(.*)", re.DOTALL)
_TAGGED: Final = re.compile(
    r"[ \t]*(\\?)([A-Za-z][A-Za-z0-9/-]*) ?\((.*)\) ?= ?([0-9A-Fa-f]+)", re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\(.?)", re.DOTALL)
_UNESCAPED: Final = {"\\": "\\", "n": "\n", "r": "\r"}
_BY_LENGTH: Final = {length: algorithm for algorithm, length in HEX_LENGTHS.items()}
_HINT: Final = "Make the list anew: (cd dist && sha256sum -- *) > SHA256SUMS"


@dataclass(frozen=True, slots=True)
class ListedDigest:
    """One line of a list: a name, its digest, and where the line stands."""

    name: str
    digest: Digest
    where: str


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line taken apart: the name is unescaped and not yet judged.

    ``separation`` is how many characters stand between digest and name: 1 or 2, and 0 in
    the tagged form, where this is in no doubt.
    """

    name: str
    algorithm: str
    hexadecimal: str
    separation: int


class LineSyntaxError(ValueError):
    """A line is not understood; the message says why."""


def parse(data: bytes, source: str, limits: Limits) -> Iterator[ListedDigest]:
    """Yield what each line of a list says.

    Args:
        data: The list's bytes.
        source: Its name for messages; ``:LINE`` is put after it.
        limits: How long a name may be.

    Raises:
        SubjectError: a line that is not understood, a name that is not taken, no line at all.
    """
    _refuse_wide_text(data, source)
    separation = 0
    empty = True
    for number, line in enumerate(io.BytesIO(data.removeprefix(codecs.BOM_UTF8)), start=1):
        text = line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
        if not text.strip(" \t") or text.startswith("#"):
            continue
        where = f"{source}:{number}"
        try:
            raw = split_line(text)
            digest = Digest.make(raw.algorithm, raw.hexadecimal)
            separation = _one_separation(separation, raw.separation)
        except (LineSyntaxError, DigestSyntaxError) as error:
            raise SubjectError(
                f"{where}: the line is not understood: {error}; it says {shown(text)}",
                reason=Reason.SUBJECT_LIST_LINE,
                hint=_HINT,
            ) from error
        empty = False
        yield ListedDigest(listed(raw.name, where, limits), digest, where)
    if empty:
        raise SubjectError(
            f"{source}: the list is empty, a line 'HEX  NAME' was expected",
            reason=Reason.SUBJECT_LIST_EMPTY,
            hint=_HINT,
        )


def split_line(text: str) -> RawLine:
    """Take one line apart, without its end.

    Raises:
        LineSyntaxError: it has none of the three forms.
    """
    if match := _TAGGED.fullmatch(text):
        escape, tag, name, hexadecimal = match.groups()
        return RawLine(_unescape(name, escape), _algorithm(tag), hexadecimal, 0)
    if match := _PLAIN.fullmatch(text):
        escape, hexadecimal, _, mark, name = match.groups()
        algorithm = _BY_LENGTH.get(len(hexadecimal))
        if algorithm is None:
            known = ", ".join(f"{name} has {length}" for name, length in HEX_LENGTHS.items())
            raise LineSyntaxError(
                f"a digest of {len(hexadecimal)} hexadecimal digits is of no algorithm that is "
                f"taken ({known})"
            )
        return RawLine(_unescape(name, escape), algorithm, hexadecimal, 2 if mark else 1)
    raise LineSyntaxError("expected 'HEX  NAME', 'HEX *NAME' or 'SHA256 (NAME) = HEX'")


def _one_separation(so_far: int, here: int) -> int:
    """Return how digest and name are separated in this list, which must be one way."""
    if so_far and here and so_far != here:
        raise LineSyntaxError(
            "the digest is followed by one blank on some lines of the list and by two characters "
            "on others, so where a name begins is in doubt"
        )
    return here or so_far


def _algorithm(tag: str) -> str:
    name = tag.lower().replace("sha2-", "sha", 1)
    if name not in HEX_LENGTHS:
        known = ", ".join(algorithm.upper() for algorithm in HEX_LENGTHS)
        raise LineSyntaxError(f"the algorithm {shown(tag)} is not taken (known: {known})")
    return name


def _unescape(name: str, escape: str) -> str:
    if not escape:
        return name

    def replace(match: re.Match[str]) -> str:
        character = _UNESCAPED.get(match.group(1))
        if character is None:
            raise LineSyntaxError(
                rf"the escape {shown(match.group())} is unknown (known: \\, \n and \r)"
            )
        return character

    return _ESCAPE.sub(replace, name)


def _refuse_wide_text(data: bytes, source: str) -> None:
    if b"\0" not in data:
        return
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        kind, hint = "it is UTF-16", "In PowerShell: … | Out-File -Encoding utf8 SHA256SUMS"
    else:
        kind, hint = "it holds NUL bytes", "Make the list without --zero (-z)."
    line = data.count(b"\n", 0, data.index(b"\0")) + 1
    raise SubjectError(
        f"{source}:{line}: the list is not text in UTF-8: {kind}",
        reason=Reason.SUBJECT_LIST_LINE,
        hint=hint,
    )
