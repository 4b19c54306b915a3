"""A keyless layout's signature, its steps and its artifact: what the verdict says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from in_toto.models.link import Link

from slsa_gen.intoto.keyless_layout import (
    SignedLayout,
    StepsJudged,
    check_signature,
    judge_steps,
    layout_digests,
    verdict_on,
)
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.subject import Subject
from slsa_gen.provenance import statement
from slsa_gen.reasons import Reason
from tests.support.values import SIGNED_AT, subject
from tests.unit.intoto.claims import (
    LAYOUT,
    OWNER,
    POLICY,
    WORKER,
    Believing,
    build_said,
    claimed,
    layout,
    layout_said,
    link_said,
    pack_said,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slsa_gen.model.statement import Statement
    from slsa_gen.model.verdict import AttestationVerdict, Check

ARTIFACT: Final = (Digest("sha256", "2" * 64),)


def signed(prover: Believing | None = None, **bundles: Statement) -> SignedLayout:
    """Judge a layout's bundles, each by its name; the owner's own unless given."""
    evidence = [
        Evidence(name, claimed(said)) for name, said in (bundles or {"own": layout_said()}).items()
    ]
    digests = layout_digests(LAYOUT.encode())
    return check_signature(layout(), digests, evidence, prover or Believing(), POLICY)


def steps(*said: Statement, prover: Believing | None = None, days: int = 0) -> StepsJudged:
    """Judge the steps' links, some days after they were signed."""
    evidence = [Evidence(f"{number}", claimed(one)) for number, one in enumerate(said)]
    return judge_steps(
        layout(),
        evidence,
        prover or Believing(),
        sandbox=False,
        now=SIGNED_AT + timedelta(days=days),
    )


def verdict(
    *said: Statement, digests: tuple[Digest, ...] = ARTIFACT, days: int = 0
) -> AttestationVerdict:
    """Judge an artifact; the links are those of both steps unless given."""
    judged = steps(*(said or (build_said(), pack_said())), days=days)
    return verdict_on(signed(), judged, digests)


def failures(checks: Sequence[Check]) -> list[Reason | None]:
    """Return the reasons of the checks that failed."""
    return [check.reason for check in checks if not check.passed]


def test_what_the_demanded_steps_made_is_accepted() -> None:
    """By name of the layout, without a level; every check says what it found, and no hint."""
    found = verdict()

    assert (found.accepted, found.source, found.level) == (True, "root.yaml", None)
    assert all(check.reason is None and not check.hint for check in found.checks)
    assert (found.checks[-1].rule, found.checks[-1].found) == ("layout.product", "'app.tar'")
    predicate = next(check for check in found.checks if check.rule == "layout.predicate")
    assert predicate.found == "it does"


def test_every_failed_check_says_what_to_do() -> None:
    """Whatever failed: expected, found, a reason and a hint."""
    refused = [
        *verdict(build_said(), pack_said("3"), days=9999).checks,
        *verdict(build_said()).checks,
        *signed(changed=layout_said(artifact="build")).verdicts[0].checks,
        *signed(Believing(refused=("own",))).verdicts[0].checks,
    ]

    failed = [check for check in refused if not check.passed]
    assert {check.reason for check in failed} == {
        Reason.LAYOUT_EXPIRED,
        Reason.LAYOUT_ARTIFACT,
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_PREDICATE,
        Reason.SIGNATURE_INVALID,
    }
    assert all(check.reason and check.hint and check.expected and check.found for check in failed)


@pytest.mark.parametrize(
    ("said", "digests", "found"),
    [
        ((build_said(), pack_said("3")), ARTIFACT, "another product: 'app.tar'"),
        ((build_said(), pack_said()), (Digest("sha256", "1" * 64),), "a product of the step 'bui"),
        ((build_said(),), ARTIFACT, "the step has no link that counts"),
        ((pack_said(),), (Digest("sha1", "2" * 40),), "another product: 'app.tar'"),
        (
            (
                link_said(
                    "pack",
                    *(
                        subject(f"{name}.tar", digit)
                        for name, digit in zip("dcba", "6543", strict=True)
                    ),
                ),
            ),
            ARTIFACT,
            "another product: 'a.tar', 'b.tar', 'c.tar' and 1 more",
        ),
    ],
    ids=["changed", "of another step", "no link", "weak", "many"],
)
def test_what_the_artifact_is_instead_is_said(
    said: tuple[Statement, ...], digests: tuple[Digest, ...], found: str
) -> None:
    """A product of another step is no product of the one that is named."""
    check = verdict(*said, digests=digests).checks[-1]

    assert check.reason is Reason.LAYOUT_ARTIFACT
    assert found in check.found


