"""Artifact rules: each kind in a table, and our verdict held against the package's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_toto import verifylib
from in_toto.exceptions import RuleVerificationError
from in_toto.models.link import Link

from slsa_gen.intoto.rules import Item, RuleSyntaxError, RuleWords, check_items
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.verdict import Check

ONE, TWO = {"sha256": "1" * 64}, {"sha256": "2" * 64}


@dataclass(frozen=True)
class Said:
    """What a link says, made by hand."""

    materials: Mapping[str, Mapping[str, str]]
    products: Mapping[str, Mapping[str, str]]


#: The step that MATCH compares with.
SOURCE = Said({"in.txt": ONE}, {"a": ONE, "dir/a": ONE, "b": TWO})


def ours(side: str, rules: list[str], said: Said) -> tuple[Check, ...]:
    """Apply the rules, one text each, to one side of the step ``made``."""
    words = tuple(RuleWords.make(rule.split()) for rule in rules)
    item = Item("made", **{side: words})
    return check_items([item], {"made": said, "source": SOURCE})


def theirs(side: str, rules: list[str], said: Said) -> bool:
    """Ask the package about the same: true, or false for whatever it raises."""
    links = {
        name: Link(name=name, materials=dict(link.materials), products=dict(link.products))
        for name, link in {"made": said, "source": SOURCE}.items()
    }
    try:
        verifylib.verify_item_rules("made", side, [rule.split() for rule in rules], links)
    except (RuleVerificationError, KeyError):
        return False
    return True


NOTHING: Mapping[str, Mapping[str, str]] = {}

TABLE = [
    # (rules on the products, materials, products, whether it holds)
    (["CREATE a", "DISALLOW *"], NOTHING, {"a": ONE}, True),
    (["CREATE a", "DISALLOW *"], {"a": ONE}, {"a": ONE}, False),
    (["CREATE a", "DISALLOW *"], NOTHING, {"a": ONE, "b": ONE}, False),
    (["CREATE *.t", "DISALLOW *"], NOTHING, {"x/y.t": ONE}, True),
    (["MODIFY a", "DISALLOW *"], {"a": ONE}, {"a": TWO}, True),
    (["MODIFY a", "DISALLOW *"], {"a": ONE}, {"a": ONE}, False),
    (["MODIFY a", "DISALLOW *"], NOTHING, {"a": ONE}, False),
    (["ALLOW a", "DISALLOW *"], NOTHING, {"a": ONE}, True),
    (["ALLOW b", "DISALLOW *"], NOTHING, {"a": ONE}, False),
    (["ALLOW [ab]", "DISALLOW *"], NOTHING, {"a": ONE, "b": ONE}, True),
    (["ALLOW ?", "DISALLOW *"], NOTHING, {"ab": ONE}, False),
    (["REQUIRE a"], NOTHING, {"a": ONE}, True),
    (["REQUIRE a"], NOTHING, {"b": ONE}, False),
    (["REQUIRE *"], NOTHING, {"a": ONE}, False),
    (["ALLOW a", "REQUIRE a"], NOTHING, {"a": ONE}, False),
    (["DISALLOW a"], NOTHING, {"a": ONE}, False),
    (["DISALLOW a"], NOTHING, {"b": ONE}, True),
    (["disallow A"], NOTHING, {"a": ONE}, True),
    ([], NOTHING, {"a": ONE}, True),
    (["MATCH a WITH PRODUCTS FROM source", "DISALLOW *"], NOTHING, {"a": ONE}, True),
    (["MATCH a WITH PRODUCTS FROM source", "DISALLOW *"], NOTHING, {"a": TWO}, False),
    (["MATCH a WITH MATERIALS FROM source", "DISALLOW *"], NOTHING, {"a": ONE}, False),
    (["MATCH in.txt WITH MATERIALS FROM source", "DISALLOW *"], NOTHING, {"in.txt": ONE}, True),
    (["MATCH a WITH PRODUCTS FROM other", "DISALLOW *"], NOTHING, {"a": ONE}, False),
    (["MATCH a IN x WITH PRODUCTS FROM source", "DISALLOW *"], NOTHING, {"x/a": ONE}, True),
    (["MATCH a IN x/ WITH PRODUCTS FROM source", "DISALLOW *"], NOTHING, {"x/a": ONE}, True),
    (["MATCH a IN y WITH PRODUCTS FROM source", "DISALLOW *"], NOTHING, {"x/a": ONE}, False),
    (["MATCH a WITH PRODUCTS IN dir FROM source", "DISALLOW *"], NOTHING, {"a": ONE}, True),
    (["MATCH b WITH PRODUCTS IN dir FROM source", "DISALLOW *"], NOTHING, {"b": TWO}, False),
    (
        ["MATCH a IN x WITH PRODUCTS IN dir FROM source", "DISALLOW *"],
        NOTHING,
        {"x/a": ONE},
        True,
    ),
    (["MATCH * IN x WITH PRODUCTS FROM source", "DISALLOW *"], NOTHING, {"x//a": ONE}, False),
]


@pytest.mark.parametrize(("rules", "materials", "products", "holds"), TABLE)
def test_each_rule_holds_where_the_package_says_so(
    rules: list[str],
    materials: Mapping[str, Mapping[str, str]],
    products: Mapping[str, Mapping[str, str]],
    holds: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """A table of every rule, for products; the package agrees with each line."""
    said = Said(materials, products)

    checks = ours("products", rules, said)

    assert all(check.passed for check in checks) is holds
    assert theirs("products", rules, said) is holds
    assert len(checks) == len(rules)


@pytest.mark.parametrize(
    ("materials", "products", "holds"),
    [({"a": ONE}, NOTHING, True), ({"a": ONE}, {"a": ONE}, False), (NOTHING, NOTHING, True)],
)
def test_delete_takes_what_is_gone_afterwards(
    materials: Mapping[str, Mapping[str, str]],
    products: Mapping[str, Mapping[str, str]],
    holds: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """DELETE is a rule on materials, as what it takes is no product."""
    rules, said = ["DELETE a", "DISALLOW *"], Said(materials, products)

    assert all(check.passed for check in ours("materials", rules, said)) is holds
    assert theirs("materials", rules, said) is holds


names = st.sampled_from(["a", "b", "dir/a", "dir/b", "x/a", "x//a", "x/dir/a", "in.txt"])
sets = st.dictionaries(names, st.sampled_from([ONE, TWO]), max_size=6)
patterns = st.sampled_from(["*", "a", "b", "?", "[ab]", "dir/*", "x/*", "in.txt", "[!a]", "**"])
generic = st.builds(
    "{} {}".format,
    st.sampled_from(["CREATE", "DELETE", "MODIFY", "ALLOW", "REQUIRE", "DISALLOW"]),
    patterns,
)
prefixes = st.sampled_from(["", "IN x ", "IN dir ", "IN x/ ", "IN x/dir "])
match = st.builds(
    "MATCH {} {}WITH {} {}FROM {}".format,
    patterns,
    prefixes,
    st.sampled_from(["MATERIALS", "PRODUCTS"]),
    prefixes,
    st.sampled_from(["source", "made", "other"]),
)
rule_lists = st.lists(st.one_of(generic, match), max_size=6)


def assert_agreement(side: str, rules: list[str], materials: object, products: object) -> None:
    """Hold our verdict against the package's."""
    said = Said(materials, products)  # type: ignore[arg-type] # made by the strategies
    assert all(c.passed for c in ours(side, rules, said)) is theirs(side, rules, said)


