"""The claims held against the certificate, every field, at signing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from slsa_gen.model.identity import BUILD_FIELDS, LATER_FIELDS, Person, SignerIdentity
from slsa_gen.provenance.certificate_match import compare_context, expected_signer
from tests.unit.provenance.samples import CONTEXT, SIGNER


def test_the_runs_own_certificate_agrees_in_every_field() -> None:
    """Each field of the context is compared, and the certificate's name with the signer."""
    made = compare_context(CONTEXT, SIGNER)

    assert all(comparison.equal for comparison in made)
    assert [(c.field, c.certificate_field) for c in made] == [
        *((name, name) for name in BUILD_FIELDS),
        ("build_signer_uri", "subject_alternative_name"),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in BUILD_FIELDS for value in ("other", "", None)),
        *(("subject_alternative_name", value) for value in ("other", "")),
    ],
)
def test_one_field_of_another_certificate_is_found_out(name: str, value: str | None) -> None:
    """Claims of run A, certificate of run B, one field at a time."""
    other: dict[str, Any] = {name: value}

    made = compare_context(CONTEXT, replace(SIGNER, **other))

    assert [name] == [c.certificate_field for c in made if not c.equal]


@pytest.mark.parametrize("name", BUILD_FIELDS)
def test_one_field_of_another_run_is_found_out(name: str) -> None:
    """Certificate of run A, claims of run B, one field at a time."""
    made = compare_context(replace(CONTEXT, **{name: "other"}), SIGNER)

    assert {name} == {c.field for c in made if not c.equal}


def test_the_expected_certificate_is_that_of_the_run() -> None:
    """What a run's certificate must say follows from its context alone."""
    assert expected_signer(CONTEXT) == SIGNER


@pytest.mark.parametrize("name", LATER_FIELDS)
@pytest.mark.parametrize(
    ("claimed", "certified", "agrees"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (None, "b", False),
        ("a", None, True),
        (None, None, True),
    ],
)
def test_what_fulcio_began_to_write_later_is_compared_where_it_is(
    name: str, claimed: str | None, certified: str | None, *, agrees: bool
) -> None:
    """An older certificate authority leaves it out; one that writes it writes the token's."""
    context: dict[str, Any] = {name: claimed}
    signer: dict[str, Any] = {name: certified}

    made = compare_context(replace(CONTEXT, **context), replace(SIGNER, **signer))

    assert [c.certificate_field for c in made if not c.equal] == ([] if agrees else [name])


PERSON = Person("https://login.example.org", "ada@example.org")
PERSONS = SignerIdentity("ada@example.org", issuer="https://login.example.org")


def test_a_persons_own_certificate_agrees() -> None:
    """It names the address and who vouches for it, and no run."""
    assert all(comparison.equal for comparison in compare_context(PERSON, PERSONS))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject_alternative_name", "eve@example.org"),
        ("subject_alternative_name", "Ada@example.org"),
        ("issuer", "https://evil.example"),
        ("issuer", None),
        *((name, "x") for name in BUILD_FIELDS if name != "issuer"),
    ],
)
def test_a_certificate_of_anybody_else_is_found_out(name: str, value: str | None) -> None:
    """Also one that speaks of a run, which no person's does."""
    other: dict[str, Any] = {name: value}

    made = compare_context(PERSON, replace(PERSONS, **other))

    assert [name] == [c.certificate_field for c in made if not c.equal]
