"""Validate a document against one of our schemas. Nothing is ever fetched."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where our schemas' ``$id`` begin; ``.invalid`` is no host (RFC 2606), so none is a link.
_BASE: Final = "https://schemas.slsa-gen.invalid/"

#: Every schema by its name; the file beside this module is ``NAME.json``.
NAMES: Final = (
    "github-workflow-v1",
    "link-v0.3",
    "provenance-v1",
    "resource-descriptor-v1",
    "run-command-v1",
    "statement-v0.1",
    "statement-v1",
    "written-github-workflow-v1",
    "written-link-v0.3",
    "written-run-command-v1",
    "written-statement-v1",
)

_SHOWN_CHARACTERS: Final = 120


class SchemaMismatchError(ValueError):
    """A document is not what its schema demands; the message starts with the JSON path."""


def validate(document: object, schema_name: str) -> None:
    """Check a document, as parsed from JSON, against a schema of :data:`NAMES`.

    Raises:
        SchemaMismatchError: The first thing that does not fit, as ``$.path: why``.
    """
    error = next(_validator(schema_name).iter_errors(document), None)
    if error is not None:
        raise SchemaMismatchError(f"{error.json_path}: {_shortened(error.message)}")


def _shortened(message: str) -> str:
    # jsonschema shows the whole instance, which may be megabytes of somebody else's text;
    # it shows it with repr(), so there are no control characters in it.
    if len(message) <= 2 * _SHOWN_CHARACTERS:
        return message
    return f"{message[:_SHOWN_CHARACTERS]} … {message[-_SHOWN_CHARACTERS:]}"


@cache
def _validator(schema_name: str) -> Draft202012Validator:
    return Draft202012Validator(_schemas()[schema_name], registry=_registry())


@cache
def _registry() -> Registry[bool | Mapping[str, Any]]:
    # A registry without a retrieve function: a $ref to anything but these is an error.
    resources = [
        (f"{_BASE}{name}.json", Resource.from_contents(schema))
        for name, schema in _schemas().items()
    ]
    return Registry().with_resources(resources)


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    folder = files(__package__)
    return {
        name: json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
        for name in NAMES
    }
