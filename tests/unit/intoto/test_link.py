"""Links: from a record to in-toto's model, to a predicate, and back from any maker's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_toto.models.link import Link

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError, SubjectError
from slsa_gen.intoto.link import LINK_V03, link_from, link_of, predicate_of
from slsa_gen.intoto.statements import link_statement
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.step import Commit
from slsa_gen.provenance import statement
from slsa_gen.provenance.schemas import SchemaMismatchError
from slsa_gen.reasons import Reason
from tests.support.steps import artifact, recorded

PREDICATE: Final[dict[str, Any]] = {
    "name": "build",
    "command": ["make", "dist"],
    "materials": [
        {
            "name": "git:commit",
            "uri": "git+https://github.com/octo/app",
            "digest": {"gitCommit": "c" * 40},
        },
        {"name": "uv.lock", "digest": {"sha256": "2" * 64}},
    ],
    "byproducts": {"return-value": 0},
    "environment": {},
}


def of_others(predicate: dict[str, Any], *, subjects: str = "") -> bytes:
    """Return a statement as somebody else may write it."""
    listed = subjects or '[{"name":"dist/app","digest":{"sha256":"' + "1" * 64 + '"}}]'
    return (
        b'{"_type":"https://in-toto.io/Statement/v1","predicateType":"'
        + LINK_V03.encode()
        + b'","subject":'
        + listed.encode()
        + b',"predicate":'
        + strictjson.dumps(predicate)
        + b"}"
    )


def test_a_record_is_the_package_s_link() -> None:
    """Names to digests, the commit among the materials, the status among the byproducts."""
    link = link_of(recorded())
    assert isinstance(link, Link)
    assert link.name == "build"
    assert link.command == ["make", "dist"]
    assert link.materials == {
        "git:commit": {"gitCommit": "c" * 40},
        "uv.lock": {"sha256": "2" * 64},
    }
    assert link.products == {"dist/app": {"sha256": "1" * 64}}
    assert link.byproducts == {"return-value": 0}
    assert link.environment == {}


def test_the_predicate_is_that_of_the_specification() -> None:
    """Every field of Link v0.3, materials by name and digest, no products and no _type."""
    assert predicate_of(recorded()) == PREDICATE


def test_recorded_variables_are_named_with_their_values() -> None:
    """As in-toto writes them: a list of NAME=value, sorted."""
    record = recorded(environment={"LANG": "C", "CC": "gcc"})
    assert link_of(record).environment == {"variables": ["CC=gcc", "LANG=C"]}
    assert predicate_of(record)["environment"] == {"variables": ["CC=gcc", "LANG=C"]}


def test_what_became_of_materials_is_said_beside_the_status() -> None:
    """Their digests are those from before the command; that they changed is not lost."""
    record = replace(recorded(), deleted=("gone",), changed=("uv.lock",))
    assert predicate_of(record)["byproducts"] == {
        "return-value": 0,
        "deleted-materials": ["gone"],
        "changed-materials": ["uv.lock"],
    }


def test_a_commit_without_an_address_has_no_uri() -> None:
    """And a step without a commit has none at all."""
    materials: Any = predicate_of(recorded(commit=Commit("d" * 40)))["materials"]
    assert materials[0] == {"name": "git:commit", "digest": {"gitCommit": "d" * 40}}
    assert predicate_of(recorded(commit=None, materials=()))["materials"] == []


def test_what_is_written_is_read_back_as_the_same_link() -> None:
    """From the statement's bytes, as the specification converts it."""
    record = recorded(environment={"CC": "gcc"}, exit_status=2)
    written = link_statement(record)
    assert written.predicate_type == LINK_V03
    assert link_from(statement.parse(written.payload)) == link_of(record)


@pytest.mark.parametrize("what", ["materials", "products"])
def test_two_artifacts_of_one_name_are_refused(what: str) -> None:
    """The later would silently take the place of the first."""
    twice: Any = {what: [artifact("a", "1"), artifact("a", "2")]}
    with pytest.raises(SubjectError, match=f"two {what} of the step have the name 'a'") as caught:
        link_of(recorded(**twice))
    assert caught.value.reason is Reason.SUBJECT_NAME_CLASH


