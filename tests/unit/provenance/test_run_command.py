"""Our own build type: what is written, and what the certificate must say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ContextError, UsageError
from slsa_gen.model.identity import BUILD_FIELDS, SignerIdentity
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.model.step import Commit
from slsa_gen.provenance import statement
from slsa_gen.provenance.build_types import lookup, named_by
from slsa_gen.provenance.build_types.run_command import (
    BUILDER,
    RUN_COMMAND,
    RunCommand,
    step_predicate,
)
from slsa_gen.provenance.schemas import validate
from tests.support.steps import PERSON, PERSON_SIGNER, artifact, recorded
from tests.support.values import CONTEXT, signer_of

FULL: Final[dict[str, Any]] = {
    "buildDefinition": {
        "buildType": "urn:slsa-gen:build-type:run:v1",
        "externalParameters": {
            "step": "build",
            "command": ["make", "dist"],
            "products": ["dist/*"],
            "materials": ["src/**"],
        },
        "internalParameters": {
            "signer": {"issuer": "https://accounts.example.com", "identity": "ada@example.com"}
        },
        "resolvedDependencies": [
            {
                "name": "git:commit",
                "uri": "git+https://github.com/octo/app",
                "digest": {"gitCommit": "c" * 40},
            },
            {"name": "uv.lock", "digest": {"sha256": "2" * 64}},
        ],
    },
    "runDetails": {
        "builder": {"id": "urn:slsa-gen:builder:run"},
        "metadata": {
            "startedOn": "2026-11-24T11:58:00Z",
            "finishedOn": "2026-11-24T11:59:30Z",
        },
    },
}


def predicate(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (the fields of a record)
    """Return the predicate of a step, without the version of this program."""
    return json.loads(json.dumps(step_predicate(recorded(**changes), PERSON)))  # type: ignore[no-any-return] # JSON


def test_a_step_is_described_to_the_letter() -> None:
    """Every field, and no other: neither the machine's name nor the user's is there."""
    written = predicate(patterns=["src/**"])
    assert set(written["runDetails"]["builder"].pop("version")) == {"slsa-gen"}
    assert written == FULL


def test_what_was_not_given_is_not_there() -> None:
    """No patterns of materials, no commit: then nothing stands in their place."""
    written = predicate(commit=None, materials=())["buildDefinition"]
    assert set(written["externalParameters"]) == {"step", "command", "products"}
    assert written["resolvedDependencies"] == []


def test_a_commit_without_an_address_is_named_by_its_digest() -> None:
    """A repository without a remote has no address to give."""
    (commit, *_) = predicate(commit=Commit("d" * 64))["buildDefinition"]["resolvedDependencies"]
    assert commit == {"name": "git:commit", "digest": {"gitCommit": "d" * 64}}


def test_what_is_written_is_what_the_read_schema_allows() -> None:
    """Both schemas describe the same build type, one more strictly."""
    for document in (predicate(), predicate(patterns=["src/**"], commit=None)):
        validate(document, "run-command-v1")
        validate(document, "written-run-command-v1")


def test_a_step_that_cannot_be_described_is_refused() -> None:
    """A field that the schema does not allow is found before anything is signed."""
    with pytest.raises(ContextError, match=r"cannot describe this step: \$\.buildDefinition"):
        step_predicate(recorded(name=""), PERSON)


def test_too_many_materials_are_refused() -> None:
    """Ten thousand are read, so no more are written."""
    many = [artifact(f"f{n}", "1") for n in range(10_000)]
    with pytest.raises(ContextError, match="resolvedDependencies"):
        step_predicate(recorded(materials=many), PERSON)


def test_a_workflow_s_run_is_not_described_by_it() -> None:
    """GitHub's build type says more, and the certificate confirms it."""
    with pytest.raises(ContextError, match="is for commands outside of workflows"):
        RunCommand().predicate(CONTEXT)


def test_it_is_known_by_its_uri_in_provenance_of_version_one_only() -> None:
    """In an older predicate nobody would look where its fields are."""
    assert isinstance(lookup(RUN_COMMAND), RunCommand)
    assert named_by(SLSA_PROVENANCE_V1, predicate()) == RUN_COMMAND
    assert named_by("https://slsa.dev/provenance/v0.2", {"buildType": RUN_COMMAND}) is None


def unequal(document: Any, signer: SignerIdentity = PERSON_SIGNER) -> set[str]:  # noqa: ANN401 (JSON)
    """Return the fields that differ from the certificate."""
    return {c.field for c in RunCommand().compare(document, signer) if not c.equal}


