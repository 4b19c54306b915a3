"""Classic links and layouts, read: both forms, strictly, whatever the bytes are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_toto.models.layout import Layout as PackageLayout
from in_toto.models.metadata import Envelope, Metablock, Metadata

from slsa_gen.intoto.classic_documents import ClassicSyntaxError, Layout, Link
from slsa_gen.intoto.classic_metadata import PAYLOAD_TYPE, read
from slsa_gen.limits import DEFAULT_LIMITS
from tests.support.supply_chains import (
    EXPIRES,
    Person,
    digest,
    inspection,
    layout,
    link,
    sealed,
    signed,
    step,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOB = Person()
LINK = link("build", materials={"a": digest("1")}, products={"b": digest("2")})
LAYOUT = layout(
    [step("build", BOB, expected_products=[["CREATE", "b"]])],
    BOB,
    inspect=[inspection("look", "true")],
)


def refusal(data: bytes) -> str:
    """Return why bytes are no classic metadata."""
    with pytest.raises(ClassicSyntaxError) as caught:
        read(data)
    return str(caught.value)


def both(document: dict[str, Any]) -> tuple[str, str]:
    """Return why a document is refused as an envelope, and in the older form."""
    block = json.dumps({"signed": document, "signatures": []}).encode()
    return refusal(sealed(json.dumps(document).encode(), BOB)), refusal(block)


def same(document: dict[str, Any]) -> str:
    """Return why a document is refused, alike in both forms."""
    one, other = both(document)
    assert one == other
    return one


@pytest.mark.parametrize("dsse", [True, False], ids=["dsse", "older form"])
def test_a_link_and_a_layout_are_read_in_both_forms(dsse: bool) -> None:  # noqa: FBT001 (a case)
    """With the signatures by their keys' ids."""
    found = read(signed(LINK, BOB, dsse=dsse))
    assert found.content == Link("build", LINK["materials"], LINK["products"], ())
    assert found.signed_by(BOB.public)
    assert not found.signed_by(Person().public)

    content = read(signed(LAYOUT, BOB, dsse=dsse)).content
    assert isinstance(content, Layout)
    assert [one.name for one in content.steps] == ["build"]
    assert [one.name for one in content.inspections] == ["look"]
    assert content.steps[0].keys == (BOB.public,)
    assert f"{content.expires:%Y-%m-%dT%H:%M:%SZ}" == EXPIRES


@pytest.mark.parametrize("folder", ["demo_files", "demo_dsse_files"])
def test_the_links_and_layouts_of_in_totos_own_tests_are_read(corpus: Path, folder: str) -> None:
    """In both forms; the links verify by the keys of the layout.

    The layout is a template that has no time of expiry (the package would take a month from
    now, whenever it is read), so it is refused as it stands, and read when it has one.
    """
    place = corpus / "in-toto" / folder
    template = (place / "demo.layout.template").read_bytes()
    assert "lacks the field 'expires'" in refusal(template)

    made = Metadata.from_dict(json.loads(template))
    content = made.get_payload()
    assert isinstance(content, PackageLayout)
    content.expires = EXPIRES
    again: Metadata = (
        Envelope.from_signable(content)
        if isinstance(made, Envelope)
        else Metablock(signed=content, signatures=[])
    )
    again.create_signature(BOB.signer)
    found = read(json.dumps(again.to_dict()).encode())
    assert isinstance(found.content, Layout)
    assert found.signed_by(BOB.public)

    for number, name in enumerate(("write-code.776a00e2", "package.2f89b927")):
        read_link = read((place / f"{name}.link").read_bytes())
        assert read_link.signed_by(found.content.steps[number].keys[0])
        assert isinstance(read_link.content, Link)
        assert read_link.content.name == found.content.steps[number].name


def test_what_is_no_metadata_is_refused() -> None:
    """With what was expected."""
    assert "neither signed" in refusal(b"{}")
    assert "an object was expected" in refusal(b"[]")
    assert "not JSON" in refusal(b"")
    assert "neither 'link' nor 'layout'" in same({**LINK, "_type": "wink"})
    assert "its _type is null" in same({})
    assert refusal(sealed(b"[]", BOB)) == "its payload: an object was expected, got an array"
    assert refusal(b'{"signed": [], "signatures": []}') == "signed is an object"


