"""YAML, read strictly into values that know where they stand.

Anchors, aliases (which can make a small file endless), tags, duplicate keys, several
documents and keys that are not texts are refused. A value keeps its text as written, because
YAML turns some texts into other things: ``1.10`` into the number 1.1, ``no`` into false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT: Final = "tag:yaml.org,2002:str"
_KINDS: Final = {
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:bool": "a truth value",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:merge": "a merge",
    "tag:yaml.org,2002:value": "a default value",
}
#: Levels of nesting: a policy file needs four.
_DEEPEST: Final = 16


class _Mark(Protocol):
    """Where something stands, from zero: yaml has two such classes, one in C."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class YamlError(ValueError):
    """A file is not the YAML that is read here.

    Args:
        message: What is wrong.
        place: Where: ``line 3, column 5``; empty when unknown.
    """

    def __init__(self, message: str, place: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as written, and what YAML takes it for (empty for a text)."""

    value: str
    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of texts; ``places`` says where each key stands."""

    entries: Mapping[str, Node]
    places: Mapping[str, str]
    place: str


Node = Text | Sequence | Table


def read(text: str) -> Node:
    """Read the one document of a file.

    Raises:
        YamlError: see the module.
    """
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise YamlError(f"not YAML: {error.problem}", _place(error.problem_mark)) from error
    except yaml.reader.ReaderError as error:
        raise YamlError("not YAML: it holds a character that YAML does not allow", "") from error
    if node is None:
        raise YamlError("the file is empty", "")
    return _convert(node)


def _check_events(text: str) -> None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError("anchors (&) and aliases (*) are not read", place)
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
            raise YamlError("tags (!) are not read", place)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise YamlError("a second document (---) is not read", place)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise YamlError(f"nested deeper than {_DEEPEST} levels", place)


def _convert(node: yaml.Node) -> Node:
    place = _place(node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        kind = "" if node.tag == _TEXT else _KINDS.get(node.tag, "something else")
        return Text(str(node.value), kind, place)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_convert(item) for item in node.value), place)
    if isinstance(node, yaml.MappingNode):
        return _table(node, place)
    raise YamlError("neither a text nor a list nor a mapping", place)


def _table(node: yaml.MappingNode, place: str) -> Table:
    entries: dict[str, Node] = {}
    places: dict[str, str] = {}
    for key_node, value in node.value:
        key = _convert(key_node)
        if not isinstance(key, Text) or key.kind:
            raise YamlError("a key must be a text", key.place)
        if key.value in entries:
            raise YamlError(
                f"the key {key.value!r} stands here again (first: {places[key.value]})", key.place
            )
        entries[key.value] = _convert(value)
        places[key.value] = key.place
    return Table(entries, places, place)


def _place(mark: _Mark | None) -> str:
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
