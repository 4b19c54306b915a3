"""``base64-subjects`` as slsa-github-generator takes them: a checksum list in base64.

Strict where decoders are usually lenient: a character outside the alphabet (RFC 4648,
section 4), missing padding, anything after it and non-zero bits under it are refused, for
each of them can lose lines. Line ends within the text are allowed: ``base64`` wraps at 76.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.listfile import too_large
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from slsa_gen.limits import Limits

_HINT: Final = "Write: sha256sum -- FILE… | base64 -w0"
_STRANGER: Final = re.compile(r"[^A-Za-z0-9+/=]")
_LINE_ENDS: Final = b"\r\n"
_SHOWN_BYTES: Final = 40


def decode(data: bytes, source: str, limits: Limits) -> bytes:
    """Return the list that a base64 text holds.

    Args:
        data: The text's bytes.
        source: Its name for messages.
        limits: How many bytes are read.

    Raises:
        SubjectError: empty, not canonical base64, or too large.
    """
    if len(data) > limits.subject_list_bytes:
        raise too_large(source, str(len(data)), limits)
    packed = data.translate(None, _LINE_ENDS)
    if not packed:
        raise SubjectError(
            f"{source}: the text is empty, a checksum list in base64 was expected",
            reason=Reason.SUBJECT_LIST_EMPTY,
            hint=f"Is a variable or an output of a job unset? {_HINT}",
        )
    try:
        decoded = base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise _refused(packed, source, _cause(packed)) from error
    if base64.b64encode(decoded) != packed:
        raise _refused(packed, source, "it is not the one way in which base64 writes its bytes")
    return decoded


def _cause(packed: bytes) -> str:
    text = packed.decode("utf-8", "surrogateescape")
    stranger = _STRANGER.search(text)
    if stranger:
        return f"the character {shown(stranger.group())} is not of its alphabet"
    return "its padding is wrong, so something was cut off or added"


def _refused(packed: bytes, source: str, cause: str) -> SubjectError:
    start = shown(packed[:_SHOWN_BYTES].decode("utf-8", "surrogateescape"))
    return SubjectError(
        f"{source}: the text is not strict base64: {cause}; it begins with {start}",
        reason=Reason.SUBJECT_BASE64,
        hint=_HINT,
    )
