"""Which links count for a step of a keyless layout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.intoto.keyless_links import LinkJudge
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.identity import SignerIdentity
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.model.layout import Functionary, LayoutStep
from slsa_gen.model.subject import Subject
from slsa_gen.provenance import statement
from slsa_gen.reasons import Reason
from tests.support.values import proved, subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.verdict import Check
    from slsa_gen.model.verified import VerifiedStatement

ISSUER = "https://issuer.example"
BOB, CARL = SignerIdentity("bob@example.com", ISSUER), SignerIdentity("carl@example.com", ISSUER)
EVE = SignerIdentity("eve@example.com", ISSUER)
STEP = LayoutStep(
    "build",
    (Functionary(ISSUER, "bob@example.com"), Functionary(ISSUER, "carl@example.com")),
    threshold=1,
)


def link(
    name: str = "build",
    *,
    products: Sequence[Subject] = (subject(),),
    signer: SignerIdentity = BOB,
    source: str = "b.intoto.jsonl",
    **more: object,
) -> VerifiedStatement:
    """Return a proved link."""
    predicate: dict[str, Any] = {
        "name": name,
        "command": ["make"],
        "materials": [],
        "byproducts": {"return-value": 0},
        "environment": {},
        **more,
    }
    return replace(proved(statement.encode(products, LINK_V03, predicate), signer), source=source)


class Proofs:
    """Proves what it was given, by the evidence's source."""

    def __init__(self, *proofs: VerifiedStatement) -> None:
        self._proofs = {one.source: one for one in proofs}

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what was given, or refuse."""
        try:
            return self._proofs[evidence.source]
        except KeyError:
            raise UntrustedSignatureError(
                f"{evidence.source}: the signature is of other bytes",
                reason=Reason.SIGNATURE_INVALID,
            ) from None


def judged(*proofs: VerifiedStatement, step: LayoutStep = STEP) -> tuple[Check, ...]:
    """Judge a step's links."""
    evidence = [Evidence(one.source, b"") for one in proofs]
    return (
        LinkJudge(Proofs(*proofs), sandbox=False, limits=DEFAULT_LIMITS)
        .judge(step, evidence)
        .checks
    )


def test_a_functionarys_link_counts() -> None:
    """One is enough where one is demanded."""
    (check,) = judged(link())

    assert check.passed
    assert check.found == f"bob@example.com (issuer {ISSUER})"


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        (link(signer=EVE), "signed by eve@example.com"),
        (link(signer=SignerIdentity("bob@example.com", "https://else")), "issuer https://else"),
        (link(signer=SignerIdentity("Bob@example.com", ISSUER)), "who may not do the step"),
        (link(name="other"), "a link of the step 'other'"),
        (link(byproducts={"return-value": 2}), "its command failed (return value 2)"),
        (link(byproducts={"return-value": False}), "its command failed (return value False)"),
        (link(byproducts={"return-value": "0"}), "its command failed (return value '0')"),
        (link(materials=[{"digest": {"sha256": "1" * 64}}]), "a material has no name"),
    ],
)
def test_any_other_link_is_passed_over_and_named(proof: VerifiedStatement, why: str) -> None:
    """Whoever looks for the missing link sees why each did not count."""
    (check,) = judged(proof)

    assert check.reason is Reason.LAYOUT_FUNCTIONARIES
    assert check.found.startswith("no link that counts; 1 not counted: b.intoto.jsonl: ")
    assert why in check.found


def test_a_product_without_a_strong_digest_does_not_count() -> None:
    """Whoever can make a second file of that digest could put it in the product's place."""
    weak = Subject("weak", (Digest("sha1", "1" * 40),))
    one = link()
    mixed = replace(one, statement=replace(one.statement, subjects=(subject(), weak)))

    (check,) = judged(mixed)

    assert check.reason is Reason.LAYOUT_FUNCTIONARIES
    assert "the product 'weak' has no digest of sha256, sha384, sha512" in check.found


