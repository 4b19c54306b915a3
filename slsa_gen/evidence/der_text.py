"""The one ASN.1 type that Fulcio's extensions hold: a UTF8String in DER (X.690).

https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md: "formatted as a DER-encoded
string". Anything but that one encoding is refused, trailing bytes included.
"""

from __future__ import annotations

from typing import Final

_UTF8_STRING: Final = 0x0C
_LONG_FORM: Final = 0x80
_SMALLEST_LONG: Final = (0, 0x80, 0x100)


class DerTextError(ValueError):
    """The bytes are not one DER UTF8String of printable text."""


def decode(data: bytes) -> str:
    """Return the text of a DER UTF8String.

    Raises:
        DerTextError: another type, a length that is not minimal, too few or too many bytes,
            not UTF-8, or control characters.
    """
    if len(data) < 2 or data[0] != _UTF8_STRING:  # noqa: PLR2004 (a tag and a length)
        raise DerTextError("not a DER UTF8String")
    length, start = data[1], 2
    if length >= _LONG_FORM:
        size = length - _LONG_FORM
        start += size
        length = int.from_bytes(data[2:start], "big")
        if size not in (1, 2) or len(data) < start or length < _SMALLEST_LONG[size]:
            raise DerTextError("the length of the DER UTF8String is not minimal or too large")
    if len(data) != start + length:
        raise DerTextError(f"the DER UTF8String says {length} bytes, {len(data) - start} are there")
    return plain(data[start:])


def plain(data: bytes) -> str:
    """Return UTF-8 text without control characters.

    Raises:
        DerTextError: not UTF-8, or control characters.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DerTextError("not UTF-8") from error
    if not text.isprintable():
        raise DerTextError("it holds control characters")
    return text