def test_a_document_has_one_meaning() -> None:
    """A name that stands twice, on the outside or within, is a name too many."""
    text = json.dumps({"signed": LINK, "signatures": []})
    assert "stands twice" in refusal(text.replace('"name"', '"command": [], "name"').encode())
    payload = json.dumps(LINK).replace('"name"', '"name": "other", "name"')
    assert "stands twice" in refusal(sealed(payload.encode(), BOB))


def test_an_envelope_is_one_of_in_totos() -> None:
    """Another payload type was signed as something else."""
    data = sealed(json.dumps(LINK).encode(), BOB, payload_type="application/vnd.other+json")
    assert refusal(data) == (
        f"its payload type is 'application/vnd.other+json', not {PAYLOAD_TYPE!r}"
    )


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """Return why an envelope is refused after a change."""
    document = json.loads(signed(LINK, BOB))
    change(document)
    return refusal(json.dumps(document).encode())


def test_signatures_are_a_list_of_one_a_key() -> None:
    """Neither two by one key, nor one without an id, nor GnuPG's."""
    assert changed(lambda d: d.update(signatures={})) == "signatures is a list"
    assert changed(lambda d: d.update(signatures=[1])) == "a signature is an object"
    assert "a keyid and a sig" in changed(lambda d: d["signatures"][0].pop("keyid"))
    assert "GnuPG" in changed(lambda d: d["signatures"][0].pop("sig"))
    assert "two signatures" in changed(lambda d: d["signatures"].append(d["signatures"][0]))
    assert "not base64" in changed(lambda d: d["signatures"][0].update(sig="_-_-"))
    assert "texts in base64" in changed(lambda d: d.update(payload=1))
    assert "the field 'more' is not known" in changed(lambda d: d.update(more=1))
    document = json.loads(signed(LINK, BOB, dsse=False))
    document["signatures"][0]["sig"] = "xyz"
    assert refusal(json.dumps(document).encode()) == "a signature is not hexadecimal"


def test_a_number_with_a_fraction_has_no_canonical_form() -> None:
    """The older form signs one, and in-toto refuses an envelope's content without one, too."""
    document = {**LINK, "byproducts": {"seconds": 1.5}}

    assert same(document) == "a number with a fraction has no canonical form"


def test_every_field_is_there_and_no_other() -> None:
    """One that is missing has a default that was not signed; one that is unknown, no meaning."""
    for document in (LINK, LAYOUT):
        for name in set(document) - {"_type"}:
            rest = {key: value for key, value in document.items() if key != name}
            assert same(rest).endswith(f"lacks the field {name!r}")
        assert same({**document, "more": 1}).endswith("has the field 'more', which is not known")
    for name in ("name", "threshold", "pubkeys"):
        rest = {key: value for key, value in LAYOUT["steps"][0].items() if key != name}
        assert same({**LAYOUT, "steps": [rest]}) == f"a step lacks the field {name!r}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"materials": []}, "materials is an array, not an object"),
        ({"products": {"a": 1}}, "an artifact is a number, not an object"),
        ({"products": {"a": {}}}, "'a' has no digest: it would equal any other such"),
        ({"products": {"a": {"sha256": "xyz"}}}, "the 'sha256' of 'a' is not hexadecimal"),
        ({"products": {"a": {"a b": "00"}}}, "'a b' is no name of an algorithm"),
        ({"command": "make"}, "command is a string, not a list"),
        ({"command": [1]}, "command is a list of texts"),
        ({"byproducts": []}, "byproducts is an array, not an object"),
        ({"environment": None}, "environment is null, not an object"),
        ({"name": ""}, "a name is a text that is not empty"),
        ({"name": "n" * 201}, "a name has at most 200 bytes"),
    ],
)
def test_a_link_has_the_fields_of_a_link(changes: dict[str, Any], words: str) -> None:
    """Each as in-toto writes it."""
    assert same({**LINK, **changes}) == words


