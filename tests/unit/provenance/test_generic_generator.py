"""slsa-github-generator's generic generator: each field against the certificate."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ContextError
from slsa_gen.provenance.build_types.slsa_generator_generic import GenericGenerator
from tests.unit.provenance.samples import CONTEXT, SIGNER

if TYPE_CHECKING:
    from slsa_gen.model.identity import SignerIdentity

GENERIC: Final = GenericGenerator()
SOURCE: Final = "git+https://github.com/octo-org/octo-repo@refs/tags/pkg@1.0.0"

#: Every place of the predicate, the certificate's field, and the value; then a value of the
#: certificate's field that makes exactly these places differ.
COMPARISONS: Final[list[tuple[str, str, str]]] = [
    ("builder.id", "build_signer_uri", CONTEXT.build_signer_uri),
    ("builder.id", "subject_alternative_name", CONTEXT.build_signer_uri),
    ("invocation.configSource.uri", "source_repository_uri", SOURCE),
    ("invocation.configSource.digest.sha1", "source_repository_digest", "a" * 40),
    ("invocation.configSource.entryPoint", "build_config_uri", ".github/workflows/a@b.yml"),
    ("invocation.environment.github_event_name", "build_trigger", "push"),
    ("invocation.environment.github_ref", "source_repository_ref", "refs/tags/pkg@1.0.0"),
    ("invocation.environment.github_sha1", "source_repository_digest", "a" * 40),
    ("invocation.environment.github_repository_id", "source_repository_identifier", "74"),
    (
        "invocation.environment.github_repository_owner_id",
        "source_repository_owner_identifier",
        "65",
    ),
    ("invocation.environment.github_run_id", "run_invocation_uri", "9"),
    ("invocation.environment.github_run_attempt", "run_invocation_uri", "2"),
    ("metadata.buildInvocationID", "run_invocation_uri", "9-2"),
    ("materials[0].uri", "source_repository_uri", SOURCE),
    ("materials[0].digest.sha1", "source_repository_digest", "a" * 40),
]


def predicate() -> Any:  # noqa: ANN401 (a JSON document that the tests change)
    """Return what the generator would write for the sample run."""
    document: dict[str, Any] = {"materials": [{}]}
    for place, _, value in COMPARISONS:
        *way, last = place.replace("[0]", ".0").split(".")
        holder: Any = document
        for step in way:
            holder = holder[0] if step == "0" else holder.setdefault(step, {})
        holder[last] = value
    return document


def unequal(found: dict[str, object], signer: SignerIdentity) -> set[str]:
    """Return the fields that differ."""
    return {c.field for c in GENERIC.compare(found, signer) if not c.equal}


def test_all_comparisons_are_made_and_hold_for_the_run_itself() -> None:
    """The list of comparisons is this one."""
    made = [
        (c.field, c.certificate_field, c.found, c.equal)
        for c in GENERIC.compare(predicate(), SIGNER)
    ]

    assert [(*line, True) for line in COMPARISONS] == made
    assert GENERIC.unknown_parameters(predicate()) == ()


@pytest.mark.parametrize("field", sorted({name for _, name, _ in COMPARISONS}))
@pytest.mark.parametrize("value", ["other", None])
def test_another_certificate_is_found_out(field: str, value: str | None) -> None:
    """At least the fields that are compared with the changed one differ."""
    if field == "subject_alternative_name" and value is None:
        value = ""
    other: dict[str, Any] = {field: value}

    differing = unequal(predicate(), replace(SIGNER, **other))

    assert {place for place, name, _ in COMPARISONS if name == field} <= differing


@pytest.mark.parametrize("place", sorted({place for place, _, _ in COMPARISONS}))
@pytest.mark.parametrize("value", ["other", None, 9, {}])
def test_another_value_in_the_predicate_is_found_out(place: str, value: object) -> None:
    """One field of the predicate changed: exactly that one differs."""
    document = predicate()
    *way, last = place.replace("[0]", ".0").split(".")
    holder = document
    for step in way:
        holder = holder[0] if step == "0" else holder[step]
    holder[last] = value

    assert {place} == unequal(document, SIGNER)


@given(st.sampled_from(sorted(predicate())), st.none() | st.text() | st.lists(st.none()))
def test_no_malformed_predicate_raises_or_agrees(name: str, value: object) -> None:
    """Whatever stands where the parts should be."""
    assert unequal({**predicate(), name: value}, SIGNER)


@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        ({"buildConfig": {"steps": []}}, ("buildConfig",)),
        ({"buildConfig": {}}, ()),
        ({"invocation": {"parameters": {"a": "b"}}}, ("invocation.parameters",)),
        ({"invocation": {"parameters": {}}}, ()),
    ],
)
def test_parameters_that_it_never_sets_are_named(
    change: dict[str, object], unknown: tuple[str, ...]
) -> None:
    """The generator builds nothing itself and takes no parameters."""
    assert unknown == GENERIC.unknown_parameters({**predicate(), **change})


def test_it_is_only_read() -> None:
    """Another tool's build type is not written."""
    with pytest.raises(ContextError, match="is read, not written"):
        GENERIC.predicate(CONTEXT)


def test_the_sample_is_json() -> None:
    """The table above makes a document."""
    assert json.loads(json.dumps(predicate()))["materials"][0]["uri"] == SOURCE
