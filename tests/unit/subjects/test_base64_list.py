"""base64-subjects: strict base64 of a checksum list, and nothing that only looks like it."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import base64_list
from tests.unit.subjects.trees import ONE, limited

_LIST = f"{ONE}  app\n".encode()
_GOOD = base64.b64encode(_LIST)


def refusal(data: bytes) -> SubjectError:
    """Return the error that a text is refused with."""
    with pytest.raises(SubjectError) as caught:
        base64_list.decode(data, "--base64-subjects", DEFAULT_LIMITS)
    return caught.value


@given(st.binary(min_size=1, max_size=200))
def test_what_base64_wrote_is_read(data: bytes) -> None:
    """In one line, or wrapped at 76 characters with either line end."""
    wrapped = base64.encodebytes(data)
    for text in (base64.b64encode(data), wrapped, wrapped.replace(b"\n", b"\r\n")):
        assert base64_list.decode(text, "here", DEFAULT_LIMITS) == data


@pytest.mark.parametrize(
    "data",
    [
        _GOOD[:-1],
        _GOOD + b"=",
        _GOOD + b"A",
        _GOOD + _GOOD[:4] + b"====",
        b" " + _GOOD,
        _GOOD[:8] + b" " + _GOOD[8:],
        _GOOD[:8] + b"\t" + _GOOD[8:],
        _GOOD[:8] + b"\0" + _GOOD[8:],
        _GOOD[:8] + b"-_" + _GOOD[10:],
        _GOOD[:8] + "é".encode() + _GOOD[10:],
        b"QQ==" + _GOOD,
        b"=QUJD",
        b"QR==",
        b"QUJDRA==QUJD",
        _LIST,
        b"data:text/plain;base64," + _GOOD,
    ],
)
def test_what_is_not_strict_base64_is_refused(data: bytes) -> None:
    """Padding, alphabet, rests after the padding, bits under it, and the list itself."""
    error = refusal(data)

    assert error.reason is Reason.SUBJECT_BASE64
    assert error.message.startswith("--base64-subjects: the text is not strict base64: ")
    assert error.message.isprintable()
    assert "base64 -w0" in error.hint


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (_GOOD[:8] + b" " + _GOOD[8:], "the character ' ' is not of its alphabet"),
        (_GOOD[:8] + b"-_" + _GOOD[10:], "the character '-' is not of its alphabet"),
        (_GOOD[:-1], "its padding is wrong"),
        (b"QR==", "not the one way"),
    ],
)
def test_the_message_says_what_is_wrong_with_it(data: bytes, cause: str) -> None:
    """The same on every version of Python, whose own words differ."""
    assert cause in refusal(data).message


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n"])
def test_an_empty_text_is_refused(data: bytes) -> None:
    """The output of a job that did not run is empty."""
    assert refusal(data).reason is Reason.SUBJECT_LIST_EMPTY


def test_a_text_over_the_limit_is_refused_before_it_is_decoded() -> None:
    """The limit is that of every list."""
    with pytest.raises(SubjectError) as caught:
        base64_list.decode(b"!" * 101, "here", limited(subject_list_bytes=100))

    assert caught.value.reason is Reason.SUBJECT_LIST_TOO_LARGE


@given(st.text(string.ascii_letters + string.digits + "+/=-_ \n", max_size=60))
def test_no_two_texts_stand_for_the_same_bytes(text: str) -> None:
    """Whatever is taken is, but for line ends, exactly what base64 writes."""
    data = text.encode()
    try:
        decoded = base64_list.decode(data, "here", DEFAULT_LIMITS)
    except SubjectError:
        return
    assert base64.b64encode(decoded) == data.replace(b"\n", b"")
