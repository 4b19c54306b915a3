"""JSON, read strictly: duplicate names, NaN, lone surrogates, deep nesting and mass are refused.

Two readers that resolve a duplicate name differently can be shown two documents in one;
so there is one reader here, and what is ambiguous is no document (RFC 8259, section 4).
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Final, NoReturn

from slsa_gen.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable


_STRING_OR_BRACKET: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_OPENING: Final = frozenset("[{")
_CLOSING: Final = frozenset("]}")


class StrictJsonError(ValueError):
    """The text is not one unambiguous JSON document; the message says where and why."""


def loads(
    text: bytes | str,
    *,
    max_bytes: int,
    max_depth: int,
    max_values: int = DEFAULT_LIMITS.json_values,
) -> object:
    """Parse one document of at most ``max_bytes``, ``max_depth`` levels and ``max_values``.

    Raises:
        StrictJsonError: too large, too deep, not UTF-8, not JSON, or ambiguous.
    """
    if len(text) > max_bytes:
        raise StrictJsonError(f"the document has {len(text)} bytes, at most {max_bytes} are read")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise StrictJsonError(f"not UTF-8: {error.reason} at byte {error.start}") from error
    _check_values(text, max_values)
    _check_depth(text, max_depth)
    value = _parsed(text)
    if _SURROGATE.search(text) and _has_lone_surrogate(value):
        raise StrictJsonError("a lone surrogate (\\uD800 to \\uDFFF) is no character")
    return value


def loads_object(text: bytes | str, *, max_bytes: int, max_depth: int) -> dict[str, object]:
    """Parse one document that must be an object.

    Raises:
        StrictJsonError: as :func:`loads`, or something other than an object.
    """
    value = loads(text, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise StrictJsonError(f"an object was expected, got {kind(value)}")
    return value


def dumps(value: object) -> bytes:
    """Serialise deterministically: sorted names, no spaces, UTF-8, no NaN.

    Raises:
        StrictJsonError: a value that JSON cannot carry.
    """
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        ).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise StrictJsonError(f"not representable in JSON: {error}") from error


def _parsed(text: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise StrictJsonError(
            f"not JSON: {error.msg.removesuffix(' at')} at line {error.lineno}, "
            f"column {error.colno}"
        ) from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, StrictJsonError):
            raise
        raise StrictJsonError(f"not JSON that is read here: {error}") from error


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in pairs:
        if name in result:
            raise StrictJsonError(f"the name {name!r} stands twice in one object")
        result[name] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise StrictJsonError(f"{text} is no number that can be held")
    return value


def _check_values(text: str, max_values: int) -> None:
    # What stands in strings is counted too: the bound is on the mass, not on the meaning.
    count = text.count(",") + text.count("[") + text.count("{")
    if count > max_values:
        raise StrictJsonError(f"more than {max_values} values (commas and brackets) are not read")


def _check_depth(text: str, max_depth: int) -> None:
    # json's own limit is the interpreter's stack; ours is counted before it parses.
    if text.count("[") + text.count("{") <= max_depth:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        token = match.group()
        if token in _OPENING:
            depth += 1
            if depth > max_depth:
                raise StrictJsonError(f"nested deeper than {max_depth} levels")
        elif token in _CLOSING:
            depth -= 1


def _has_lone_surrogate(value: object) -> bool:
    # Python's parser joins pairs and lets a lone half through, which no encoder then takes.
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def kind(value: object) -> str:
    """Return what a value is, in JSON's words: ``an object``, ``a number``, ``null``."""
    if value is None:
        return "null"
    words = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
    }
    return words.get(type(value), "an object")
