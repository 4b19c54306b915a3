"""One comparison: nothing but the same text is equal."""

from __future__ import annotations

import pytest

from slsa_gen.provenance.comparison import (
    MISSING,
    NOT_IN_CERTIFICATE,
    FieldComparison,
    FieldRule,
    compared,
    dotted,
    value_at,
)
from tests.unit.provenance.samples import SIGNER

DOCUMENT = {"a": {"b": [{"c": "value"}, 5]}, "n": None}


def test_the_same_text_is_equal() -> None:
    """What the certificate says and what the predicate says, word for word."""
    expected = FieldComparison("a.b", "issuer", "value", "value", equal=True)

    assert expected == compared("a.b", "issuer", "value", "value")


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("other", "other"),
        ("VALUE", "VALUE"),
        ("value ", "value "),
        (None, MISSING),
        (5, "(a number, not a string)"),
        (5.5, "(a number, not a string)"),
        (True, "(a boolean, not a string)"),
        (["value"], "(an array, not a string)"),
        ({"value": "value"}, "(an object, not a string)"),
    ],
)
def test_everything_else_is_not(found: object, shown: str) -> None:
    """Another type is never equal, and what was found is said."""
    comparison = compared("a", "issuer", "value", found)

    assert not comparison.equal
    assert shown == comparison.found


@pytest.mark.parametrize("found", ["value", NOT_IN_CERTIFICATE, None, ""])
def test_what_the_certificate_lacks_is_never_equal(found: object) -> None:
    """A field without proof is not excused, not even when both lack it."""
    comparison = compared("a", "issuer", None, found)

    assert not comparison.equal
    assert comparison.expected == NOT_IN_CERTIFICATE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("a", "b", 0, "c"), "value"),
        (("a", "b", 1), 5),
        (("a", "b", 2), None),
        (("a", "b", "c"), None),
        (("a", 0), None),
        (("x", "y"), None),
        (("n", "m"), None),
        (("a", "b", 0, "c", "d"), None),
    ],
)
def test_a_place_that_is_not_there_has_no_value(path: tuple[str | int, ...], value: object) -> None:
    """Looking into a malformed document finds nothing and raises nothing."""
    assert value == value_at(DOCUMENT, path)


def test_a_place_is_shown_dotted() -> None:
    """Positions stand in brackets."""
    assert dotted(("a", "b", 0, "c")) == "a.b[0].c"
    assert dotted((0, "a")) == "[0].a"


def test_an_optional_place_is_compared_when_it_is_there() -> None:
    """Null is the same as unset; anything else is compared."""
    rule = FieldRule(("a",), "issuer", lambda signer: signer.issuer, optional=True)

    assert not rule.applies_to({})
    assert not rule.applies_to({"a": None})
    assert rule.applies_to({"a": ""})
    assert not rule.compare({"a": ""}, SIGNER).equal
    assert rule.compare({"a": SIGNER.issuer}, SIGNER).equal
