"""A document in YAML, held against a JSON Schema; what is wrong is said with its place."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from slsa_gen.policy import yaml_reader

if TYPE_CHECKING:
    from collections.abc import Collection

    from jsonschema import Draft202012Validator, ValidationError

_INTEGER: Final = re.compile(r"0|[1-9][0-9]{0,19}")
_SHOWN: Final = 200
_KINDS: Final = {
    "object": "a mapping (key: value)",
    "array": "a list (- item)",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a number",
}


class SchemaError(ValueError):
    """The document is YAML, but not what its schema demands; the message says where."""


def read(
    data: bytes, validator: Draft202012Validator, dates: Collection[str] = ()
) -> tuple[yaml_reader.Node, object]:
    """Read a document and hold it against its schema.

    Args:
        data: The file's content, UTF-8.
        validator: What may stand there.
        dates: Keys whose values may be written as YAML writes dates; they stay texts.

    Returns:
        The document with its places, and the same as plain values.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
        YamlError: it is not the YAML that is read here.
        SchemaError: it is not what the schema demands.
    """
    root = yaml_reader.read(data.decode("utf-8"))
    document = plain(root, dates)
    _check(document, root, validator)
    return root, document


def plain(node: yaml_reader.Node, dates: Collection[str] = (), key: str = "") -> object:
    """Return a node's value; a text that YAML takes for something else is refused.

    Raises:
        YamlError: see above.
    """
    if isinstance(node, yaml_reader.Table):
        return {name: plain(value, dates, name) for name, value in node.entries.items()}
    if isinstance(node, yaml_reader.Sequence):
        return [plain(item, dates) for item in node.items]
    if not node.kind or (node.kind == "a date" and key in dates):
        return node.value
    if node.value in ("true", "false"):
        return node.value == "true"
    if _INTEGER.fullmatch(node.value):
        return int(node.value)
    raise yaml_reader.YamlError(_quote(node), node.place)


def at(root: yaml_reader.Node, path: tuple[str | int, ...]) -> yaml_reader.Node:
    """Return the node at a path of keys and indices, or the last one on the way there is."""
    node = root
    for step in path:
        if isinstance(node, yaml_reader.Table) and isinstance(step, str):
            node = node.entries[step]
        elif isinstance(node, yaml_reader.Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def _quote(node: yaml_reader.Text) -> str:
    if not node.value:
        return "nothing stands here; write a text"
    return (
        f"{node.value[:_SHOWN]!r} is {node.kind} to YAML; write it in quotes: "
        f'"{node.value[:_SHOWN]}"'
    )


def _check(document: object, root: yaml_reader.Node, validator: Draft202012Validator) -> None:
    error = next(validator.iter_errors(document), None)
    if error is None:
        return
    node = at(root, tuple(error.absolute_path))
    place, what = node.place, _explained(error, node)
    if error.validator == "additionalProperties" and isinstance(node, yaml_reader.Table):
        known = list(error.schema["properties"])
        key = next(key for key in node.entries if key not in known)
        place = node.places[key]
        close = difflib.get_close_matches(key, known, n=1)
        what = f"the key {key[:_SHOWN]!r} is not known" + (f"; {close[0]!r} is" if close else "")
    raise SchemaError(f"{place}: {what}")


def _explained(error: ValidationError, node: yaml_reader.Node) -> str:
    if isinstance(node, yaml_reader.Text) and node.kind and error.validator in ("type", "oneOf"):
        return _quote(node)
    name = next((part for part in reversed(error.absolute_path) if isinstance(part, str)), "")
    if error.absolute_path and isinstance(error.absolute_path[-1], int):
        name = f"an item of {name}"
    if error.validator == "required":
        present = error.instance if isinstance(error.instance, dict) else {}
        missing = next((key for key in _required(error) if key not in present), "")
        return f"the key {missing!r} is missing"
    if error.validator == "type":
        return f"{name or 'the file'} must be {_KINDS[str(error.validator_value)]}"
    if error.validator == "const":
        return f"{name} must be the number {error.validator_value}"
    return f"{name} {_misfit(error)}"


def _required(error: ValidationError) -> list[str]:
    found = error.validator_value
    return [str(key) for key in found] if isinstance(found, list) else []


_BOUNDS: Final = {
    "maxItems": "has more than {} items",
    "minimum": "is less than {}",
    "maximum": "is more than {}",
}


def _misfit(error: ValidationError) -> str:
    """Say what is wrong with a value that is of the right kind, or of none."""
    if error.instance in ("", []):
        return "is empty"
    if error.validator in _BOUNDS:
        return _BOUNDS[str(error.validator)].format(error.validator_value)
    if error.validator == "anyOf":
        return "must be a text, or a list of texts"
    if error.validator == "oneOf" and not isinstance(error.instance, str):
        return "must be a number"
    return "is too long"
