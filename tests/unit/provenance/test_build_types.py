"""Build types: each field of the predicate against its field of the certificate.

The tables below say which comparisons there are. A comparison that is taken out of a build
type, or that looks at another field, makes a line of a table fail.
"""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ContextError
from slsa_gen.model.identity import SignerIdentity
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types import KNOWN, interface, lookup, named_by
from slsa_gen.provenance.build_types.github_workflow import GITHUB_WORKFLOW, GithubWorkflow
from slsa_gen.provenance.build_types.github_workflow_community import (
    COMMUNITY_WORKFLOW,
    CommunityWorkflow,
)
from slsa_gen.provenance.build_types.run_command import RUN_COMMAND
from slsa_gen.provenance.build_types.slsa_generator_generic import GENERIC_GENERATOR
from slsa_gen.provenance.comparison import value_at
from slsa_gen.provenance.schemas import validate
from tests.unit.provenance.samples import CONTEXT, SIGNER

if TYPE_CHECKING:
    from slsa_gen.provenance.build_types.interface import BuildType

WORKFLOW: Final = ("buildDefinition", "externalParameters", "workflow")
GITHUB: Final = ("buildDefinition", "internalParameters", "github")
SOURCE: Final = ("buildDefinition", "resolvedDependencies", 0)
BUILDER: Final = ("runDetails", "builder", "id")
INVOCATION: Final = ("runDetails", "metadata", "invocationId")

#: Every place of the predicate, and the certificate fields that it is compared with.
COMPARISONS: Final[list[tuple[tuple[str | int, ...], str, str]]] = [
    ((*WORKFLOW, "ref"), "source_repository_ref", "refs/tags/pkg@1.0.0"),
    ((*WORKFLOW, "repository"), "source_repository_uri", "https://github.com/octo-org/octo-repo"),
    ((*WORKFLOW, "path"), "build_config_uri", ".github/workflows/a@b.yml"),
    ((*GITHUB, "event_name"), "build_trigger", "push"),
    ((*GITHUB, "repository_id"), "source_repository_identifier", "74"),
    ((*GITHUB, "repository_owner_id"), "source_repository_owner_identifier", "65"),
    ((*GITHUB, "runner_environment"), "runner_environment", "github-hosted"),
    (
        (*SOURCE, "uri"),
        "source_repository_uri",
        "git+https://github.com/octo-org/octo-repo@refs/tags/pkg@1.0.0",
    ),
    ((*SOURCE, "digest", "gitCommit"), "source_repository_digest", "a" * 40),
    (BUILDER, "build_signer_uri", CONTEXT.build_signer_uri),
    (BUILDER, "subject_alternative_name", CONTEXT.build_signer_uri),
    (INVOCATION, "run_invocation_uri", CONTEXT.run_invocation_uri),
]

#: Another value of each certificate field, and the places of the predicate that then differ.
OTHER_CERTIFICATE: Final[list[tuple[str, str, set[tuple[str | int, ...]]]]] = [
    ("build_signer_uri", "https://github.com/x/y/z.yml@refs/heads/main", {BUILDER}),
    ("subject_alternative_name", "https://github.com/x/y/z.yml@refs/heads/main", {BUILDER}),
    ("runner_environment", "self-hosted", {(*GITHUB, "runner_environment")}),
    (
        "source_repository_uri",
        "https://github.com/octo-org/other",
        {(*WORKFLOW, "repository"), (*WORKFLOW, "path"), (*SOURCE, "uri")},
    ),
    ("source_repository_digest", "f" * 40, {(*SOURCE, "digest", "gitCommit")}),
    (
        "source_repository_ref",
        "refs/heads/main",
        {(*WORKFLOW, "ref"), (*WORKFLOW, "path"), (*SOURCE, "uri")},
    ),
    ("source_repository_identifier", "75", {(*GITHUB, "repository_id")}),
    ("source_repository_owner_identifier", "66", {(*GITHUB, "repository_owner_id")}),
    (
        "build_config_uri",
        "https://github.com/octo-org/octo-repo/.github/workflows/other.yml@refs/tags/pkg@1.0.0",
        {(*WORKFLOW, "path")},
    ),
    ("build_trigger", "workflow_dispatch", {(*GITHUB, "event_name")}),
    (
        "run_invocation_uri",
        "https://github.com/octo-org/octo-repo/actions/runs/9/attempts/3",
        {INVOCATION},
    ),
]

