"""The JSON Schemas that the package ships."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.meta.repository import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = sorted(PACKAGE.rglob("schemas/*.json"))


def test_there_are_schemas() -> None:
    """The next test has something to look at."""
    assert SCHEMAS


@pytest.mark.parametrize("path", SCHEMAS, ids=[path.name for path in SCHEMAS])
def test_a_shipped_schema_is_valid_and_refers_to_nothing_outside(path: Path) -> None:
    """Each is of draft 2020-12, valid by its metaschema, and refers only to shipped ones."""
    schema = json.loads(path.read_text(encoding="utf-8"))

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    shipped = {"", *(other.name for other in path.parent.glob("*.json"))}
    assert {ref.partition("#")[0] for ref in _references(schema)} <= shipped


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["$ref"])] if "$ref" in value else []
        return own + [ref for item in value.values() for ref in _references(item)]
    if isinstance(value, list):
        return [ref for item in value for ref in _references(item)]
    return []
