"""Patterns of a policy file."""

from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.policy.patterns import Pattern


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*.whl", "a.whl", True),
        ("*.whl", "dist/a.whl", True),
        ("*.whl", "./dist/a.whl", True),
        ("*.whl", "a.whl.txt", False),
        ("*.whl", "A.WHL", False),
        ("a.whl", "axwhl", False),
        ("app-?.tar.gz", "app-1.tar.gz", True),
        ("app-?.tar.gz", "app-12.tar.gz", False),
        ("dist/*.whl", "dist/a.whl", True),
        ("dist/*.whl", "./dist/a.whl", True),
        ("dist/*.whl", "dist/x/a.whl", False),
        ("dist/*.whl", "dist/../evil/a.whl", False),
        ("dist/*.whl", "x/dist/a.whl", False),
        ("dist/**.whl", "dist/x/y/a.whl", True),
        ("**", "a", True),
        ("*", "dist/a", True),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("sha256:*", "sha256:ab", True),
        ("*", "a\nb", True),
    ],
)
def test_a_pattern_matches_the_whole_name(pattern: str, name: str, expected: bool) -> None:  # noqa: FBT001 (a table's column)
    """The base name where the pattern has no slash, else the path as given."""
    assert Pattern.make(pattern).matches(name) is expected


def test_a_name_cannot_be_made_that_takes_long() -> None:
    """The name is the attacker's, and a pattern with many stars is not unusual."""
    pattern = Pattern.make("*-" * 20 + "*.whl")
    for name in ("-" * 255, "-" * 251 + ".whl", "-" * 4000 + "x"):
        assert pattern.matches(name) is name.endswith(".whl")


_MEANING = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


@given(st.text(alphabet="*?a/.\n", min_size=1, max_size=8), st.text(alphabet="ab/.\n", max_size=8))
def test_it_means_what_the_regular_expression_would(pattern: str, name: str) -> None:
    """Small cases, which no regular expression is slow at."""
    parts = re.findall(r"\*\*+|\*|\?|[^*?]+", pattern)
    meant = "".join(_MEANING.get(re.sub(r"\*\*+", "**", p)) or re.escape(p) for p in parts)
    held = posixpath.normpath(name)
    held = held if "/" in pattern else posixpath.basename(held)

    assert Pattern.make(pattern).matches(name) is bool(re.fullmatch(meant, held, re.DOTALL))


@given(st.text(alphabet="abc.[](){}+^$|\\-", min_size=1, max_size=20))
def test_everything_else_is_itself(text: str) -> None:
    """No character but * and ? means more than it says."""
    assert Pattern.make(text).matches(f"x/{text}") is (text not in {".", ".."})
    assert not Pattern.make(text).matches(f"x/{text}z")
