"""JSON, read strictly."""

from __future__ import annotations

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen import strictjson
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.strictjson import StrictJsonError

_ESCAPES: Final = (
    "\\ud800",
    "\\uDBFF",
    "\\udc00",
    "\\uDfFf",
    "\\\\",
    "\\u0041",
    "\\ud7ff",
    "ud800",
)


def _loads(text: str, max_values: int = DEFAULT_LIMITS.json_values) -> object:
    return strictjson.loads(text, max_bytes=10_000_000, max_depth=64, max_values=max_values)


@pytest.mark.parametrize("text", ["[1,2,3]", "[{},1]", '{"a":1,"b":[]}', "[[[]]]"])
def test_the_number_of_values_is_bounded(text: str) -> None:
    """Each takes far more memory than its two or three bytes."""
    assert _loads(text, max_values=3) == json.loads(text)
    with pytest.raises(StrictJsonError, match="more than 2 values"):
        _loads(text, max_values=2)


def test_a_mass_of_empty_objects_is_refused_unparsed() -> None:
    """The most that is read is 2,000,000 values, whatever the bytes."""
    with pytest.raises(StrictJsonError, match="more than 2000000 values"):
        _loads("[" + "{}," * 1_000_001 + "{}]")


@given(st.lists(st.sampled_from(_ESCAPES), max_size=6).map("".join), st.sampled_from("[{ "))
def test_a_text_is_read_exactly_when_it_can_be_encoded(escapes: str, around: str) -> None:
    """A half of a pair is refused, alone, as a name or in a list; a whole pair is a character."""
    text = {"[": f'["{escapes}"]', "{": f'{{"{escapes}":1}}', " ": f'"{escapes}"'}[around]
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        with pytest.raises(StrictJsonError, match="lone surrogate"):
            _loads(text)
    else:
        assert _loads(text) == json.loads(text)


def test_a_document_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Escapes make it no dearer than it is."""
    calls: list[str] = []
    real = json.loads

    def counted(text: str, **options: object) -> object:
        calls.append(text)
        return real(text, **options)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(json, "loads", counted)
    assert _loads('"\\ud83d\\ude00"') == "\U0001f600"
    assert len(calls) == 1