#: What the predicate does not carry; certificate_match compares these with the claims.
NOT_IN_PREDICATE: Final = {
    "issuer",
    "build_signer_digest",
    "source_repository_owner_uri",
    "build_config_digest",
    "source_repository_visibility_at_signing",
    "deployment_environment",
    "token_subject",
}

TYPES: Final[list[BuildType]] = [GithubWorkflow(), CommunityWorkflow()]
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def predicate() -> dict[str, object]:
    """Return the predicate of the sample run, to be changed freely."""
    return GithubWorkflow().predicate(CONTEXT)


def put(document: dict[str, object], path: tuple[str | int, ...], value: object) -> None:
    """Set the value at a place."""
    holder, last = value_at(document, path[:-1]), path[-1]
    if isinstance(last, int):
        assert isinstance(holder, list)
        holder[last] = value
    else:
        assert isinstance(holder, dict)
        holder[last] = value


def dotted(path: tuple[str | int, ...]) -> str:
    """Return how a place is shown."""
    return ".".join(str(step) for step in path).replace(".0.", "[0].")


def unequal(build_type: BuildType, found: dict[str, object], signer: SignerIdentity) -> set[str]:
    """Return the fields that differ."""
    return {c.field for c in build_type.compare(found, signer) if not c.equal}


@pytest.mark.parametrize("build_type", TYPES)
def test_all_comparisons_are_made_and_hold_for_the_run_itself(build_type: BuildType) -> None:
    """The certificate of the run agrees with its predicate in every field, in this order."""
    made = {
        (c.field, c.certificate_field, c.expected, c.found, c.equal)
        for c in build_type.compare(predicate(), SIGNER)
    }

    assert made == {(dotted(path), name, value, value, True) for path, name, value in COMPARISONS}
    assert len(made) == len(build_type.compare(predicate(), SIGNER))


def test_every_certificate_field_is_compared_or_is_not_in_the_predicate() -> None:
    """The two tables speak of every field that a certificate has."""
    in_predicate = {name for _, name, _ in COMPARISONS}

    assert in_predicate == {name for name, _, _ in OTHER_CERTIFICATE}
    assert in_predicate | NOT_IN_PREDICATE == {field.name for field in fields(SignerIdentity)}


def test_every_leaf_of_the_predicate_is_compared() -> None:
    """Nothing is written that the certificate does not confirm, but the build type's name."""

    def leaves(value: object, path: tuple[str | int, ...]) -> set[tuple[str | int, ...]]:
        if isinstance(value, dict):
            return set().union(*(leaves(inner, (*path, name)) for name, inner in value.items()))
        if isinstance(value, list):
            return set().union(*(leaves(inner, (*path, n)) for n, inner in enumerate(value)))
        return {path}

    compared = {path for path, _, _ in COMPARISONS}

    assert leaves(predicate(), ()) == compared | {("buildDefinition", "buildType")}


@pytest.mark.parametrize("build_type", TYPES)
@pytest.mark.parametrize(("name", "value", "differing"), OTHER_CERTIFICATE)
def test_another_certificate_is_found_out(
    build_type: BuildType, name: str, value: str, differing: set[tuple[str | int, ...]]
) -> None:
    """One field of the certificate changed: exactly the fields that depend on it differ."""
    signer = replace(SIGNER, **{name: value})

    assert {dotted(path) for path in differing} == unequal(build_type, predicate(), signer)


@pytest.mark.parametrize("build_type", TYPES)
@pytest.mark.parametrize("name", [name for name, _, _ in OTHER_CERTIFICATE[2:]])
def test_a_certificate_that_lacks_a_field_proves_nothing_about_it(
    build_type: BuildType, name: str
) -> None:
    """A person's certificate has none of these fields, and so agrees with no run."""
    lacking: dict[str, Any] = {name: None}

    assert unequal(build_type, predicate(), replace(SIGNER, **lacking))


