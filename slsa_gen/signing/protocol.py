"""Frames on the pipes between the signer and its child: a small JSON header and a body.

A frame is two big-endian 32-bit lengths, the header (a JSON object) and the body (bytes).
The child reads answers of services, so what it says is read with the same care as theirs.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from slsa_gen import strictjson

if TYPE_CHECKING:
    from collections.abc import Mapping

_LENGTHS: Final = struct.Struct(">II")
_HEADER_BYTES: Final = 256 * 1024
_HEADER_DEPTH: Final = 4


class ProtocolError(Exception):
    """The other side sent something that is no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: what it is, and the bytes that go with it (a token, a statement)."""

    header: Mapping[str, object] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def text(self, name: str) -> str:
        """Return a text of the header, or an empty one."""
        value = self.header.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Return an integer of the header, or None."""
        value = self.header.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def write_frame(stream: IO[bytes], frame: Frame) -> None:
    """Send a frame.

    Raises:
        OSError: the other side is gone.
    """
    header = strictjson.dumps(frame.header)
    stream.write(_LENGTHS.pack(len(header), len(frame.body)) + header)
    stream.write(frame.body)
    stream.flush()


def read_frame(stream: IO[bytes], max_body: int) -> Frame | None:
    """Read a frame; None when the other side ended between two of them.

    Raises:
        ProtocolError: a frame that is cut off, too large, or not one.
    """
    lengths = stream.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise ProtocolError("a frame was cut off")
    header_length, body_length = _LENGTHS.unpack(lengths)
    if header_length > _HEADER_BYTES or body_length > max_body:
        raise ProtocolError(f"a frame of {header_length} + {body_length} bytes is too large")
    header, body = stream.read(header_length), stream.read(body_length)
    if len(header) < header_length or len(body) < body_length:
        raise ProtocolError("a frame was cut off")
    try:
        value = strictjson.loads_object(header, max_bytes=_HEADER_BYTES, max_depth=_HEADER_DEPTH)
    except strictjson.StrictJsonError as error:
        raise ProtocolError(f"a frame's header is not read: {error}") from error
    return Frame(value, body)
