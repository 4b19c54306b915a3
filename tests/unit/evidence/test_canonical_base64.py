"""Base64 has one text for the same bytes."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.evidence import canonical_base64


@given(st.binary(max_size=200))
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    """Every value has a text that is read."""
    assert canonical_base64.decode(base64.b64encode(data).decode()) == data


@given(st.text(max_size=40))
def test_a_text_is_read_only_when_it_is_the_one_text_of_its_bytes(text: str) -> None:
    """No two texts stand for the same bytes."""
    try:
        data = canonical_base64.decode(text)
    except canonical_base64.Base64Error:
        return
    assert base64.b64encode(data).decode() == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("QUI=\n", "padding"),
        ("QU I=", "alphabet"),
        ("QU-_", "alphabet"),
        ("QUI", "padding"),
        ("QUI==", "padding"),
        ("QUJ=", "bits"),
        ("QR==", "bits"),
        ("QUI\u2014", "alphabet"),
        ("=", "padding"),
    ],
)
def test_another_text_of_the_same_bytes_is_refused(text: str, why: str) -> None:
    """White space, another alphabet, missing padding and unused bits are said."""
    with pytest.raises(canonical_base64.Base64Error, match=why):
        canonical_base64.decode(text)
