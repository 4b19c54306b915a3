"""The shipped schema of reports, for documents that tests see."""

from __future__ import annotations

import functools
import json
from importlib import resources

import jsonschema


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    text = resources.files("slsa_gen.report").joinpath("schemas/report.schema.json").read_text()
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check_report(document: object) -> None:
    """Fail unless a report fits the schema that ships with the program."""
    _validator().validate(document)