def test_a_persons_certificate_agrees_with_nothing() -> None:
    """Every single comparison fails for a certificate with an e-mail address alone."""
    person = SignerIdentity("someone@example.com", "https://accounts.google.com")

    assert not any(c.equal for c in GithubWorkflow().compare(predicate(), person))


@pytest.mark.parametrize("build_type", TYPES)
@pytest.mark.parametrize("path", sorted({path for path, _, _ in COMPARISONS}, key=str))
@pytest.mark.parametrize("value", ["other", "", 5, [], {}, True])
def test_another_value_in_the_predicate_is_found_out(
    build_type: BuildType, path: tuple[str | int, ...], value: object
) -> None:
    """One field of the predicate changed: exactly that one differs."""
    changed = predicate()
    put(changed, path, value)

    assert {dotted(path)} == unequal(build_type, changed, SIGNER)


@pytest.mark.parametrize("path", sorted({path for path, _, _ in COMPARISONS}, key=str))
def test_a_field_that_is_missing_is_not_excused(path: tuple[str | int, ...]) -> None:
    """GitHub's build type has every field, so null and absence are differences."""
    changed = predicate()
    put(changed, path, None)

    assert {dotted(path)} == unequal(GithubWorkflow(), changed, SIGNER)


@pytest.mark.parametrize("build_type", TYPES)
def test_the_older_name_of_the_commit_must_agree_too(build_type: BuildType) -> None:
    """A reader that looks for sha1 must not find another commit."""
    changed = predicate()
    put(changed, (*SOURCE, "digest", "sha1"), "f" * 40)

    assert {dotted((*SOURCE, "digest", "sha1"))} == unequal(build_type, changed, SIGNER)
    put(changed, (*SOURCE, "digest", "sha1"), "a" * 40)
    assert unequal(build_type, changed, SIGNER) == set()


@pytest.mark.parametrize("build_type", TYPES)
@given(found=JSON, place=st.sampled_from([path[:n] for path, _, _ in COMPARISONS for n in (1, 2)]))
def test_no_malformed_predicate_raises_or_agrees(
    build_type: BuildType, found: object, place: tuple[str | int, ...]
) -> None:
    """Whatever stands where the parts should be: no exception, and a difference."""
    changed = predicate()
    put(changed, place, found)

    optional = build_type.uri == COMMUNITY_WORKFLOW and place == GITHUB[:2]
    assert unequal(build_type, changed, SIGNER) or optional
    build_type.unknown_parameters(changed)


@pytest.mark.parametrize("build_type", TYPES)
@given(found=st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_no_garbage_agrees(build_type: BuildType, found: dict[str, object]) -> None:
    """A predicate of nothing in particular agrees with no certificate."""
    assert unequal(build_type, found, SIGNER)


# ── what GitHub's build type writes ──────────────────────────────────────────────────────


def test_the_written_predicate_is_valid_and_has_no_unknown_parameter() -> None:
    """What we write passes our own schemas, the strict one and those for reading."""
    for name in ("written-github-workflow-v1", "github-workflow-v1", "provenance-v1"):
        validate(predicate(), name)
    assert GithubWorkflow().unknown_parameters(predicate()) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"build_config_uri": "https://github.com/x/y/.github/workflows/a.yml@refs/tags/pkg@1.0.0"},
        {"source_repository_ref": "refs/heads/other"},
        {"source_repository_identifier": "seventy-four"},
        {"source_repository_digest": "abc"},
        {"build_trigger": "push\n"},
        {"run_invocation_uri": "https://github.com/octo-org/octo-repo/actions/runs/9"},
    ],
)
def test_a_context_that_the_build_type_cannot_describe_is_refused(change: dict[str, str]) -> None:
    """What was not made by build_context is checked all the same."""
    with pytest.raises(ContextError, match="cannot describe this run"):
        GithubWorkflow().predicate(replace(CONTEXT, **change))


def test_the_communitys_build_type_is_only_read() -> None:
    """Nothing signed says what inputs and variables a run had, so it is not written."""
    with pytest.raises(ContextError, match="is read, not written"):
        CommunityWorkflow().predicate(CONTEXT)


