"""Statements that we write: the same bytes for the same values, and only what is right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.statement import SLSA_PROVENANCE_V1, STATEMENT_V1
from slsa_gen.model.subject import Subject
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.statement import encode, parse, split
from slsa_gen.reasons import Reason
from tests.unit.provenance.samples import CONTEXT, SUBJECTS, digest, subject

if TYPE_CHECKING:
    import random

TYPE: Final = "https://example.com/predicate/v1"
HEX: Final = "0f" * 32
PREDICATES: Final = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=4,
    ),
    max_size=4,
)


# ── what is written ──────────────────────────────────────────────────────────────────────


def test_a_statement_is_exactly_these_bytes() -> None:
    """Sorted subjects, sorted members, compact, UTF-8."""
    subjects = [
        Subject("b", (digest("1"), digest("2", "sha512"))),
        Subject("ä", (digest("3"),)),
        subject("a"),
    ]

    statement = encode(subjects, TYPE, {"z": 1.0, "a": "é"})

    assert statement.payload.decode() == (
        '{"_type":"https://in-toto.io/Statement/v1","predicate":{"a":"é","z":1.0},'
        '"predicateType":"https://example.com/predicate/v1","subject":['
        f'{{"digest":{{"sha256":"{"0" * 64}"}},"name":"a"}},'
        f'{{"digest":{{"sha256":"{"1" * 64}","sha512":"{"2" * 128}"}},"name":"b"}},'
        f'{{"digest":{{"sha256":"{"3" * 64}"}},"name":"ä"}}]}}'
    )


@given(SUBJECTS, PREDICATES, st.randoms())
def test_the_order_of_the_input_does_not_matter(
    subjects: list[Subject], predicate: dict[str, object], chance: random.Random
) -> None:
    """Any order of subjects and members makes the same bytes."""
    shuffled, items = list(subjects), list(predicate.items())
    chance.shuffle(shuffled)
    chance.shuffle(items)

    assert encode(subjects, TYPE, predicate).payload == encode(shuffled, TYPE, dict(items)).payload


@given(SUBJECTS, PREDICATES)
def test_what_is_written_is_read_back(
    subjects: list[Subject], predicate: dict[str, object]
) -> None:
    """Reading the bytes gives the values that they were made from."""
    statement = parse(encode(subjects, TYPE, predicate).payload)

    assert tuple(sorted(subjects)) == statement.subjects
    assert predicate == statement.predicate
    assert statement.predicate_type == TYPE
    assert statement.statement_type == STATEMENT_V1


def test_subjects_of_one_name_are_ordered_by_digest() -> None:
    """The order is total, so it never depends on the input."""
    first, second = subject("app", "1"), subject("app", "2")

    assert encode([second, first], TYPE, {}).subjects == (first, second)


@pytest.mark.parametrize(
    "bad",
    [
        Subject("", (digest(),)),
        Subject("app", ()),
        Subject("app", (Digest("sha256", "0F" * 32),)),
        Subject("app", (Digest("sha256", "zz"),)),
        Subject("app", (Digest("SHA256", "00" * 32),)),
        Subject("app", (Digest("md5", "00" * 16),)),
        Subject("app", (digest("1"), digest("2"))),
    ],
)
def test_a_subject_that_is_not_canonical_is_not_written(bad: Subject) -> None:
    """A name, and canonical digests, one an algorithm."""
    with pytest.raises(SubjectError, match="needs a name and canonical digests") as caught:
        encode([subject("good"), bad], TYPE, {})

    assert caught.value.reason == Reason.STATEMENT_SUBJECTS


def test_a_statement_has_one_to_1024_subjects() -> None:
    """None is refused, and one more than gh and cosign verify."""
    many = [subject(f"f{number:04}") for number in range(1025)]

    assert len(encode(many[:1024], TYPE, {}).subjects) == 1024
    for wrong in ([], many):
        with pytest.raises(SubjectError, match="names 1 to 1024 subjects, got") as caught:
            encode(wrong, TYPE, {})
        assert caught.value.reason == Reason.STATEMENT_SUBJECTS


def test_a_subject_has_no_more_digests_than_are_read() -> None:
    """What we would not read we do not write."""
    two = Subject("app", (digest("1"), digest("2", "sha512")))

    with pytest.raises(SubjectError):
        encode([two], TYPE, {}, replace(DEFAULT_LIMITS, digests_per_subject=1))


@pytest.mark.parametrize("kind", ["", "provenance", "/relative", "HTTPS://x", "https://a b", "a:é"])
def test_the_predicate_type_is_an_absolute_uri(kind: str) -> None:
    """A relative name means something else to everyone."""
    with pytest.raises(UsageError, match=r"the statement cannot be written: \$.predicateType") as e:
        encode([subject()], kind, {})

    assert e.value.reason == Reason.STATEMENT_PREDICATE


@pytest.mark.parametrize(
    ("predicate", "why"),
    [
        ({"a": float("nan")}, "not representable in JSON"),
        ({"a": b"bytes"}, "not representable in JSON"),
        ({"a": "\ud800"}, "not representable in JSON"),
        ({1: "a", "1": "b"}, "cannot be written|read back"),
        ({3: 1, "3": 2, "b": 1}, "cannot be written|read back"),
        (["a"], r"\$.predicate"),
    ],
)
def test_a_predicate_that_json_cannot_carry_is_not_written(predicate: Any, why: str) -> None:  # noqa: ANN401 (wrong types are the point)
    """What would be read back as something else is no predicate."""
    with pytest.raises(UsageError, match=why):
        encode([subject()], TYPE, predicate)


def test_a_predicate_that_is_nested_too_deeply_is_not_written() -> None:
    """What we would refuse to read is not signed."""
    deep: object = 1
    for _ in range(70):
        deep = [deep]

    with pytest.raises(UsageError, match=r"could not be read back: .* nested deeper than 64"):
        encode([subject()], TYPE, {"a": deep})


def test_provenance_must_be_provenance() -> None:
    """A predicate of SLSA's type is held against its schema before it is signed."""
    with pytest.raises(UsageError, match=r"\$: 'buildDefinition' is a required property"):
        encode([subject()], SLSA_PROVENANCE_V1, {})