def test_one_name_in_two_spellings_is_one_person() -> None:
    """The same mailbox, or the same repository, is not two that did the step."""
    spellings = (Functionary(ISSUER, "bob@example.com"), Functionary(ISSUER, "Bob@Example.com"))
    step = replace(STEP, functionaries=spellings, threshold=2)
    other = replace(link(signer=SignerIdentity("Bob@Example.com", ISSUER)), source="c.jsonl")

    checks = judged(link(), other, step=step)

    assert Reason.LAYOUT_FUNCTIONARIES in {check.reason for check in checks}
    assert all(check.passed for check in judged(link(), other, step=replace(step, threshold=1)))


@pytest.mark.parametrize(
    ("runner", "counts"), [("github-hosted", True), ("self-hosted", False), (None, False)]
)
def test_a_link_of_a_machine_of_its_own_does_not_count_where_those_are_denied(
    runner: str | None,
    counts: bool,  # noqa: FBT001 (a row)
) -> None:
    """What is demanded of the layout's signer is demanded of its steps, too."""
    one = link(signer=replace(BOB, runner_environment=runner))
    strict = LinkJudge(Proofs(one), sandbox=False, limits=DEFAULT_LIMITS, hosted=True)

    (check,) = strict.judge(STEP, [Evidence(one.source, b"")]).checks

    assert check.passed is counts
    assert counts or "not signed on a github-hosted runner" in check.found
    assert judged(one)[0].passed


@pytest.mark.parametrize("named", [True, False])
def test_a_link_of_a_sandbox_counts_only_where_the_sandbox_is_named(
    named: bool,  # noqa: FBT001 (the table's only column)
) -> None:
    """Its signatures are anybody's, also where a layout names them."""
    one = replace(link(signer=SignerIdentity("bob", SANDBOX_ISSUER)), sandbox=True)
    step = replace(STEP, functionaries=(Functionary(SANDBOX_ISSUER, "bob"),))
    judge = LinkJudge(Proofs(one), sandbox=named, limits=DEFAULT_LIMITS)

    assert judge.judge(step, [Evidence(one.source, b"")]).checks[0].passed is named


def test_what_does_not_verify_is_named() -> None:
    """It may be the link that is missing."""
    found = LinkJudge(Proofs(), sandbox=False, limits=DEFAULT_LIMITS).judge(
        STEP, [Evidence(f"{n}.intoto.jsonl", b"") for n in range(7)]
    )

    assert found.link is None
    assert "7 not counted: 0.intoto.jsonl: the signature is of other bytes" in found.checks[0].found
    assert found.checks[0].found.endswith("; and 2 more")


def test_a_threshold_counts_people_not_links() -> None:
    """Two links of one functionary are one."""
    step = replace(STEP, threshold=2)

    threshold, agreement = judged(link(), link(source="c.intoto.jsonl"), step=step)

    assert (threshold.passed, agreement.passed) == (False, True)
    assert [c.passed for c in judged(link(), link(signer=CARL, source="c"), step=step)] == [
        True
    ] * 2


@pytest.mark.parametrize(
    ("signer", "reason"),
    [(BOB, Reason.LAYOUT_AMBIGUOUS), (CARL, Reason.LAYOUT_DISAGREEMENT)],
)
def test_links_that_differ_are_refused(signer: SignerIdentity, reason: Reason) -> None:
    """In one word for another build of the same person, in another for two people."""
    other = link(products=(subject(digit="2"),), signer=signer, source="c.intoto.jsonl")

    _, check = judged(link(), other)

    assert check.reason is reason
    first, second = (f"sha256:{digit * 64}" for digit in "12")
    assert f"differ in their products: 'app.tar.gz' ({first}; {second})" in check.found


def test_who_gave_links_that_do_not_count_is_not_asked_for_any() -> None:
    """They are there: what to do is another thing than where nothing is."""
    assert judged()[0].hint.startswith("Give the bundles")
    assert judged(link(signer=replace(BOB, subject_alternative_name="eve")))[0].hint.startswith(
        "What was found does not count"
    )


