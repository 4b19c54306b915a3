"""Statements that are read: of any maker, but nothing ambiguous."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import MalformedEvidenceError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.statement import STATEMENT_V01, STATEMENT_V1
from slsa_gen.model.subject import Subject
from slsa_gen.provenance.statement import parse
from slsa_gen.reasons import Reason
from tests.unit.provenance.samples import digest

if TYPE_CHECKING:
    from pathlib import Path

TYPE: Final = "https://example.com/predicate/v1"
HEX: Final = "0f" * 32


def document(**changes: object) -> dict[str, object]:
    """Return a statement to be changed; ``type_`` stands for ``_type``."""
    given_fields = {
        "_type": STATEMENT_V1,
        "subject": [{"name": "app", "digest": {"sha256": HEX}}],
        "predicateType": TYPE,
        "predicate": {"a": 1},
        **changes,
    }
    return {key: value for key, value in given_fields.items() if value is not ...}


def dump(value: object) -> bytes:
    """Return JSON as anybody might write it."""
    return json.dumps(value).encode()


def refusal(payload: bytes, **limits: Any) -> str:  # noqa: ANN401 (any limit)
    """Return why a payload is refused."""
    with pytest.raises(MalformedEvidenceError) as caught:
        parse(payload, replace(DEFAULT_LIMITS, **limits))
    assert caught.value.reason == Reason.STATEMENT_MALFORMED
    assert caught.value.message.isprintable()
    return caught.value.message


def test_fields_that_are_not_known_are_allowed() -> None:
    """The specification demands that consumers ignore them."""
    entry = {"name": "app", "digest": {"sha256": HEX}, "annotations": {"a": 1}, "more": [1]}

    statement = parse(dump(document(subject=[entry], more={"a": 1})))

    assert statement.subjects == (Subject("app", (Digest("sha256", HEX),)),)


@pytest.mark.parametrize("predicate", [..., None, {}])
def test_a_predicate_may_be_left_out(predicate: object) -> None:
    """Unset, null and empty are the same (statement v1, predicate)."""
    assert parse(dump(document(predicate=predicate))).predicate == {}


@pytest.mark.parametrize("name", [{}, {"name": None}, {"name": ""}])
def test_a_name_may_be_left_out_in_version_1(name: dict[str, object]) -> None:
    """Matching is by digest alone; version 0.1 demanded a name."""
    entry = {"digest": {"sha256": HEX}, **name}

    assert parse(dump(document(subject=[entry]))).subjects[0].name == ""
    assert "v0.1 has a name" in refusal(dump(document(_type=STATEMENT_V01, subject=[entry])))


def test_version_0_1_is_read() -> None:
    """Older provenance comes in older statements."""
    assert parse(dump(document(_type=STATEMENT_V01))).statement_type == STATEMENT_V01


def test_unknown_algorithms_are_kept_and_match_nothing() -> None:
    """They can be shown, and never equal a digest of a file."""
    entry = {"name": "app", "digest": {"gitCommit": "ab" * 20, "SHA256": HEX, "sha256": "0" * 64}}

    (found,) = parse(dump(document(subject=[entry]))).subjects

    assert {"gitCommit", "SHA256", "sha256"} == {one.algorithm for one in found.digests}
    assert digest("0") in found.digests
    assert Digest.make("sha256", HEX) not in found.digests


@pytest.mark.parametrize(
    "found",
    [
        ...,
        None,
        {},
        [],
        "sha256:00",
        {"sha256": None},
        {"sha256": ""},
        {"sha256": 5},
        {"sha256": "zz"},
        {"sha256": "0F" * 32},
        {"sha256": "00" * 31},
        {"sha256": "00" * 32 + "\n"},
        {"sha256": "\uff10" * 64},
        {"sha512": "00" * 32},
        {"sha256": HEX, "sha512": "short"},
        {"gitCommit": ""},
        {"gitCommit": "a\u001b[2J"},
        {"gitCommit": "x" * 513},
        {"": "00"},
        {"a\nb": "00"},
        {"x" * 65: "00"},
        {f"a{number}": "00" for number in range(33)},
    ],
)
def test_every_subject_needs_canonical_digests(found: object) -> None:
    """A subject without a digest, or with one that two readers could read differently."""
    entry = {"name": "app", "digest": found}
    payload = dump(document(subject=[{key: val for key, val in entry.items() if val is not ...}]))

    assert "$.subject[0].digest" in refusal(payload)


@pytest.mark.parametrize(
    "change",
    [
        {"_type": "https://in-toto.io/Statement/v2"},
        {"_type": ...},
        {"_type": 5},
        {"_type": ["x" * 500]},
        {"subject": ...},
        {"subject": []},
        {"subject": {}},
        {"subject": ["app"]},
        {"subject": [{"name": 5, "digest": {"sha256": HEX}}]},
        {"subject": [{"name": "a", "uri": 5, "digest": {"sha256": HEX}}]},
        {"subject": [{"name": "a", "annotations": [], "digest": {"sha256": HEX}}]},
        {"predicateType": ...},
        {"predicateType": ""},
        {"predicateType": None},
        {"predicateType": "x" * 5000},
        {"predicate": []},
        {"predicate": "text"},
    ],
)
def test_what_the_specification_forbids_is_refused(change: dict[str, object]) -> None:
    """Each field that is there must be what the specification says."""
    assert len(refusal(dump(document(**change)))) < 600


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"{}", b"\xff", b"{", b'{"_type":1,"_type":2}', dump(document()) + b"x"],
)
def test_what_is_no_json_object_is_refused(payload: bytes) -> None:
    """Strict JSON, one document."""
    assert "not an in-toto statement that can be read" in refusal(payload)


def test_a_name_that_stands_twice_is_refused() -> None:
    """One reader would see one subject, another reader another."""
    text = dump(document()).decode().replace('"predicate":', '"subject": [], "predicate":')

    assert "stands twice" in refusal(text.encode())


def test_subjects_are_counted_before_the_schema_is_held_against_them() -> None:
    """Millions of subjects that the schema would refuse are refused by their number."""
    assert "names 9 subjects, at most 1" in refusal(
        dump(document(subject=[{}] * 9)), subjects_per_statement=1
    )


def test_everything_read_is_bounded() -> None:
    """Bytes, levels, subjects and digests."""
    two = document(subject=[{"name": n, "digest": {"sha256": HEX, "b": "1"}} for n in "ab"])

    parse(dump(two), replace(DEFAULT_LIMITS, subjects_per_statement=2, digests_per_subject=2))
    assert "names 2 subjects, at most 1" in refusal(dump(two), subjects_per_statement=1)
    assert "2 digests, at most 1" in refusal(dump(two), digests_per_subject=1)
    assert "at most 10 are read" in refusal(dump(two), bundle_bytes=10)
    assert "deeper than 2" in refusal(dump(two), json_depth=2)


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_no_garbage_is_a_statement(payload: bytes) -> None:
    """Nothing but our refusal comes of bytes that are no statement."""
    with pytest.raises(MalformedEvidenceError):
        parse(payload)


@given(
    st.sampled_from(["_type", "subject", "predicateType", "predicate"]),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["name", "digest", "sha256", "uri"]), inner, max_size=2
            )
        ),
        max_leaves=6,
    ),
)
def test_whatever_is_accepted_names_digests(field: str, value: object) -> None:
    """A statement with any one field replaced is refused, or has subjects with digests."""
    try:
        statement = parse(dump(document(**{field: value})))
    except MalformedEvidenceError:
        return
    assert statement.subjects
    assert all(one.digests for one in statement.subjects)


def test_kubernetes_statement_is_read(corpus: Path) -> None:
    """461 subjects of an older statement, unsigned, as Kubernetes publishes it."""
    payload = (corpus / "real-world" / "k8s-1.23.0-alpha.4-provenance.json").read_bytes()

    statement = parse(payload)

    assert len(statement.subjects) == 461
    assert statement.predicate_type == "https://slsa.dev/provenance/v0.1"