def test_a_person_s_provenance_agrees_with_the_person_s_certificate() -> None:
    """Issuer, name, builder and build type."""
    comparisons = RunCommand().compare(predicate(), PERSON_SIGNER)
    assert [c.field for c in comparisons if c.equal] == [
        "buildDefinition.buildType",
        "buildDefinition.internalParameters.signer.issuer",
        "buildDefinition.internalParameters.signer.identity",
        "runDetails.builder.id",
    ]
    assert len(comparisons) == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"issuer": "https://other.example.com"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"subject_alternative_name": "eve@example.com"}, "identity"),
    ],
)
def test_another_person_s_certificate_is_found(change: dict[str, Any], field: str) -> None:
    """Ada's provenance is not Eve's to sign."""
    signer = replace(PERSON_SIGNER, **change)
    assert unequal(predicate(), signer) == {f"buildDefinition.internalParameters.signer.{field}"}


def test_a_foreign_builder_is_found() -> None:
    """A person must not borrow the name of a build platform."""
    document = predicate()
    document["runDetails"]["builder"]["id"] = CONTEXT.build_signer_uri
    assert unequal(document) == {"runDetails.builder.id"}


@pytest.mark.parametrize("name", [n for n in BUILD_FIELDS if n != "issuer"])
def test_a_certificate_that_speaks_of_any_run_is_found(name: str) -> None:
    """One field of a run is enough: then it is no person who signed."""
    fields: dict[str, Any] = {name: getattr(CONTEXT, name)}
    signer = replace(PERSON_SIGNER, **fields)
    assert unequal(predicate(), signer) == {"buildDefinition.buildType"}


def test_a_workflow_s_certificate_agrees_in_nothing_but_the_builder() -> None:
    """A run has a build type of its own."""
    assert unequal(predicate(), signer_of()) >= {
        "buildDefinition.buildType",
        "buildDefinition.internalParameters.signer.identity",
    }
    (first, *_) = RunCommand().compare(predicate(), signer_of())
    assert first.certificate_field == "build_signer_uri"
    assert first.expected.startswith("the build type of a workflow's run, https://github.com/")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["buildDefinition", "runDetails", "buildType", "builder", "id"]),
                inner,
            )
        ),
        max_leaves=8,
    )
)
def test_nothing_malformed_is_ever_equal(document: Any) -> None:  # noqa: ANN401 (any JSON)
    """Whatever the predicate is, comparing does not raise, and the signer is never confirmed."""
    assert {f for f in unequal(document) if ".signer." in f} == {
        "buildDefinition.internalParameters.signer.issuer",
        "buildDefinition.internalParameters.signer.identity",
    }
    RunCommand().unknown_parameters(document if isinstance(document, dict) else {})


def test_parameters_that_are_not_defined_are_named() -> None:
    """Nobody looked at them, so they may have changed everything."""
    document = predicate()
    parameters = document["buildDefinition"]["externalParameters"]
    assert RunCommand().unknown_parameters(document) == ()
    parameters |= {"shell": "sh", "unset": None, "workflow": {"ref": "x"}}
    assert RunCommand().unknown_parameters(document) == ("shell", "workflow", "workflow.ref")


@pytest.mark.parametrize(
    "change",
    [
        {"externalParameters": {"step": "build", "command": ["x"]}},
        {"externalParameters": {"step": "build", "command": [], "products": ["x"]}},
        {"externalParameters": {"step": 1, "command": ["x"], "products": ["x"]}},
        {
            "externalParameters": {
                "step": "build",
                "command": ["x"],
                "products": ["x"],
                "more": "of it",
            }
        },
        {"internalParameters": {}},
        {"internalParameters": {"signer": {"issuer": "https://x"}}},
    ],
)
def test_a_statement_of_this_build_type_has_its_fields(change: dict[str, Any]) -> None:
    """What somebody writes by hand is held against the schema before it is signed."""
    document = predicate()
    statement.encode([artifact("app", "1")], SLSA_PROVENANCE_V1, document)
    document["buildDefinition"] |= change
    with pytest.raises(UsageError, match="the statement cannot be written"):
        statement.encode([artifact("app", "1")], SLSA_PROVENANCE_V1, document)


def test_its_names_are_urns() -> None:
    """A URN names no host that somebody else could own."""
    assert {RUN_COMMAND.partition(":")[0], BUILDER.partition(":")[0]} == {"urn"}