STEP = LAYOUT["steps"][0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps": []}, "it demands no step, so that nothing could be its product"),
        ({"steps": [STEP, STEP]}, "the name 'build' is that of two steps or inspections"),
        ({"steps": [{**STEP, "name": "look"}]}, "the name 'look' is that of two"),
        ({"steps": [{**STEP, "name": "../x"}]}, "the name '../x' cannot be part of a file's name"),
        ({"steps": [{**STEP, "name": ".x"}]}, "the name '.x' cannot be part"),
        ({"steps": [{**STEP, "name": "a\nb"}]}, "the name 'a\\nb' cannot be part"),
        ({"steps": [{**STEP, "threshold": 0}]}, "its threshold is no number from 1 to 1000"),
        ({"steps": [{**STEP, "threshold": -1}]}, "its threshold is no number from 1 to 1000"),
        ({"steps": [{**STEP, "threshold": True}]}, "its threshold is no number from 1 to 1000"),
        ({"steps": [{**STEP, "threshold": 10**30}]}, "its threshold is no number from 1"),
        ({"steps": [{**STEP, "pubkeys": ["a" * 64]}]}, "is not among the layout's keys"),
        ({"steps": [{**STEP, "_type": "inspection"}]}, "step has a _type that is not 'step'"),
        ({"steps": [{**STEP, "expected_products": [["PERMIT", "*"]]}]}, "is no artifact rule"),
        ({"steps": [1]}, "a step is a number, not an object"),
        ({"steps": {}}, "steps is an object, not a list"),
        ({"inspect": [inspection("look")]}, "inspection 'look': it runs nothing"),
        ({"readme": 1}, "readme is a text"),
        ({"expires": "tomorrow"}, "expires is not a time such as"),
        ({"expires": "2030-02-31T00:00:00Z"}, "which is no day or no hour"),
        ({"expires": "2030-01-01T00:00:00+02:00"}, "expires is not a time such as"),
        ({"keys": {"a" * 64: BOB.document}}, f"the key '{'a' * 64}': it calls itself"),
    ],
)
def test_a_layout_has_the_fields_of_a_layout(changes: dict[str, Any], words: str) -> None:
    """Each as in-toto writes it, and no name that leads out of the folder of the links."""
    assert words in same({**LAYOUT, **changes})


def test_a_key_is_authorized_once() -> None:
    """However often its id stands in the list."""
    document = {**LAYOUT, "steps": [{**STEP, "pubkeys": [BOB.keyid, BOB.keyid]}]}
    content = read(signed(document, BOB)).content

    assert isinstance(content, Layout)
    assert content.steps[0].keys == (BOB.public,)


def test_sizes_are_bounded() -> None:
    """Bytes, artifacts, steps."""
    data = signed(LINK, BOB)
    for limits, words in (
        (replace(DEFAULT_LIMITS, classic_bytes=100), "at most 100 are read"),
        (replace(DEFAULT_LIMITS, link_artifacts=0), "1 materials, at most 0 are read"),
    ):
        with pytest.raises(ClassicSyntaxError, match=words):
            read(data, limits)
    with pytest.raises(ClassicSyntaxError, match="2 steps and inspections, at most 1"):
        read(signed(LAYOUT, BOB), replace(DEFAULT_LIMITS, layout_items=1))


def test_what_in_toto_itself_does_not_take_is_said() -> None:
    """When it is asked for its own opinion (it does not know our strictness, nor we its)."""
    odd = replace(read(signed(LINK, BOB)), document={"payload": "", "payloadType": ""})

    with pytest.raises(ClassicSyntaxError, match="in-toto does not read it"):
        odd.of_package()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    """No other exception leaves."""
    with pytest.raises(ClassicSyntaxError):
        read(data)


@given(
    st.sampled_from([LINK, LAYOUT]),
    st.lists(st.tuples(st.integers(0, 40), _JSON), min_size=1, max_size=3),
    st.booleans(),
)
def test_any_change_within_is_read_or_refused_in_words(
    document: dict[str, Any],
    changes: list[tuple[int, object]],
    dsse: bool,  # noqa: FBT001 (drawn)
) -> None:
    """Wherever it is; and what is read is what the package reads."""
    changed_document = json.loads(json.dumps(document))
    for where, value in changes:
        holders = _holders(changed_document)
        holder, name = holders[where % len(holders)]
        holder[name] = value
    payload = json.dumps(changed_document)
    block = json.dumps({"signed": changed_document, "signatures": []}).encode()
    try:
        found = read(sealed(payload.encode(), BOB) if dsse else block)
    except ClassicSyntaxError:
        return
    content = found.of_package().get_payload()
    if isinstance(found.content, Link):
        assert found.content.products == content.products
    elif not dsse:
        assert found.signed == content.signable_bytes


def _holders(value: object) -> list[tuple[Any, Any]]:
    """Return every place in a document that a value could be put into."""
    names = list(value) if isinstance(value, dict) else []
    places: list[tuple[Any, Any]] = [(value, name) for name in names]
    if isinstance(value, list):
        places += [(value, index) for index in range(len(value))]
    return places + [place for holder, name in places for place in _holders(holder[name])]
