"""Patterns: what each wildcard means, and which ones are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.patterns import Matcher, Pattern, absolute, exclude_matcher, glob_escape

if TYPE_CHECKING:
    from pathlib import Path

_NAME = st.text("ab.*[]?!^-", min_size=1, max_size=4)


def matches(pattern: str, path: str) -> bool:
    """Tell whether the automaton of a pattern takes a path."""
    matcher = Matcher(pattern.split("/"))
    return matcher.matches(matcher.start(path))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*", "app", True),
        ("*", ".hidden", True),
        ("*", "dist/app", False),
        ("*.whl", "app.whl", True),
        ("*.whl", ".whl", True),
        ("*.whl", "app.whl.sig", False),
        ("*.WHL", "app.whl", False),
        ("app-?.tar", "app-1.tar", True),
        ("app-?.tar", "app-.tar", False),
        ("app-[0-9].tar", "app-5.tar", True),
        ("app-[!0-9].tar", "app-5.tar", False),
        ("app-[^0-9].tar", "app-5.tar", False),
        ("app-[^0-9].tar", "app-x.tar", True),
        ("app[[]1].tar", "app[1].tar", True),
        ("a, b*", "a, b.txt", True),
        ("*", "a\nb", True),
        ("**", "app", True),
        ("**", "dist/sub/app", True),
        ("**", "", False),
        ("**/app", "app", True),
        ("**/app", "a/b/c/app", True),
        ("**/app", "a/b/app/c", False),
        ("dist/**/*.whl", "dist/app.whl", True),
        ("dist/**/*.whl", "dist/a/b/app.whl", True),
        ("dist/**/*.whl", "app.whl", False),
        ("dist/**", "dist/a/b", True),
        ("dist/**", "dist", False),
        ("**/**/a", "a", True),
        ("a/**/b/**/c", "a/x/b/b/y/c", True),
        ("a/**/b/**/c", "a/x/c", False),
        ("*/bin/*", "app/bin/tool", True),
        ("*/bin/*", "app/lib/tool", False),
    ],
)
def test_wildcards_match_names_and_folders(pattern: str, path: str, *, expected: bool) -> None:
    """A star stays within one name, two stars alone stand for any number of folders."""
    assert matches(pattern, path) is expected


@given(st.lists(_NAME, min_size=1, max_size=4))
def test_an_escaped_path_matches_itself_alone(names: list[str]) -> None:
    """Whatever wildcards its names hold."""
    pattern = "/".join(glob_escape(name) for name in names)

    assert matches(pattern, "/".join(names))
    assert not matches(pattern, "/".join([*names[:-1], names[-1] + "x"]))
    assert not matches(pattern, "/".join([*names, "x"]))


@given(
    st.lists(st.sampled_from(["**", "*", "a", "b", "a*", "?"]), min_size=1, max_size=5),
    st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=5),
)
def test_the_automaton_agrees_with_a_regular_expression(parts: list[str], names: list[str]) -> None:
    """An independent way to say what a pattern means."""
    trailing = parts[-1] == "**"
    expression = "".join(
        "(?:[^/]+/)*"
        if part == "**"
        else re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") + "/"
        for part in parts
    ) + ("[^/]+/" if trailing else "")

    expected = re.fullmatch(expression, "/".join(names) + "/") is not None

    assert matches("/".join(parts), "/".join(names)) is expected


def test_a_walk_learns_where_nothing_more_can_match() -> None:
    """So that folders which no pattern asks for are not entered."""
    matcher = Matcher(["dist", "*.whl"])

    assert matcher.continues(matcher.start("dist"))
    assert not matcher.start("docs")
    assert not matcher.continues(matcher.start("dist/app.whl"))
    assert not matcher.start("dist/app.whl/x")


def test_long_names_and_many_stars_are_matched_in_good_time() -> None:
    """A pattern that a backtracking matcher would take years for."""
    assert not matches("*a" * 30 + "b", "a" * 250)


@pytest.mark.parametrize(
    ("text", "excludes", "prefix", "parts"),
    [
        ("app", False, "app", ()),
        ("dist/app", False, "dist/app", ()),
        ("./dist/*", False, "./dist", ("*",)),
        ("*", False, "", ("*",)),
        ("/*", False, "/", ("*",)),
        ("/srv/out/**", False, "/srv/out", ("**",)),
        ("../a/[bc]/d", False, "../a", ("[bc]", "d")),
        ("!dist/*.map", True, "dist", ("*.map",)),
        ("!!app", True, "!app", ()),
    ],
)
def test_a_pattern_is_taken_apart_at_its_first_wildcard(
    text: str, *, excludes: bool, prefix: str, parts: tuple[str, ...]
) -> None:
    """What stands before it is where the walk begins, and its boundary outside a run."""
    assert Pattern.parse(text) == Pattern(text, excludes, prefix, parts)


@pytest.mark.parametrize("text", ["", " ", "!", "! ", "a\0b"])
def test_a_pattern_that_names_nothing_is_refused(text: str) -> None:
    """An unset variable, most often."""
    with pytest.raises(SubjectError) as caught:
        Pattern.parse(text)

    assert caught.value.reason is Reason.SUBJECT_PATTERN
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("text", "cause", "hint"),
    [
        ("dist/**.whl", "alone between slashes", "'dist/**/*.whl'"),
        ("dist/a**", "alone between slashes", "'dist/**/a*'"),
        ("dist/***", "alone between slashes", "Write:"),
        ("*/../app", "leads to no one place", "before the wildcard"),
        ("dist/*/./app", "leads to no one place", "before the wildcard"),
        ("dist/*/", "folders only", "'dist/*/**'"),
    ],
)
def test_a_wildcard_that_would_mislead_is_refused(text: str, cause: str, hint: str) -> None:
    """It would match less than its writer thinks."""
    with pytest.raises(SubjectError) as caught:
        Pattern.parse(text).check_parts()

    assert caught.value.reason is Reason.SUBJECT_PATTERN
    assert cause in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("exclude", "path", "expected"),
    [
        ("!dist/*.map", "/home/me/dist/a.map", True),
        ("!dist/*.map", "/home/me/dist/sub/a.map", False),
        ("!**/*.map", "/home/me/dist/sub/a.map", True),
        ("!dist/sub", "/home/me/dist/sub/a/b", True),
        ("!dist/sub/", "/home/me/dist/sub", True),
        ("!dist/sub", "/home/me/dist/subway", False),
        ("!dist/**", "/home/me/dist/a", True),
        ("!dist/**", "/home/me/dist", False),
        ("!./dist/a", "/home/me/dist/a", True),
        ("!/home/me/dist/a", "/home/me/dist/a", True),
        ("!/elsewhere/a", "/home/me/dist/a", False),
    ],
)
def test_an_exclude_covers_a_path_and_what_is_below_it(
    exclude: str, path: str, *, expected: bool
) -> None:
    """Over absolute paths, so that either way of writing a path will do."""
    assert exclude_matcher(Pattern.parse(exclude), "/home/me").covers(path) is expected


def test_an_exclude_that_would_mislead_is_refused() -> None:
    """It would take out less than its writer thinks."""
    with pytest.raises(SubjectError, match="alone between slashes"):
        exclude_matcher(Pattern.parse("!dist/**.map"), "/home/me")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "/usr"),
        ("a", "/usr/a"),
        ("./a//b/", "/usr/a/b"),
        ("/srv/a", "/srv/a"),
        ("//srv/a", "/srv/a"),
        ("..a/b..", "/usr/..a/b.."),
        ("gone/../a", "/usr/gone/../a"),
        ("\ud800/../a", "/usr/\ud800/../a"),
        ("../..a", "/..a"),
        ("../../..", "/"),
    ],
)
def test_a_path_becomes_absolute(path: str, expected: str) -> None:
    """Dots and doubled slashes are taken out, names that only begin with dots stay."""
    assert absolute(path, "/usr") == expected


def test_two_dots_after_a_link_are_where_the_system_says(tmp_path: Path) -> None:
    """``link/../x`` is beside what the link leads to; a link after the dots is kept."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a/b")

    assert absolute("link/../x", str(tmp_path)) == f"{tmp_path}/a/x"
    assert absolute("a/../link/x", str(tmp_path)) == f"{tmp_path}/link/x"