def test_a_file_cannot_stand_for_the_commit() -> None:
    """A file that is called git:commit would hide which commit it was."""
    record = recorded(materials=[artifact("git:commit", "1")])
    with pytest.raises(SubjectError, match="git:commit"):
        link_of(record)
    assert "git:commit" in link_of(replace(record, commit=None)).materials


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"environment": {"with space": "x"}},
        {"exit_status": -1},
        {"commit": Commit("c" * 39)},
    ],
)
def test_what_has_no_place_in_a_link_is_not_written(change: dict[str, Any]) -> None:
    """What we write is held against our own schema."""
    with pytest.raises(SchemaMismatchError, match=r"^\$\."):
        predicate_of(recorded(**change))


def test_optional_fields_may_be_missing_or_null() -> None:
    """Only the name must be there."""
    for predicate in (
        {"name": "x"},
        dict.fromkeys(("command", "materials", "byproducts", "environment")) | {"name": "x"},
        {"name": "x", "later": {"field": 1}},
    ):
        link = link_from(statement.parse(of_others(predicate)))
        assert (link.command, link.materials, link.byproducts, link.environment) == ([], {}, {}, {})
        assert link.products == {"dist/app": {"sha256": "1" * 64}}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": None}, r"\$\.name: None is not of type 'string'"),
        ({"name": ""}, r"\$\.name"),
        ({"command": "make dist"}, r"\$\.command"),
        ({"command": [1]}, r"\$\.command\[0\]"),
        ({"materials": {"a": {"sha256": "1" * 64}}}, r"\$\.materials"),
        ({"materials": ["a"]}, r"\$\.materials\[0\]: a subject is an object"),
        ({"materials": [{"digest": {"sha256": "1" * 64}}]}, "a material has no name"),
        ({"materials": [{"name": "a"}]}, r"\$\.materials\[0\]\.digest"),
        ({"materials": [{"name": "a", "digest": {"sha256": "1"}}]}, "64 hexadecimal digits"),
        (
            {"materials": [{"name": "a", "digest": {"x": "11"}}] * 2},
            "two materials have the name 'a'",
        ),
        ({"materials": [{"name": "a", "digest": {"goModule": "h1:x="}}]}, "hex"),
        ({"byproducts": []}, r"\$\.byproducts"),
        ({"environment": "CC=gcc"}, r"\$\.environment"),
    ],
)
def test_a_malformed_link_is_refused_with_its_place(change: dict[str, Any], why: str) -> None:
    """Nothing is guessed."""
    parsed = statement.parse(of_others({"name": "x"} | change))
    with pytest.raises(MalformedEvidenceError, match=why) as caught:
        link_from(parsed)
    assert caught.value.reason is Reason.LINK_MALFORMED
    assert caught.value.hint


@pytest.mark.parametrize(
    ("subjects", "why"),
    [
        ('[{"name":"a","digest":{"x":"11"}},{"name":"a","digest":{"x":"22"}}]', "two subjects"),
        ('[{"digest":{"x":"11"}}]', "a subject has no name"),
    ],
)
def test_each_product_has_a_name_of_its_own(subjects: str, why: str) -> None:
    """The rules of a layout are about names."""
    parsed = statement.parse(of_others({"name": "x"}, subjects=subjects))
    with pytest.raises(MalformedEvidenceError, match=why):
        link_from(parsed)


def test_a_statement_of_another_type_is_no_link() -> None:
    """Also not one that looks like it."""
    other = statement.encode([artifact("a", "1")], "https://in-toto.io/Link/v1", {"name": "x"})
    with pytest.raises(
        MalformedEvidenceError, match=r"its predicate type is 'https://in-toto.io/L"
    ):
        link_from(other)


def test_too_many_materials_are_not_read() -> None:
    """Counted before each is looked at."""
    many = [{"name": str(n), "digest": {"x": "11"}} for n in range(3)]
    limits = replace(DEFAULT_LIMITS, link_materials=2)
    with pytest.raises(MalformedEvidenceError, match="3 materials, at most 2"):
        link_from(statement.parse(of_others({"name": "x", "materials": many})), limits)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "digest", "sha256", "uri", "x"]), inner, max_size=3
            )
        ),
        max_leaves=8,
    ),
    st.sampled_from(["name", "command", "materials", "byproducts", "environment"]),
)
def test_any_json_is_a_link_or_is_refused(value: Any, field: str) -> None:  # noqa: ANN401 (any JSON)
    """No other error leaves the reader."""
    parsed = statement.parse(of_others({"name": "x"} | {field: value}))
    try:
        link = link_from(parsed)
    except MalformedEvidenceError:
        return
    assert isinstance(link, Link)