# ── the community's build type ───────────────────────────────────────────────────────────


def test_the_communitys_internal_parameters_are_optional() -> None:
    """What the specification calls optional may be missing, but not different."""
    changed = predicate()
    put(changed, ("buildDefinition", "internalParameters"), {"github": {"actor_id": "5"}})

    assert unequal(CommunityWorkflow(), changed, SIGNER) == set()
    put(changed, (*GITHUB, "repository_id"), "75")
    assert {dotted((*GITHUB, "repository_id"))} == unequal(CommunityWorkflow(), changed, SIGNER)


@pytest.mark.parametrize("environment", ["github-hosted", "self-hosted"])
def test_npm_names_the_runner_as_builder(environment: str) -> None:
    """The builder that npm names is held against the runner's environment."""
    changed = predicate()
    put(changed, BUILDER, f"https://github.com/actions/runner/{environment}")
    put(changed, (*GITHUB, "runner_environment"), environment)
    signer = replace(SIGNER, runner_environment=environment)

    assert unequal(CommunityWorkflow(), changed, signer) == set()
    assert "runDetails.builder.id" in unequal(
        CommunityWorkflow(), changed, replace(SIGNER, runner_environment="other")
    )
    assert "runDetails.builder.id" in unequal(
        CommunityWorkflow(), changed, replace(SIGNER, runner_environment=None)
    )
    assert "runDetails.builder.id" in unequal(GithubWorkflow(), changed, signer)


@pytest.mark.parametrize("build_type", KNOWN)
def test_a_build_type_is_one(build_type: BuildType) -> None:
    """Each has the interface's methods, with the interface's parameters."""
    for name in ("predicate", "compare", "unknown_parameters"):
        own, demanded = getattr(type(build_type), name), getattr(interface.BuildType, name)
        assert list(inspect.signature(own).parameters) == list(
            inspect.signature(demanded).parameters
        )


# ── which build type ─────────────────────────────────────────────────────────────────────


def test_a_build_type_is_found_by_its_exact_uri() -> None:
    """No guessing: a URI that differs in anything is not known."""
    assert [known.uri for known in KNOWN] == [
        GITHUB_WORKFLOW,
        RUN_COMMAND,
        COMMUNITY_WORKFLOW,
        GENERIC_GENERATOR,
    ]
    for known in KNOWN:
        assert lookup(known.uri) is known
        assert lookup(f"{known.uri}/") is None
        assert lookup(known.uri.upper()) is None
    assert lookup("") is None


@pytest.mark.parametrize(
    ("predicate_type", "found", "uri"),
    [
        (SLSA_PROVENANCE_V1, {"buildDefinition": {"buildType": "a"}, "buildType": "b"}, "a"),
        (SLSA_PROVENANCE_V1, {"buildType": "b"}, None),
        (SLSA_PROVENANCE_V1, {"buildDefinition": {"buildType": 5}}, None),
        ("https://slsa.dev/provenance/v0.2", {"buildType": "b"}, "b"),
        ("https://slsa.dev/provenance/v0.2", {"buildDefinition": {"buildType": "a"}}, None),
        ("https://slsa.dev/provenance/v0.2", {"buildType": GENERIC_GENERATOR}, GENERIC_GENERATOR),
        ("https://slsa.dev/provenance/v0.1", {"buildType": GENERIC_GENERATOR}, None),
        ("https://slsa.dev/provenance/v0.2", {"buildType": GITHUB_WORKFLOW}, None),
        (SLSA_PROVENANCE_V1, {"buildDefinition": {"buildType": GENERIC_GENERATOR}}, None),
    ],
)
def test_a_predicate_names_its_build_type(
    predicate_type: str, found: dict[str, object], uri: str | None
) -> None:
    """Version 1 names it in the build definition, older versions at the top.

    A build type that is known belongs to one predicate type: provenance v0.2 that also holds
    the whole of a v1 predicate must not have that compared instead of what it says itself.
    """
    assert uri == named_by(predicate_type, found)