def test_links_that_differ_in_materials_are_refused() -> None:
    """What a step began with counts as what it ended with."""
    other = link(materials=[{"name": "m", "digest": {"sha256": "1" * 64}}], signer=CARL, source="c")

    assert "differ in their materials: 'm' (not there; sha256:1" in judged(link(), other)[1].found


def test_another_command_than_the_expected_is_refused() -> None:
    """Where the layout says one."""
    step = replace(STEP, expected_command=("make", "all"))

    _, check = judged(link(), step=step)

    assert check.reason is Reason.LAYOUT_COMMAND
    assert judged(link(command=["make", "all"]), step=step)[1].passed


@pytest.mark.parametrize(
    ("threshold", "people", "words"),
    [
        (1, 1, "a link by the functionary bob@example.com"),
        (1, 2, "a link by 1 of the 2 functionaries bob@example.com"),
        (2, 2, "a link by 2 of the 2 functionaries bob@example.com"),
    ],
)
def test_how_many_links_are_demanded_is_said(threshold: int, people: int, words: str) -> None:
    """In words that a reader of the layout knows."""
    step = replace(STEP, threshold=threshold, functionaries=STEP.functionaries[:people])

    assert judged(link(), step=step)[0].expected.startswith(f"step 'build': {words}")


def test_of_the_links_that_do_not_count_five_are_named() -> None:
    """Not one more, and no rest where there is none."""

    def found(count: int) -> str:
        others = [link(signer=EVE, source=f"{n}.jsonl") for n in range(count)]
        return judged(*others)[0].found

    assert found(5).count("who may not do the step") == 5
    assert found(6).count("who may not do the step") == 5
    assert (" more" in found(5), found(6).endswith("; and 1 more")) == (False, True)


def test_a_check_has_a_reason_and_a_hint_where_it_failed_alone() -> None:
    """Each of the three, passed and not."""
    step = replace(STEP, expected_command=("make",))
    good = judged(link(), link(signer=CARL, source="c"), step=step)
    other = link(signer=CARL, source="c", command=["true"], products=(subject(digit="2"),))
    bad = [*judged(link(), other, step=step)[1:], *judged(step=step)]

    assert [check.rule for check in good] == [
        *("layout.threshold", "layout.agreement", "layout.command", "layout.command")
    ]
    assert all(check.passed and check.reason is None and not check.hint for check in good)
    failed = [check for check in bad if not check.passed]
    assert {check.reason for check in failed} == {
        Reason.LAYOUT_DISAGREEMENT,
        Reason.LAYOUT_COMMAND,
        Reason.LAYOUT_FUNCTIONARIES,
    }
    assert all(check.hint for check in failed)


def test_who_contradicts_himself_is_told_apart_from_two_who_disagree() -> None:
    """The one takes a link away; the others have to find out who is right."""
    once, other = link(), link(products=(subject(digit="2"),), source="c")
    by_carl = replace(other, signer=CARL)

    alone, together = judged(once, other)[1], judged(once, by_carl)[1]

    assert "bob@example.com (issuer https://issuer.example) signed both" in alone.found
    assert alone.hint == "Take away the links that are of another build."
    assert "signed both" not in together.found
    assert together.hint.startswith("The functionaries did not do the same.")


def test_the_third_link_is_compared_too() -> None:
    """Two that agree do not outvote one that does not."""
    third = link(products=(subject(digit="2"),), source="d")

    assert judged(link(), link(source="c"), third)[1].reason is Reason.LAYOUT_AMBIGUOUS


def test_the_command_of_each_link_that_counts_is_compared() -> None:
    """Not of the first alone; a link that does not count has no word in it."""
    step = replace(STEP, expected_command=("make",))
    wrong = link(signer=CARL, source="c", command=["make", "all"])
    stranger = link(signer=EVE, source="e", command=["evil"])

    commands = [
        check for check in judged(link(), wrong, stranger, step=step) if "command" in check.rule
    ]

    assert [(check.passed, check.found) for check in commands] == [
        (True, "b.intoto.jsonl: that command"),
        (False, "c: ['make', 'all']"),
    ]