def test_provenance_of_another_build_type_is_written() -> None:
    """Whether it is true is not the statement's question."""
    predicate: Any = GithubWorkflow().predicate(CONTEXT)
    predicate["buildDefinition"]["buildType"] = "https://example.com/build"
    predicate["buildDefinition"]["externalParameters"] = {"anything": 1}

    encode([subject()], SLSA_PROVENANCE_V1, predicate)


def test_githubs_build_type_takes_no_other_parameters() -> None:
    """Unknown external parameters are not signed; further fields elsewhere are."""
    predicate: Any = GithubWorkflow().predicate(CONTEXT)
    predicate["runDetails"]["metadata"]["startedOn"] = "2026-01-02T03:04:05Z"
    encode([subject()], SLSA_PROVENANCE_V1, predicate)

    predicate["buildDefinition"]["externalParameters"]["inputs"] = {}
    with pytest.raises(UsageError, match=r"\$.buildDefinition.externalParameters: Additional"):
        encode([subject()], SLSA_PROVENANCE_V1, predicate)


# ── splitting ────────────────────────────────────────────────────────────────────────────


@given(SUBJECTS, st.integers(1, 4))
def test_splitting_loses_and_reorders_nothing(subjects: list[Subject], size: int) -> None:
    """The groups, one after the other, are the sorted subjects; all but the last are full."""
    groups = split(subjects, replace(DEFAULT_LIMITS, subjects_per_statement=size))

    assert tuple(sorted(subjects)) == tuple(one for group in groups for one in group)
    assert all(len(group) == size for group in groups[:-1])
    assert 0 < len(groups[-1]) <= size


def test_no_subjects_make_no_groups() -> None:
    """Nothing to attest is the caller's error, not an empty statement."""
    assert split([]) == ()