@pytest.mark.parametrize(
    ("digests", "accepted"),
    [
        ((Digest("sha256", "2" * 64),), True),
        ((Digest("sha256", "2" * 64), Digest("sha512", "4" * 128)), True),
        ((Digest("sha256", "2" * 64), Digest("sha512", "5" * 128)), False),
        ((Digest("sha256", "1" * 64), Digest("sha512", "4" * 128)), False),
        ((Digest("sha384", "4" * 96),), False),
        ((), False),
        # The link knows this digest too, but who made the file chose which files have it.
        ((Digest("sha1", "2" * 40),), False),
        ((Digest("sha1", "3" * 40), Digest("sha256", "2" * 64)), True),
    ],
)
def test_the_artifact_is_what_all_strong_digests_say(
    digests: tuple[Digest, ...],
    accepted: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """Of those that both know, each must be equal, and there must be one."""
    known = {"sha256": "2" * 64, "sha512": "4" * 128, "sha1": "2" * 40}
    judged = StepsJudged((), {"pack": Link(name="pack", products={"app.tar": known})})

    assert verdict_on(signed(), judged, digests).accepted is accepted


def test_of_two_products_of_one_content_both_are_named() -> None:
    """It cannot be known which of them the artifact is, and does not matter."""
    pack = link_said("pack", subject("b", "2"), subject("a", "2"), materials=[subject("app", "1")])

    assert verdict(build_said(), pack).checks[-1].found == "'a', 'b'"


def test_one_good_bundle_of_several_is_enough_for_a_layout() -> None:
    """Whoever may put a file beside it must not be able to have the layout refused."""
    others = Believing(others={"eve": WORKER}, refused=("bad",))
    found = signed(others, bad=layout_said(), eve=layout_said(), own=layout_said())

    assert found.accepted
    assert [one.source for one in found.verdicts] == ["own"]


def test_two_bad_bundles_are_both_named() -> None:
    """Each with its reason; several of them are no yes, whatever each of them is."""
    others = Believing(others={"eve": WORKER}, refused=("bad",))
    found = signed(others, bad=layout_said(), eve=layout_said())

    assert not found.accepted
    assert [failures(one.checks) for one in found.verdicts] == [
        [Reason.SIGNATURE_INVALID],
        [Reason.SIGNER_IDENTITY],
    ]
    (good,) = signed().verdicts
    assert not SignedLayout(layout(), (good, good)).accepted


def test_a_changed_layout_is_told_as_such() -> None:
    """The hint speaks of the layout, and not of the artifact that was asked about."""
    other = LAYOUT.replace("ALLOW", "allow").replace("2030", "2031")
    (found,) = signed(own=layout_said(other)).verdicts

    named = {check.reason: check for check in found.checks if not check.passed}
    assert set(named) == {Reason.SUBJECT_DIGEST_NOT_IN_STATEMENT, Reason.LAYOUT_PREDICATE}
    check = named[Reason.SUBJECT_DIGEST_NOT_IN_STATEMENT]
    assert check.expected.endswith(", which is the layout 'root.yaml'")
    assert check.hint.startswith("The layout was changed after it was signed")
    assert named[Reason.LAYOUT_PREDICATE].found == "it says something else"
    assert [one.rule for one in found.checks if "which is the layout" in one.expected] == [
        check.rule
    ]


@pytest.mark.parametrize(
    "said",
    [
        link_said("build", Subject("root.yaml", layout_digests(LAYOUT.encode()))),
        statement.encode(
            [Subject("root.yaml", layout_digests(LAYOUT.encode()))],
            "urn:slsa-gen:predicate:layout:v2",
            layout().document,
        ),
    ],
    ids=["a link", "another version"],
)
def test_a_statement_of_another_kind_signs_no_layout(said: Statement) -> None:
    """Although its owner signed it, and it names the layout's file."""
    found = signed(Believing(others={"own": OWNER}), own=said)

    assert not found.accepted
    assert Reason.PREDICATE_TYPE in failures(found.verdicts[0].checks)


@pytest.mark.parametrize(("days", "passed"), [(0, True), (9999, False)])
def test_an_expired_layout_is_judged_to_its_end(
    days: int,
    passed: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """Expiry is one check, and the others are said beside it."""
    found = verdict(days=days)

    assert (found.accepted, len(found.checks)) == (passed, len(verdict().checks))
    assert failures(found.checks) == ([] if passed else [Reason.LAYOUT_EXPIRED])


def test_a_layout_proves_nothing_from_the_moment_on_that_it_names() -> None:
    """The last moment before is one at which it is valid."""
    expiry = layout().expires

    def reasons(now: datetime) -> list[Reason | None]:
        found = judge_steps(layout(), [], Believing(), sandbox=False, now=now)
        return failures(found.checks[:1])

    assert reasons(expiry - timedelta(microseconds=1)) == []
    assert reasons(expiry) == [Reason.LAYOUT_EXPIRED]


def test_a_layout_without_a_bundle_is_not_accepted() -> None:
    """No verdict is no yes."""
    assert not SignedLayout(layout(), ()).accepted


@pytest.mark.parametrize(("hosted", "counts"), [(False, True), (True, False)])
def test_links_are_asked_for_the_machine_that_is_demanded(
    hosted: bool,  # noqa: FBT001 (a column of the table)
    counts: bool,  # noqa: FBT001 (as above)
) -> None:
    """The layout's signer is not the only one who must not have had one of their own."""
    prover = Believing(others={"b": replace(WORKER, runner_environment="self-hosted")})
    evidence = [Evidence("b", claimed(build_said()))]

    judged = judge_steps(layout(), evidence, prover, sandbox=False, now=SIGNED_AT, hosted=hosted)

    assert ("build" in judged.links) is counts


def test_a_link_of_a_step_stands_for_no_other() -> None:
    """Two links of one name are the links of one step, and the other has none."""
    judged = steps(build_said(), link_said("build", subject("app", "1")))

    assert set(judged.links) == {"build"}
    assert failures(judged.checks) == [Reason.LAYOUT_FUNCTIONARIES]
    assert LINK_V03.endswith("v0.3")


def test_rules_are_applied_between_steps() -> None:
    """What the second step took in is what the first gave out, or it is refused."""
    other = link_said("pack", subject("app.tar", "2"), materials=[subject("app", "9")])

    assert failures(verdict(build_said(), other).checks) == [Reason.LAYOUT_DISALLOWED]


def test_too_many_artifacts_for_its_rules_are_refused() -> None:
    """The limit of a call reaches the rules of every step."""
    limits = replace(DEFAULT_LIMITS, rule_applications=1)
    evidence = [Evidence("b", claimed(build_said()))]

    judged = judge_steps(
        layout(), evidence, Believing(), sandbox=False, now=SIGNED_AT, limits=limits
    )

    assert Reason.LAYOUT_TOO_LARGE in failures(judged.checks)
