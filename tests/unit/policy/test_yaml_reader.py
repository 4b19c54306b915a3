"""YAML without its surprises."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.policy.yaml_reader import Sequence, Table, Text, YamlError, read


def test_values_know_where_they_stand_and_what_they_would_be() -> None:
    """A text keeps how it was written."""
    found = read('a: x\nb: [1.10, no, "no"]\n')
    assert isinstance(found, Table)
    assert found.entries["a"] == Text("x", "", "line 1, column 4")
    assert found.places == {"a": "line 1, column 1", "b": "line 2, column 1"}
    items = found.entries["b"]
    assert isinstance(items, Sequence)
    assert items.items == (
        Text("1.10", "a number", "line 2, column 5"),
        Text("no", "a truth value", "line 2, column 11"),
        Text("no", "", "line 2, column 15"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("a: &x 1\nb: *x\n", "line 1, column 4: anchors"),
        ("a: *x\n", "line 1, column 4: anchors"),
        ("a: !!int 1\n", "line 1, column 4: tags"),
        ("!x a: 1\n", "line 1, column 1: tags"),
        ("a: 1\na: 2\n", "line 2, column 1: the key 'a' stands here again (first: line 1"),
        ("a: {b: 1, b: 2}\n", "line 1, column 11: the key 'b'"),
        ("1: a\n", "line 1, column 1: a key must be a text"),
        ("? [a]\n: b\n", "a key must be a text"),
        ("<<: {a: b}\n", "a key must be a text"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: a second document"),
        ("a: [\n", "not YAML"),
        ("a: b: c\n", "line 1, column 5: not YAML: mapping values are not allowed here"),
        ("a: \t- b\n", "not YAML"),
        (
            "a:\n\tb: c\n",
            "that cannot start any token; lines are indented with blanks, not with tabs",
        ),
        (
            "a:\n  - b: c\n    d:\n   e: f\n",
            "not YAML: expected <block end>, but found '<block mapping start>'; is",
        ),
        ("a: \x07\n", "it holds a character that YAML does not allow"),
        ('a: "\\U00ffffff"\n', "a number or a character beyond all bounds"),
        ("%YAML 1." + "1" * 5000 + "\n---\na: b\n", "a number or a character beyond all bounds"),
        ("a: 1\n...\n---\nb: 2\n", "line 3, column 1: a second document"),
        ("[" * 17 + "]" * 17, "nested deeper than 16 levels"),
    ],
)
def test_what_yaml_can_do_beyond_data_is_refused(text: str, message: str) -> None:
    """Each with its line and column."""
    with pytest.raises(YamlError) as caught:
        read(text)
    assert message in str(caught.value)


def test_sixteen_levels_are_read() -> None:
    """The bound itself is within."""
    assert isinstance(read("[" * 16 + "a" + "]" * 16), Sequence)


def test_a_file_is_scanned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scanning is what takes the time of a large policy."""
    calls: list[object] = []
    real = yaml.SafeLoader.fetch_more_tokens

    def counted(loader: yaml.SafeLoader) -> object:
        calls.append(loader)
        return real(loader)

    monkeypatch.setattr(yaml.SafeLoader, "fetch_more_tokens", counted)
    read("a: [b, c]\n")
    assert len({id(loader) for loader in calls}) == 1


def test_a_small_file_cannot_become_an_endless_one() -> None:
    """The well-known bomb of aliases ends at its first anchor."""
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*a, *a]\n" for c in "bcdefgh")
    with pytest.raises(YamlError, match="anchors"):
        read(bomb)


@given(st.text(alphabet="ab:-[]{}&*!#|>'\" \n\t,?~1.", max_size=40))
def test_whatever_the_text_nothing_but_our_own_error_leaves(text: str) -> None:
    """It is read or refused."""
    try:
        read(text)
    except YamlError as error:
        assert str(error)  # noqa: PT017 (reading it is allowed too)
