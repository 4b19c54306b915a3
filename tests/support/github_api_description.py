"""Holds requests and answers against GitHub's own OpenAPI description.

The extract is ``tests/assets/github-openapi.json`` (``scripts/github_openapi.py`` makes it).
It is applied more strictly than it is written: a field that it does not name is an error,
so that the simulator invents nothing. What GitHub does beyond it is in
``github_api_beyond.py``, and nothing else passes.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator, FormatChecker

from tests.support.github_api_beyond import BEYOND
from tests.support.github_api_calls import Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.github_api_calls import Seen
    from tests.support.wrongs import Reply

EXTRACT: Final = Path(__file__).parent.parent / "assets" / "github-openapi.json"
#: What a client may say that it takes.
ACCEPTED: Final = frozenset(
    {
        "application/vnd.github+json",
        "application/vnd.github.v3+json",
        "application/json",
        "*/*",
    }
)
#: The versions of the API that GitHub's page lists.
VERSIONS: Final = frozenset({"2022-11-28", "2026-03-10"})

Document = dict[str, Any]


@functools.cache
def description() -> Document:
    """Return the extract, its schemas made into JSON Schema."""
    document: Document = json.loads(EXTRACT.read_text())
    return {
        "origin": document["origin"],
        "calls": document["calls"],
        "schemas": {name: as_json_schema(s) for name, s in document["schemas"].items()},
    }


def as_json_schema(schema: Document) -> Document:
    """Return what OpenAPI 3.0 means in JSON Schema's words, closed to unknown fields."""
    kept: Document = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: as_json_schema(inner) for name, inner in value.items()}
        elif key in {"allOf", "anyOf", "oneOf"}:
            kept[key] = [as_json_schema(inner) for inner in value]
        elif key == "items":
            kept[key] = as_json_schema(value)
        elif key != "nullable":
            kept[key] = value
    if "properties" in kept:
        kept.setdefault("additionalProperties", False)
    if not schema.get("nullable", False):
        return kept
    return {"anyOf": [{"type": "null"}, kept]}


def request_violations(seen: Seen, body: bytes) -> Iterator[str]:
    """Say what is wrong with a request.

    Args:
        seen: Method, path, query and fields.
        body: What came of the body; empty where it was cut off.
    """
    if seen.call is None:
        yield f"{seen.method} {seen.path}: GitHub has no such call"
        return
    operation = description()["calls"][seen.call.value]
    here = seen.call.value
    for fault in _parameter_faults(operation["parameters"], seen):
        yield f"{here}: {fault}"
    for fault in _field_faults(seen):
        yield f"{here}: {fault}"
    for fault in _body_faults(operation.get("body", {}), seen, body):
        yield f"{here}: {fault}"


def answer_violations(call: Call, answer: Reply) -> Iterator[str]:
    """Say what is wrong with an answer that GitHub itself gives; faults are not held so."""
    here = f"{call.value} → {answer.status}"
    described = description()["calls"][call.value]["responses"].get(str(answer.status))
    schema = next(iter(described.values()), None) if described else None
    if described is not None and not described and not answer.body:
        return  # 204 and 302: nothing is said
    try:
        document = json.loads(answer.body)
    except ValueError:
        yield f"{here}: the answer is no JSON: {answer.body[:80]!r}"
        return
    if schema is None or answer.status >= 400:
        # The texts of refusals are no part of the description, also where their shape is.
        if schema is None and not _is_beyond(call, answer.status, document):
            yield f"{here}: neither described nor listed: {document!r}"
        name = "validation-error" if "errors" in document else "basic-error"
        schema = {"$ref": f"#/schemas/{name}"}
    for problem in _problems(schema, _without_beyond(document)):
        yield f"{here}: {problem}"


def _parameter_faults(parameters: list[Document], seen: Seen) -> Iterator[str]:
    given: dict[str, Mapping[str, str]] = {"path": seen.parameters, "query": seen.query}
    known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    for name in seen.query.keys() - known:
        yield f"there is no query parameter {name!r}"
    for parameter in parameters:
        name = parameter["name"]
        value: object = given[parameter["in"]].get(name)
        if value is None:
            if parameter["required"]:
                yield f"the parameter {name!r} is missing"
            continue
        if parameter["schema"].get("type") == "integer":
            value = int(str(value)) if str(value).isdecimal() else value
        for problem in _problems(as_json_schema(parameter["schema"]), value):
            yield f"the parameter {name!r}: {problem}"


def _field_faults(seen: Seen) -> Iterator[str]:
    if not seen.headers.get("user-agent"):
        yield "the field User-Agent is missing"
    version = seen.headers.get("x-github-api-version")
    if version is not None and version not in VERSIONS:
        yield f"there is no version {version!r} of the API"
    accepted = seen.headers.get("accept", "*/*").partition(";")[0]
    bytes_wanted = seen.call is Call.GET_ASSET and accepted == "application/octet-stream"
    if accepted not in ACCEPTED and not bytes_wanted:
        yield f"{accepted!r} is nothing that GitHub answers with"
    scheme = seen.headers.get("authorization", "Bearer x").partition(" ")[0]
    if scheme.lower() not in {"bearer", "token"}:
        yield f"{scheme!r} is no way to show a token"


def _body_faults(described: Document, seen: Seen, body: bytes) -> Iterator[str]:
    kind = seen.headers.get("content-type", "").partition(";")[0]
    if not described:
        if body:
            yield "a body was sent, and there is none"
        return
    if seen.call is Call.UPLOAD:
        # Beyond the description ("media type"): any media type, as long as there is one.
        if kind.count("/") != 1:
            yield f"the Content-Type is {kind!r}; an upload has one"
        return
    if kind not in described:
        yield f"the Content-Type is {kind!r}; described is {', '.join(described)}"
        return
    try:
        document = json.loads(body)
    except ValueError:
        yield "the body is no JSON"
        return
    for problem in _problems(as_json_schema(described[kind]), document):
        yield f"the body: {problem}"


def _is_beyond(call: Call, status: int, document: Document) -> bool:
    texts = [document.get("message", "")]
    for error in document.get("errors", ()):
        texts = [error.get("message", error["code"])]
    return any(entry.covers(call, status, texts[0]) for entry in BEYOND)


def _without_beyond(document: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Return a document without what ``BEYOND`` allows in it: request_id, starter."""
    if isinstance(document, list):
        return [_without_beyond(item) for item in document]
    if not isinstance(document, dict):
        return document
    kept = {name: _without_beyond(value) for name, value in document.items()}
    if "message" in kept:
        kept.pop("request_id", None)
        if "errors" in kept:
            kept.pop("status", None)  # every refusal has it, described or not
    if kept.get("state") == "starter":
        kept["state"] = "open"
    return kept


def _problems(schema: Document, value: object) -> Iterator[str]:
    whole = {**schema, "schemas": description()["schemas"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    for error in validator.iter_errors(value):
        yield f"{error.json_path}: {error.message[:300]}"