@given(st.sampled_from(["materials", "products"]), rule_lists, sets, sets)
@settings(max_examples=400, deadline=None)
def test_the_verdict_on_any_artifacts_is_the_packages(
    side: str, rules: list[str], materials: object, products: object
) -> None:
    """Whatever is recorded and demanded, the package's verdict is ours."""
    assert_agreement(side, rules, materials, products)


@pytest.mark.soak
@given(st.sampled_from(["materials", "products"]), rule_lists, sets, sets)
@settings(max_examples=5_000, deadline=None)
def test_the_verdict_on_very_many_artifacts_is_the_packages(
    side: str, rules: list[str], materials: object, products: object
) -> None:
    """The same, often."""
    assert_agreement(side, rules, materials, products)


@given(st.lists(st.text(max_size=8), max_size=11))
def test_any_words_are_a_rule_or_refused_as_none(words: list[str]) -> None:
    """No foreign exception leaves, and what is taken can be unpacked."""
    try:
        rule = RuleWords.make(words)
    except RuleSyntaxError:
        return
    assert rule.unpacked["pattern"] == words[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["ALOW", "*"],
            (
                "'ALOW *' is no artifact rule; one begins with: "
                "ALLOW, CREATE, DELETE, DISALLOW, MATCH, MODIFY, REQUIRE"
            ),
        ),
        (["ALLOW"], "'ALLOW' is no ALLOW rule; it is written: ALLOW PATTERN"),
        (
            ["MATCH", "a", "WITH", "THINGS", "FROM", "b"],
            (
                "'MATCH a WITH THINGS FROM b' is no MATCH rule; it is written: "
                "MATCH PATTERN [IN PREFIX] WITH MATERIALS|PRODUCTS [IN PREFIX] FROM STEP"
            ),
        ),
        (["ALLOW", "a" * 1025], "a word is longer than 1024 bytes"),
        ([], "'' is no artifact rule; one begins with: "),
    ],
)
def test_words_that_are_no_rule_are_refused_with_the_form(words: list[str], message: str) -> None:
    """Whoever mistypes a rule sees how it is written."""
    with pytest.raises(RuleSyntaxError) as refused:
        RuleWords.make(words)

    assert str(refused.value).startswith(message)


