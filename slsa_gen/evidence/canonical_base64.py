"""Base64, read strictly (RFC 4648, sections 3.3 and 3.5).

Python's decoder drops characters outside the alphabet and ignores the unused bits of the
last one, so that many texts stand for the same bytes. Here one value has one text.
"""

from __future__ import annotations

import base64
import binascii


class Base64Error(ValueError):
    """A text is not the canonical base64 of any bytes; the message says why."""


def decode(text: str) -> bytes:
    """Return the bytes of a canonical base64 text (standard alphabet, padded).

    Raises:
        Base64Error: another alphabet, white space, missing padding, unused bits that are set.
    """
    try:
        raw = text.encode("ascii")
        value = base64.b64decode(raw, validate=True)
    except UnicodeEncodeError as error:
        raise Base64Error("characters outside the base64 alphabet") from error
    except binascii.Error as error:
        raise Base64Error(_plain(str(error))) from error
    if base64.b64encode(value) != raw:
        raise Base64Error("the last character carries bits that belong to no byte")
    return value


def _plain(message: str) -> str:
    if "padding" in message.lower():
        return "its padding is wrong (the length must be a multiple of four, with = at the end)"
    return "characters outside the base64 alphabet, or its length is wrong"
