"""Extensions hold one DER UTF8String and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.evidence import der_text
from slsa_gen.sandbox.certificates import utf8_string


@given(st.text(max_size=400).filter(str.isprintable))
def test_a_text_survives(text: str) -> None:
    """Every printable text is read back, also where its length needs more than a byte."""
    assert der_text.decode(utf8_string(text)) == text


@given(st.binary(max_size=300))
def test_bytes_are_read_only_in_their_one_encoding(data: bytes) -> None:
    """Whatever is read encodes to the same bytes again."""
    try:
        text = der_text.decode(data)
    except der_text.DerTextError:
        return
    assert utf8_string(text) == data


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a DER UTF8String"),
        (b"\x0c", "not a DER UTF8String"),
        (b"\x13\x01a", "not a DER UTF8String"),
        (b"\x0c\x02a", "says 2 bytes, 1 are there"),
        (b"\x0c\x01ab", "says 1 bytes, 2 are there"),
        (b"\x0c\x81\x01a", "not minimal"),
        (b"\x0c\x82\x00\x80" + b"a" * 128, "not minimal"),
        (b"\x0c\x80a", "not minimal"),
        (b"\x0c\x83\x00\x00\x01a", "not minimal"),
        (b"\x0c\x82\x01", "not minimal"),
        (b"\x0c\x01\xff", "not UTF-8"),
        (b"\x0c\x01\n", "control characters"),
        ("\x0c\x04\u202ex".encode(), "control characters"),
    ],
)
def test_anything_else_is_refused(data: bytes, why: str) -> None:
    """Another type, another length, other bytes: each says what it is."""
    with pytest.raises(der_text.DerTextError, match=why):
        der_text.decode(data)
