"""Our JSON Schemas: valid themselves, closed to the network, strict where we write."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from slsa_gen.provenance import schemas
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.schemas import SchemaMismatchError, validate
from tests.unit.provenance.samples import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator


def schema(name: str) -> dict[str, object]:
    """Return a schema as it ships."""
    document = json.loads(files(schemas.__name__).joinpath(f"{name}.json").read_text())
    assert isinstance(document, dict)
    return document


def references(value: object) -> Iterator[str]:
    """Yield every $ref in a schema."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def patterns(value: object) -> Iterator[str]:
    """Yield every pattern in a schema."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "pattern" and isinstance(inner, str):
                yield inner
            yield from patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from patterns(inner)


def written() -> Any:  # noqa: ANN401 (a JSON document that the tests change)
    """Return the predicate that we write for the sample run."""
    return GithubWorkflow().predicate(CONTEXT)


def test_the_names_are_those_of_the_files() -> None:
    """A schema that nobody can name is dead weight."""
    shipped = {item.name for item in files(schemas.__name__).iterdir() if item.name[-5:] == ".json"}

    assert {f"{name}.json" for name in schemas.NAMES} == shipped


@pytest.mark.parametrize("name", schemas.NAMES)
def test_each_schema_is_one(name: str) -> None:
    """Valid against the draft's own schema, with an identifier that is no link."""
    document = schema(name)

    Draft202012Validator.check_schema(document)
    assert document["$id"] == f"https://schemas.slsa-gen.invalid/{name}.json"
    assert document["title"]
    assert document["description"]


@pytest.mark.parametrize("name", schemas.NAMES)
def test_no_schema_refers_to_anything_but_ours(name: str) -> None:
    """A remote reference would be a request to somebody's server."""
    assert all(ref.removesuffix(".json") in schemas.NAMES for ref in references(schema(name)))


@pytest.mark.parametrize("name", schemas.NAMES)
def test_patterns_are_anchored_at_both_ends(name: str) -> None:
    """In Python "$" also matches before a last line feed, so the true end is spelled out."""
    for pattern in patterns(schema(name)):
        assert pattern.startswith("^")
        assert pattern.endswith(r"(?![\s\S])")
        assert "$" not in pattern


def test_a_mismatch_names_its_place() -> None:
    """The message starts with the JSON path."""
    document = written()
    document["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] = "abc"

    with pytest.raises(
        SchemaMismatchError,
        match=r"^\$\.buildDefinition\.resolvedDependencies\[0\]\.digest\.gitCommit: 'abc' does not",
    ):
        validate(document, "written-github-workflow-v1")


def test_a_mismatch_of_much_text_is_short() -> None:
    """A megabyte of somebody's text is not repeated."""
    with pytest.raises(SchemaMismatchError) as caught:
        validate("x" * 1_000_000, "statement-v1")

    assert len(str(caught.value)) < 300
    assert "is not of type 'object'" in str(caught.value)


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every member of a document, leaves and branches."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


@pytest.mark.parametrize("path", list(places(written())))
def test_what_we_write_has_every_field_and_no_other(path: tuple[Any, ...]) -> None:
    """Each member taken away, replaced, emptied, or joined by another: not ours any more."""
    *way, last = path
    for change in ("remove", "replace", "empty", "line feed", "extra"):
        document = written()
        holder = document
        for step in way:
            holder = holder[step]
        if change == "remove":
            del holder[last]
        elif change == "replace":
            holder[last] = 5
        elif change == "empty":
            holder[last] = type(holder[last])()
        elif change == "line feed":
            holder[last] = f"{holder[last]}\n" if isinstance(holder[last], str) else None
        elif isinstance(holder, dict):
            holder["extra"] = holder[last]
        else:
            holder.append(copy.deepcopy(holder[last]))
        with pytest.raises(SchemaMismatchError):
            validate(document, "written-github-workflow-v1")


@pytest.mark.parametrize("name", ["provenance-v1", "github-workflow-v1"])
def test_what_others_write_may_have_more(name: str) -> None:
    """Unknown fields are ignored wherever the specification says so; null is unset."""
    document = written()
    document["more"] = 1
    document["buildDefinition"]["more"] = None
    document["buildDefinition"]["internalParameters"]["github"]["actor_id"] = "1"
    document["buildDefinition"]["resolvedDependencies"].append({"uri": "https://x", "name": None})
    document["runDetails"]["byproducts"] = [{"content": "aGk="}]
    document["runDetails"]["metadata"]["startedOn"] = "2026-01-02T03:04:05.678Z"
    document["runDetails"]["metadata"]["finishedOn"] = None
    document["runDetails"]["builder"]["version"] = {"slsa-gen": "1"}

    validate(document, name)


@pytest.mark.parametrize(
    "parameters", [{}, {"workflow": {}, "inputs": {}}, {"workflow": {"ref": "r", "extra": 1}}]
)
def test_githubs_external_parameters_are_closed(parameters: object) -> None:
    """Inside externalParameters an unknown field could have changed the build."""
    document = written()
    document["buildDefinition"]["externalParameters"] = parameters

    with pytest.raises(SchemaMismatchError, match="externalParameters"):
        validate(document, "github-workflow-v1")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("buildDefinition",), None),
        (("buildDefinition", "buildType"), ""),
        (("buildDefinition", "externalParameters"), []),
        (("buildDefinition", "internalParameters"), "text"),
        (("buildDefinition", "resolvedDependencies"), [{}]),
        (("buildDefinition", "resolvedDependencies"), [{"name": "x"}]),
        (("buildDefinition", "resolvedDependencies"), [{"uri": ""}]),
        (("buildDefinition", "resolvedDependencies"), [{"digest": {}}]),
        (("buildDefinition", "resolvedDependencies"), [{"digest": {"sha256": ""}}]),
        (("runDetails", "builder"), {}),
        (("runDetails", "builder", "id"), None),
        (("runDetails", "metadata", "startedOn"), "yesterday"),
        (("runDetails", "metadata", "finishedOn"), "2026-01-02T03:04:05Z\n"),
    ],
)
def test_what_provenance_demands_is_demanded(path: tuple[str, ...], value: object) -> None:
    """The fields that SLSA marks as required, and the types of the others."""
    document = written()
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value

    with pytest.raises(SchemaMismatchError):
        validate(document, "provenance-v1")
