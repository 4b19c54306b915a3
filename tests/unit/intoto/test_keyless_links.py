"""Which links count for a step of a keyless layout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.intoto import kinds
from slsa_gen.intoto.keyless_layout import (
    SignedLayout,
    StepsJudged,
    check_signature,
    judge_steps,
    layout_digests,
    verdict_on,
)
from slsa_gen.intoto.keyless_links import LinkJudge
from slsa_gen.intoto.layout_document import parse
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.identity import SignerIdentity
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.model.layout import LAYOUT_V1, Functionary, LayoutStep
from slsa_gen.model.subject import Subject
from slsa_gen.policy.policy import Policy
from slsa_gen.provenance import statement
from slsa_gen.reasons import Reason
from tests.support.values import SIGNED_AT, proved, subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.layout import KeylessLayout
    from slsa_gen.model.verdict import Check
    from slsa_gen.model.verified import VerifiedStatement

ISSUER = "https://issuer.example"
BOB, CARL = SignerIdentity("bob@example.com", ISSUER), SignerIdentity("carl@example.com", ISSUER)
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
        (link(signer=SignerIdentity("eve@example.com", ISSUER)), "signed by eve@example.com"),
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


def test_links_are_asked_for_the_machine_that_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout's signer is not the only one who must not have had one of their own."""
    one = link(signer=replace(BOB, runner_environment="self-hosted"))
    claims = {"build": [Evidence(one.source, b"")]}
    monkeypatch.setattr("slsa_gen.intoto.keyless_layout.claims_by_step", lambda *_: claims)

    def counts(*, hosted: bool) -> bool:
        found = judge_steps(layout(), [], Proofs(one), sandbox=False, now=SIGNED_AT, hosted=hosted)
        return "build" in found.links

    assert counts(hosted=False)
    assert not counts(hosted=True)


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


LAYOUT = f"""\
version: 1
expires: 2030-01-01T00:00:00Z
artifact: build
steps:
  - name: build
    functionaries: [{{issuer: {ISSUER}, identity: bob@example.com}}]
    products: [CREATE app.tar.gz, DISALLOW *]
"""
OWNER = Policy(cert_identity="carl@example.com", cert_oidc_issuer=ISSUER, predicate_type=LAYOUT_V1)


def layout() -> KeylessLayout:
    """Return the layout."""
    return parse(LAYOUT.encode(), "root.yaml")


def signature(predicate: object = None, signer: SignerIdentity = CARL) -> SignedLayout:
    """Judge the layout's signature."""
    digests = layout_digests(LAYOUT.encode())
    body = layout().document if predicate is None else predicate
    said = statement.encode([Subject("root.yaml", digests)], LAYOUT_V1, body)  # type: ignore[arg-type] # JSON
    one = replace(proved(said, signer), source="root")
    return check_signature(layout(), digests, [Evidence("root", b"")], Proofs(one), OWNER)


def failed(signed: SignedLayout) -> set[Reason | None]:
    """Return the reasons for which a signature does not do."""
    return {c.reason for v in signed.verdicts for c in v.checks if not c.passed}


def test_a_layout_counts_when_its_owner_signed_it() -> None:
    """Its verdict is then the only one."""
    assert signature().accepted


def test_a_layout_that_somebody_else_signed_is_not_followed() -> None:
    """Nothing of it is believed."""
    assert failed(signature(signer=BOB)) == {Reason.SIGNER_IDENTITY}


def test_a_predicate_that_says_something_else_is_refused() -> None:
    """File and statement are one, or nobody knows which of them was meant."""
    assert failed(signature({**layout().document, "artifact": "x"})) == {Reason.LAYOUT_PREDICATE}


def test_a_layouts_bundle_that_does_not_verify_is_named() -> None:
    """With the reason of the proof."""
    found = check_signature(
        layout(), layout_digests(LAYOUT.encode()), [Evidence("x", b"")], Proofs(), OWNER
    )

    assert failed(found) == {Reason.SIGNATURE_INVALID}
    assert not found.accepted


def test_a_layout_without_a_bundle_is_not_accepted() -> None:
    """No verdict is no yes."""
    assert not SignedLayout(layout(), ()).accepted


def test_the_artifact_must_be_a_product_of_the_named_step() -> None:
    """By a strong digest: where two are shared, both must be equal."""
    steps = StepsJudged((), {"build": _Link({"app": {"sha256": "1" * 64, "sha512": "1" * 128}})})

    def passed(*digests: Digest) -> bool:
        return verdict_on(signature(), steps, digests).accepted

    assert passed(Digest("sha256", "1" * 64))
    assert not passed(Digest("sha256", "2" * 64))
    assert not passed(Digest("sha256", "1" * 64), Digest("sha512", "2" * 128))
    assert not passed(Digest("md5", "1" * 32))
    assert not passed()


class _Link:
    def __init__(self, products: dict[str, dict[str, str]]) -> None:
        self.products = products


def test_more_links_than_the_limit_are_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes milliseconds, and everybody can make many."""
    claims = {"build": [Evidence(str(n), b"") for n in range(3)]}
    monkeypatch.setattr("slsa_gen.intoto.keyless_layout.claims_by_step", lambda *_: claims)

    judged_steps = judge_steps(
        layout(),
        [],
        Proofs(),
        sandbox=False,
        now=SIGNED_AT,
        limits=replace(DEFAULT_LIMITS, layout_links=2),
    )

    assert judged_steps.checks[-1].reason is Reason.LAYOUT_TOO_LARGE


def test_a_layout_proves_nothing_from_the_moment_on_that_it_names() -> None:
    """The last moment before is one at which it is valid."""
    expiry = layout().expires

    def passed(now: object) -> bool:
        found = judge_steps(layout(), [], Proofs(), sandbox=False, now=now)  # type: ignore[arg-type] # a moment
        return found.checks[0].passed

    assert passed(expiry.replace(year=2029))
    assert not passed(expiry)


def test_links_of_the_other_kind_are_named_where_links_are_missing() -> None:
    """And only those that are called as the layout's steps are."""
    (check,) = kinds.classic_for_keyless(["build"], ["build.0a1b2c3d.link", "test.0a1b2c3d.link"])

    assert check.reason is Reason.LAYOUT_KIND
    assert check.found == "'build.0a1b2c3d.link': classic link"
    assert kinds.classic_for_keyless(["build"], ["builder.link"]) == ()
    assert kinds.unreadable(()) == ()
    assert kinds.keyless_for_classic([Evidence("x", b"{")], DEFAULT_LIMITS) == ()