def test_words_that_are_no_texts_are_refused() -> None:
    """A classic layout's JSON may hold anything."""
    with pytest.raises(RuleSyntaxError, match="a rule is a list of texts"):
        RuleWords.make(["ALLOW", 3])  # type: ignore[list-item] # what JSON may hold


def test_a_disallowed_artifact_is_named_with_what_was_expected_and_found() -> None:
    """Which step, which rule, which artifact, and both digests."""
    rules = ["MATCH a WITH PRODUCTS FROM source", "DISALLOW *"]

    taken, refused = ours("products", rules, Said(NOTHING, {"a": TWO}))

    assert (taken.passed, taken.found) == (True, "takes 0, leaves 1")
    assert refused.expected == "step 'made', products: DISALLOW *"
    assert refused.found == (
        "'a', not taken by 'MATCH a WITH PRODUCTS FROM source': "
        f"here sha256:{'2' * 64}, in the products of 'source' sha256:{'1' * 64}"
    )
    assert refused.reason is Reason.LAYOUT_DISALLOWED


@pytest.mark.parametrize(
    ("rule", "materials", "products", "why"),
    [
        ("CREATE a", {"a": ONE}, {"a": ONE}, "it was there before"),
        ("MODIFY a", {"a": ONE}, {"a": ONE}, "it is unchanged, or on one side only"),
        ("DELETE a", {"a": ONE}, {"a": ONE}, "it is still there"),
        ("MATCH a WITH PRODUCTS FROM no", NOTHING, {"a": ONE}, "there is no link of step 'no'"),
        (
            "MATCH a WITH MATERIALS IN p FROM source",
            NOTHING,
            {"a": ONE},
            "step 'source' has no 'p/a' among its materials",
        ),
    ],
)
def test_the_reason_why_no_rule_took_an_artifact_is_said(
    rule: str,
    materials: Mapping[str, Mapping[str, str]],
    products: Mapping[str, Mapping[str, str]],
    why: str,
) -> None:
    """The rule that came nearest says what it wanted."""
    checks = ours("products", [rule, "DISALLOW *"], Said(materials, products))

    assert checks[1].found == f"'a', not taken by {rule!r}: {why}"


