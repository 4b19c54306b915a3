"""A user's own predicates: JSON objects, typed, and honest where they are provenance."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.build_types.github_workflow_community import COMMUNITY_WORKFLOW
from slsa_gen.provenance.predicates import check_provenance, load_predicate
from slsa_gen.reasons import Reason
from tests.unit.provenance.samples import CONTEXT

TYPE: Final = "https://example.com/predicate/v1"


def load(text: str | None = None, path: Path | None = None, kind: str = TYPE) -> dict[str, object]:
    """Load with the usual limits."""
    return load_predicate(kind, text=text, path=path, limits=DEFAULT_LIMITS)


def refusal(text: str | None = None, path: Path | None = None, kind: str = TYPE) -> UsageError:
    """Return the error for a predicate that is refused."""
    with pytest.raises(UsageError) as caught:
        load(text, path, kind)
    assert caught.value.reason == Reason.USAGE_PREDICATE
    assert caught.value.hint
    assert caught.value.message.isprintable()
    return caught.value


def test_a_predicate_is_text_or_a_file(tmp_path: Path) -> None:
    """Both ways give the same object."""
    path = tmp_path / "predicate.json"
    path.write_text('{"a": [1, 2.5, "é"]}')

    assert load(path=path) == {"a": [1, 2.5, "é"]} == load('{"a": [1, 2.5, "é"]}')


def test_it_is_exactly_one_of_them(tmp_path: Path) -> None:
    """Neither and both are usage errors."""
    assert "got neither" in refusal().message
    assert "got both" in refusal("{}", tmp_path).message


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "v1",
        "/path",
        "HTTPS://example.com",
        "https:",
        "https://",
        "https:///x",
        "https://a b",
        "a:\n",
        "://x",
        "https://é",
        "a:" + "x" * 5000,
    ],
)
def test_the_type_is_an_absolute_uri(kind: str) -> None:
    """A type without a scheme, or with what no URI holds, names nothing."""
    assert "expected an absolute URI" in refusal("{}", kind=kind).message


@pytest.mark.parametrize("kind", ["urn:example:1", "https://example.com", "http://a/b?c#d", "x:y"])
def test_any_scheme_will_do(kind: str) -> None:
    """TypeURIs need not be links."""
    assert load("{}", kind=kind) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '"text"', "{", '{"a":1,"a":2}', '{"a":NaN}', '{"a":"\\ud800"}']
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    """Strictly: duplicates and what is no JSON are refused, with the reason."""
    error = refusal(text)

    assert error.message.startswith("--predicate: the text is not a JSON object that can be read")


def test_the_size_is_bounded(tmp_path: Path) -> None:
    """A predicate of more than the limit is refused, as text and as a file."""
    limits = replace(DEFAULT_LIMITS, predicate_bytes=10)
    path = tmp_path / "predicate.json"
    path.write_text('{"a":"bcd"}')

    with pytest.raises(UsageError, match="more than the 10 bytes"):
        load_predicate(TYPE, text='{"a":"bcd"}', path=None, limits=limits)
    with pytest.raises(UsageError, match="more than the 10 bytes"):
        load_predicate(TYPE, text=None, path=path, limits=limits)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A folder, a pipe nobody writes to and a device are refused at once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for path in (tmp_path, pipe, Path("/dev/zero")):
        assert "it is not a regular file" in refusal(path=path).message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The system's reason is part of the message."""
    error = refusal(path=tmp_path / "none.json")

    assert "none.json" in error.message
    assert "No such file or directory" in error.message


@given(st.text(max_size=50))
def test_no_garbage_is_a_predicate(text: str) -> None:
    """Whatever the text: an object as JSON understands it, or our error."""
    try:
        found = load(text)
    except UsageError:
        return
    assert found == json.loads(text)


# ── provenance of one's own ──────────────────────────────────────────────────────────────


def own() -> Any:  # noqa: ANN401 (a JSON document that the tests change)
    """Return honest provenance of the sample run."""
    return GithubWorkflow().predicate(CONTEXT)


def dishonest(predicate: dict[str, object], kind: str = SLSA_PROVENANCE_V1) -> str:
    """Return why provenance is refused."""
    with pytest.raises(UsageError) as caught:
        check_provenance(kind, predicate, CONTEXT)
    assert caught.value.reason == Reason.USAGE_PROVENANCE
    assert caught.value.hint
    return caught.value.message


def test_other_predicates_are_the_users_word() -> None:
    """What is no SLSA provenance is not compared with anything."""
    check_provenance(TYPE, {"builder": {"id": "x"}}, CONTEXT)


def test_honest_provenance_passes() -> None:
    """Provenance of this very run may be written by hand, with more metadata."""
    predicate = own()
    predicate["runDetails"]["metadata"]["startedOn"] = "2026-01-02T03:04:05Z"

    check_provenance(SLSA_PROVENANCE_V1, predicate, CONTEXT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("buildDefinition", "externalParameters", "workflow", "ref"), "refs/heads/main"),
        (("buildDefinition", "internalParameters", "github", "runner_environment"), None),
        (("runDetails", "builder", "id"), "https://github.com/slsa-framework/x@refs/tags/v1"),
        (("runDetails", "metadata", "invocationId"), 5),
    ],
)
def test_provenance_of_another_run_is_refused(path: tuple[str, ...], value: object) -> None:
    """A field that differs from the token is named, with both values."""
    predicate = own()
    holder = predicate
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value

    message = dishonest(predicate)

    assert ".".join(path) in message
    assert "this run's token says" in message


def test_provenance_with_other_parameters_is_refused() -> None:
    """Parameters that the build type does not define mean nothing to a verifier."""
    predicate = own()
    predicate["buildDefinition"]["externalParameters"]["inputs"] = {"a": "b"}

    assert "does not define the external parameters 'inputs'" in dishonest(predicate)


@pytest.mark.parametrize("kind", [SLSA_PROVENANCE_V1, "https://slsa.dev/provenance/v0.2"])
@pytest.mark.parametrize("uri", ["https://example.com/build", "", None, 5])
def test_provenance_of_an_unknown_build_type_is_refused(kind: str, uri: object) -> None:
    """Nothing here could tell whether it is true."""
    predicate = own()
    predicate["buildDefinition"]["buildType"] = uri
    predicate["buildType"] = uri

    assert "can be checked for https://actions.github.io" in dishonest(predicate, kind)


def test_older_provenance_cannot_borrow_a_known_build_type() -> None:
    """Version 0.2 that holds honest v1 provenance beside what its readers believe is refused."""
    predicate = {**own(), "buildType": COMMUNITY_WORKFLOW, "builder": {"id": "https://a.example"}}

    assert "its build type is '(missing)'" in dishonest(
        predicate, "https://slsa.dev/provenance/v0.2"
    )
