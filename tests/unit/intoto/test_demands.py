"""What a layout demands, of either kind: said in words, and nothing else leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import UsageError
from slsa_gen.intoto.demands import demands_of
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.support.supply_chains import Person, inspection, layout, link, signed, step
from tests.unit.intoto.claims import LAYOUT

BOB: Final = Person()
OWNER: Final = Person()


def classic(*steps: dict[str, Any], **fields: Any) -> bytes:  # noqa: ANN401 (any field of a layout)
    """Return a signed classic layout."""
    return signed(layout(steps, BOB, **fields), OWNER)


CLASSIC: Final = classic(
    step("write", BOB, expected_command=["vi", "a"], expected_products=[["CREATE", "a"]]),
    step(
        "pack",
        BOB,
        expected_materials=[["MATCH", "*", "WITH", "PRODUCTS", "FROM", "write"], ["DISALLOW", "*"]],
    ),
    inspect=[inspection("look", "ls", "-l"), inspection("untar", "tar", "xf", "a.tar")],
)


def test_a_classic_layout_demands_keys_and_the_product_of_its_last_step() -> None:
    """Its inspections are named with what they run."""
    found = demands_of(CLASSIC, "root.layout")

    write, pack = found.steps
    assert (found.source, found.kind, found.artifact) == ("root.layout", "classic", "pack")
    assert found.expires == datetime(2100, 1, 1, tzinfo=UTC)
    assert found.inspections == (("look", ("ls", "-l")), ("untar", ("tar", "xf", "a.tar")))
    assert (write.people, write.threshold, write.command) == ((f"key {BOB.keyid}",), 1, ("vi", "a"))
    assert (write.products, write.lets_through) == (("CREATE a",), ("materials", "products"))
    assert pack.materials == ("MATCH * WITH PRODUCTS FROM write", "DISALLOW *")
    assert pack.lets_through == ("products",)


def test_a_keyless_layout_has_no_command_where_none_is_demanded() -> None:
    """And an empty one, which no program is, where that is written is refused."""
    found = demands_of(LAYOUT.encode(), "root.yaml")

    assert [one.command for one in found.steps] == [(), ()]
    assert (found.kind, found.artifact, len(found.steps)) == ("keyless", "pack", 2)
    empty = LAYOUT.replace("- name: build", "- name: build\n    expected-command: []")
    with pytest.raises(UsageError, match="expected-command"):
        demands_of(empty.encode(), "root.yaml")


@pytest.mark.parametrize(
    ("rules", "open_"),
    [
        ([], True),
        (["ALLOW *"], True),
        (["REQUIRE a"], True),
        (["DISALLOW *"], False),
        (["ALLOW a", "disallow *"], False),
        (["DISALLOW *", "ALLOW *"], False),
        (["DISALLOW *.exe"], True),
    ],
)
def test_what_lets_everything_else_through_is_said(
    rules: list[str],
    open_: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """In both kinds: a side without a rule that refuses all that is left."""
    keyless = LAYOUT.replace("[CREATE app, DISALLOW *]", json.dumps(rules))
    made = step("build", BOB, expected_products=[rule.split() for rule in rules])

    for data in (keyless.encode(), classic(made)):
        build = demands_of(data, "x").steps[0]
        assert ("products" in build.lets_through) is open_
        assert "materials" in build.lets_through


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (signed(link("build"), BOB), "root.layout: this is a classic link, and no layout"),
        (CLASSIC[:-1], "root.layout: this is no classic layout that is read here: "),
        (b"{}", "root.layout: this is no classic layout that is read here: "),
    ],
    ids=["a link", "cut", "empty"],
)
def test_what_is_no_classic_layout_is_refused_by_name(data: bytes, message: str) -> None:
    """With how a layout of each kind looks."""
    with pytest.raises(UsageError) as refused:
        demands_of(data, "root.layout")

    assert refused.value.message.startswith(message)
    assert refused.value.reason is Reason.LAYOUT_CLASSIC
    assert "in-toto-sign" in refused.value.hint


def test_the_limits_of_a_call_are_those_of_its_rules() -> None:
    """A rule of a kilobyte is a rule, of more it is none; in both kinds."""
    limits = replace(DEFAULT_LIMITS, rule_word_bytes=5)

    for data in (LAYOUT.encode(), CLASSIC):
        assert demands_of(data, "x").steps
        with pytest.raises(UsageError, match="a word is longer than 5 bytes"):
            demands_of(data, "x", limits)


@given(st.integers(0, len(CLASSIC)), st.binary(max_size=8), st.integers(0, 8))
def test_any_change_of_a_classic_layout_is_one_or_refused(
    place: int, put: bytes, taken: int
) -> None:
    """A byte in the middle of what was a layout: nothing else leaves than a refusal."""
    data = CLASSIC[:place] + put + CLASSIC[place + taken :]
    try:
        steps = demands_of(data, "x").steps
    except UsageError:
        return
    assert steps
