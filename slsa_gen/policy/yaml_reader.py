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
        node = _Loader(text).get_single_node()
    except YamlError:
        raise
    except yaml.MarkedYAMLError as error:
        said = f"not YAML: {error.problem}{_plainly(error.problem or '')}"
        raise YamlError(said, _place(error.problem_mark)) from error
    except yaml.reader.ReaderError as error:
        raise YamlError("not YAML: it holds a character that YAML does not allow", "") from error
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise YamlError(
            "not YAML: it holds a number or a character beyond all bounds", ""
        ) from error
    if node is None:
        raise YamlError("the file is empty", "")
    return _convert(node)


class _Loader(yaml.SafeLoader):
    """Composes values as it reads, and refuses what is not read here before it is composed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def get_single_node(self) -> yaml.Node | None:
        """Return the one document; None for an empty file."""
        self.get_event()  # type: ignore[no-untyped-call] # the beginning of the stream
        if self.check_event(yaml.StreamEndEvent):
            return None
        node = self.compose_document()
        if not self.check_event(yaml.StreamEndEvent):
            place = _place(self._next().start_mark)
            raise YamlError("a second document (---) is not read", place)
        return node

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one value."""
        event = self._next()
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError("anchors (&) and aliases (*) are not read", place)
        if getattr(event, "tag", None):
            raise YamlError("tags (!) are not read", place)
        if self._depth > _DEEPEST or (
            self._depth == _DEEPEST and isinstance(event, yaml.CollectionStartEvent)
        ):
            raise YamlError(f"nested deeper than {_DEEPEST} levels", place)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _next(self) -> yaml.Event:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call] # has no types
        return event


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


def _plainly(problem: str) -> str:
    """Return what the two commonest mistakes look like to whoever made them."""
    if "'\\t'" in problem:
        return "; lines are indented with blanks, not with tabs"
    if "<block end>" in problem:
        return "; is the line indented like those that it stands beside?"
    return ""


def _place(mark: _Mark | None) -> str:
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