def test_every_rule_is_run_after_one_that_does_not_hold() -> None:
    """A verdict is complete, so one look shows everything that is wrong."""
    checks = ours("products", ["REQUIRE b", "DISALLOW a", "ALLOW a"], Said(NOTHING, {"a": ONE}))

    assert [check.passed for check in checks] == [False, False, True]
    assert [check.reason for check in checks[:2]] == [
        Reason.LAYOUT_REQUIRED,
        Reason.LAYOUT_DISALLOWED,
    ]


def test_a_required_artifact_that_was_taken_is_said_to_be() -> None:
    """The usual mistake: REQUIRE after the rule that takes the artifact."""
    checks = ours("products", ["ALLOW a", "REQUIRE a"], Said(NOTHING, {"a": ONE}))

    assert checks[1].found == "'a' is taken by an earlier rule (products in all: 1)"


def test_of_many_artifacts_a_few_are_named() -> None:
    """A report stays readable, whatever a step left behind."""
    (check,) = ours("products", ["DISALLOW *"], Said(NOTHING, {f"f{n}": ONE for n in range(9)}))

    assert check.found.count("which no rule names") == 5
    assert check.found.endswith("; and 4 more")


def test_a_prefix_that_the_package_cannot_join_is_refused() -> None:
    """The package fails on a doubled slash; we say so."""
    rules = ["MATCH * IN x WITH PRODUCTS FROM source"]

    (check,) = ours("products", rules, Said(NOTHING, {"x//a": ONE}))

    assert check.reason is Reason.LAYOUT_RULE
    assert check.found == "the name '/a', made of the rule's prefix, is not among the products"


def test_more_work_than_the_limit_is_refused_before_it_is_done() -> None:
    """Rules times artifacts is bounded."""
    item = Item("made", products=(RuleWords.make(["ALLOW", "a"]),) * 3)
    said = Said(NOTHING, {"a": ONE, "b": ONE})

    (check,) = check_items([item], {"made": said}, replace(DEFAULT_LIMITS, rule_applications=5))

    assert check.reason is Reason.LAYOUT_TOO_LARGE
    assert check.found == "step 'made': 3 rules for 2 products"


def test_as_much_as_the_limits_is_taken() -> None:
    """A word of a kilobyte, counted in bytes, and work up to the last application."""
    item = Item("made", products=(RuleWords.make(["ALLOW", "a"]),) * 3)
    said = Said(NOTHING, {"a": ONE, "b": ONE})

    checks = check_items([item], {"made": said}, replace(DEFAULT_LIMITS, rule_applications=6))

    assert [check.passed for check in checks] == [True] * 3
    assert RuleWords.make(["ALLOW", "é" * 512]).words[1] == "é" * 512
    with pytest.raises(RuleSyntaxError, match="longer than 1024 bytes"):
        RuleWords.make(["ALLOW", "é" * 513])


def test_a_required_artifact_that_is_nowhere_is_said_to_be() -> None:
    """Not taken by a rule: it was never there."""
    checks = ours("products", ["ALLOW b", "REQUIRE a"], Said(NOTHING, {"b": ONE}))

    assert checks[1].found == "'a' is not there (products in all: 1)"


def test_a_step_without_a_link_has_no_rules_to_judge() -> None:
    """That its link is missing is said where functionaries are counted."""
    assert check_items([Item("gone", products=(RuleWords.make(["ALLOW", "*"]),))], {}) == ()


def test_a_matching_step_is_known_by_name() -> None:
    """Only MATCH names another step."""
    words = ["MATCH", "a", "IN", "p", "WITH", "PRODUCTS", "IN", "q", "FROM", "b"]

    assert RuleWords.make(words).step == "b"
    assert RuleWords.make(["ALLOW", "*"]).step is None
