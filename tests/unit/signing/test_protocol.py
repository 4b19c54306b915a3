"""Tests of slsa_gen.signing.protocol: frames, whole or refused."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.signing.protocol import Frame, ProtocolError, read_frame, write_frame


def wire(frame: Frame) -> bytes:
    """Return a frame as it goes over the pipe."""
    stream = io.BytesIO()
    write_frame(stream, frame)
    return stream.getvalue()


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans())), st.binary())
def test_a_frame_arrives_as_it_was_sent(header: dict[str, object], body: bytes) -> None:
    """Header and body survive the pipe."""
    frame = read_frame(io.BytesIO(wire(Frame(header, body))), 1000)
    assert frame is not None
    assert (dict(frame.header), frame.body) == (header, body)


def test_frames_follow_one_another() -> None:
    """Each read takes one frame; after the last there is none."""
    stream = io.BytesIO(wire(Frame({"n": 1})) + wire(Frame({"n": 2}, b"x")))
    first, second = read_frame(stream, 10), read_frame(stream, 10)
    assert first is not None
    assert second is not None
    assert (first.number("n"), second.body) == (1, b"x")
    assert read_frame(stream, 10) is None


@given(st.data())
def test_a_frame_that_is_cut_off_is_refused(data: st.DataObject) -> None:
    """No part of a frame passes for a whole one."""
    whole = wire(Frame({"a": "b"}, b"body"))
    length = data.draw(st.integers(min_value=1, max_value=len(whole) - 1))
    with pytest.raises(ProtocolError, match="cut off"):
        read_frame(io.BytesIO(whole[:length]), 100)


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    """Whatever comes: a frame, or a ProtocolError."""
    try:
        frame = read_frame(io.BytesIO(raw), 1000)
    except ProtocolError:
        return
    assert frame is not None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (struct.pack(">II", 2, 11) + b"{}" + b"x" * 11, "too large"),
        (struct.pack(">II", 2**31, 0), "too large"),
        (struct.pack(">II", 2, 0) + b"[]", "an object was expected"),
        (struct.pack(">II", 13, 0) + b'{"a":1,"a":2}', "stands twice"),
    ],
)
def test_what_is_no_frame_is_refused(raw: bytes, why: str) -> None:
    """Lengths are bounded before anything is read, and headers are strict JSON objects."""
    with pytest.raises(ProtocolError, match=why):
        read_frame(io.BytesIO(raw), 10)


def test_fields_of_another_type_are_as_if_absent() -> None:
    """Texts and numbers are what they should be, or empty."""
    frame = Frame({"text": 1, "number": "1", "flag": True})
    assert frame.text("text") == ""
    assert frame.number("number") is None
    assert frame.number("flag") is None


def test_neither_header_nor_body_is_in_the_representation() -> None:
    """A token in a frame does not reach a log by way of repr()."""
    assert "secret" not in repr(Frame({"a": "secret"}, b"secret"))
