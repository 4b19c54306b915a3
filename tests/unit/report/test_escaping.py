"""Foreign text in Markdown, HTML and Mermaid: shown as it is, and obeyed by none of them."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.report import escaping
from slsa_gen.report.text import printable

#: What is a character of structure to Markdown, HTML, or GitHub's own additions.
STRUCTURE = re.compile(r"[\\`*_{}\[\]<>()#+!|~:@\"$^=\n\r]")


@given(foreign=st.text())
def test_no_character_of_structure_is_left_and_every_character_is_shown(foreign: str) -> None:
    """A reader sees the text; Markdown sees letters and references."""
    written = escaping.text(foreign)

    assert not STRUCTURE.search(re.sub(r"&#\d+;", "", written))
    assert html.unescape(written) == printable(foreign)


@given(foreign=st.text())
def test_a_label_of_a_picture_cannot_end(foreign: str) -> None:
    """Letters, and references as Mermaid writes them."""
    written = escaping.label(foreign, 1000)

    assert re.fullmatch(r"(?:[^\W_]|[ /.-]|#\d+;)*", written)
    shown = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), written)
    expected = printable(foreign)[:1000] + "…" * (len(printable(foreign)) > 1000)
    assert shown == re.sub(r"\$(?=\$)|:(?=fa-)|\\(?=n)", r"\g<0> ", expected)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [("$$x$$", "$ $x$ $"), ("fa:fa-car", "fa: fa-car"), ("a\\new", "a\\ new")],
)
def test_a_label_is_neither_formula_nor_icon_nor_several_lines(foreign: str, shown: str) -> None:
    """Mermaid looks for them after it has read the references."""
    written = escaping.label(foreign, 60)

    assert re.sub(r"#(\d+);", lambda match: chr(int(match[1])), written) == shown


def test_a_long_label_is_cut() -> None:
    """A picture has little room; the cut is by characters, not within a reference."""
    assert escaping.label('"' * 9, 2) == "#34;#34;#8230;"


@given(foreign=st.text())
def test_a_block_of_code_cannot_be_ended_from_within(foreign: str) -> None:
    """Its fence is longer than any run of backticks in it."""
    first, *_, last = escaping.block(foreign).split("\n")

    fence = first.removesuffix("text")
    assert set(fence) == {"`"}
    assert last == fence
    assert escaping.block(foreign).count(fence) == 2


@pytest.mark.parametrize(
    "name", ["www.example.com", "http://x", "@octocat", "#1", "<script>", "a|b", "[a](b)", "`a`"]
)
def test_nothing_becomes_a_link_a_mention_or_a_tag(name: str) -> None:
    """Each of these is one in GitHub's Markdown."""
    assert name not in escaping.code(name)


def test_a_word_about_what_it_is_stays_readable() -> None:
    """Plain names are not riddled with references."""
    assert escaping.code("dist/my-app 1.0.tar.gz") == "<code>dist/my-app 1.0.tar.gz</code>"


def test_a_url_becomes_a_link_only_when_it_is_plainly_one() -> None:
    """A target cannot be left by what it holds, nor lead to a script."""
    assert escaping.link("entry 1", "https://a/?b=1") == "[entry 1](<https://a/?b=1>)"
    for url in ("javascript:alert(1)", "https://a/>b", "https://a b", 'https://a"', ""):
        assert escaping.link("entry 1", url) == "entry 1"
