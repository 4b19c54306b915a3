"""Keyless layouts: is the artifact the product of the steps that a signed layout demands?

1. The layout's own bundle proves who signed the document's bytes, and the policy says
   whether that will do. Without both, nothing in it is believed.
2. It must not have expired.
3. Each step's links are counted (``keyless_links``).
4. Every artifact rule of every step is applied (``rules``).
5. The artifact's digest must be a product of the step that the layout names.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import RefusedError
from slsa_gen.intoto.artifact import check_product
from slsa_gen.intoto.keyless_links import LinkJudge, claims_by_step
from slsa_gen.intoto.layout_document import items_of
from slsa_gen.intoto.rules import check_items
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.verdict import AttestationVerdict, Check
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from in_toto.models.link import Link

    from slsa_gen.intoto.keyless_links import Prover
    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.layout import KeylessLayout
    from slsa_gen.model.verified import VerifiedStatement
    from slsa_gen.policy.policy import Policy

PREDICATE_RULE: Final = "layout.predicate"
EXPIRY_RULE: Final = "layout.expiry"
SUBJECT_RULE: Final = "subject.digest"
CLAIMS_RULE: Final = "layout.links"


def layout_digests(data: bytes) -> tuple[Digest, ...]:
    """Return the digests by which a layout's bundle is found."""
    return (Digest("sha256", hashlib.sha256(data).hexdigest()),)


@dataclass(frozen=True, slots=True)
class SignedLayout:
    """A layout, and what became of its signature: nothing is judged by it unless accepted.

    ``verdicts`` holds one for each bundle of the layout until one is accepted, which is then
    the only one.
    """

    layout: KeylessLayout
    verdicts: tuple[AttestationVerdict, ...]

    @property
    def accepted(self) -> bool:
        """Tell whether the one who must have signed it did."""
        return len(self.verdicts) == 1 and self.verdicts[0].accepted


def check_signature(
    layout: KeylessLayout,
    digests: tuple[Digest, ...],
    evidence: Sequence[Evidence],
    prover: Prover,
    policy: Policy,
) -> SignedLayout:
    """Prove the layout's bundles, and judge who signed.

    Args:
        layout: The document, as read from the file.
        digests: Those of the file's bytes.
        evidence: The bundles that may be the layout's.
        prover: Proves them.
        policy: Who must have signed; its predicate type is the layout's.
    """
    refused: list[AttestationVerdict] = []
    for one in evidence:
        try:
            verified = prover.prove(one)
        except RefusedError as error:
            refused.append(AttestationVerdict.unproved(one.source, error))
            continue
        verdict = evaluate(verified, digests, policy)
        checks = tuple(_of_the_layout(check, layout) for check in verdict.checks)
        checks = (*checks, _predicate(layout, verified)) if checks else ()
        verdict = replace(verdict, checks=checks)
        if verdict.accepted:
            return SignedLayout(layout, (verdict,))
        refused.append(verdict)
    return SignedLayout(layout, tuple(refused))


@dataclass(frozen=True, slots=True)
class StepsJudged:
    """What the steps' links are, whatever artifact is asked about."""

    checks: tuple[Check, ...]
    links: Mapping[str, Link]


def judge_steps(
    layout: KeylessLayout,
    evidence: Sequence[Evidence],
    prover: Prover,
    *,
    sandbox: bool,
    now: datetime,
    hosted: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> StepsJudged:
    """Count every step's links, and apply every rule.

    Args:
        layout: A layout whose signature was accepted.
        evidence: The bundles among which the links are looked for.
        prover: Proves them.
        sandbox: Whether the trusted root is a sandbox's.
        now: The time at which the layout must not have expired.
        hosted: Whether links count only that were signed on a machine of the platform.
        limits: How many links are proved.
    """
    claims = claims_by_step(evidence, (step.name for step in layout.steps), limits)
    checks = [_expiry(layout, now)]
    count = sum(len(found) for found in claims.values())
    if count > limits.layout_links:
        return StepsJudged((*checks, _too_many(count, limits)), {})
    judge = LinkJudge(prover, sandbox, limits, hosted)
    links: dict[str, Link] = {}
    for step in layout.steps:
        judged = judge.judge(step, claims[step.name])
        checks += judged.checks
        if judged.link is not None:
            links[step.name] = judged.link
    checks += check_items(items_of(layout, limits), links, limits)
    return StepsJudged(tuple(checks), links)


def verdict_on(
    signed: SignedLayout, steps: StepsJudged, digests: tuple[Digest, ...]
) -> AttestationVerdict:
    """Return the verdict on one artifact: the layout's signature, its steps, the product."""
    (accepted,) = signed.verdicts
    checks = (
        *accepted.checks,
        *steps.checks,
        check_product(steps.links, signed.layout.artifact, digests),
    )
    return replace(accepted, source=signed.layout.source, checks=checks, level=None)


def _of_the_layout(check: Check, layout: KeylessLayout) -> Check:
    """Return a check with what it is about: the layout's file, and not the artifact."""
    if check.rule != SUBJECT_RULE:
        return check
    expected = f"{check.expected}, which is the layout {layout.source!r}"
    hint = "The layout was changed after it was signed, or the bundle is another layout's."
    return replace(check, expected=expected, hint="" if check.passed else hint)


def _predicate(layout: KeylessLayout, verified: VerifiedStatement) -> Check:
    passed = verified.statement.predicate == layout.document
    return Check(
        PREDICATE_RULE,
        expected="a predicate that says what the layout's file says",
        found="it does" if passed else "it says something else",
        passed=passed,
        reason=None if passed else Reason.LAYOUT_PREDICATE,
        hint="" if passed else "Have the layout signed again: slsa-gen layout sign FILE",
    )


def _expiry(layout: KeylessLayout, now: datetime) -> Check:
    passed = now < layout.expires
    return Check(
        EXPIRY_RULE,
        expected=f"valid at {now:%Y-%m-%dT%H:%M:%SZ}",
        found=f"expires at {layout.expires.isoformat()}",
        passed=passed,
        reason=None if passed else Reason.LAYOUT_EXPIRED,
        hint="" if passed else "Ask whoever signs the layout for one that is still valid.",
    )


def _too_many(count: int, limits: Limits) -> Check:
    return Check(
        CLAIMS_RULE,
        expected=f"at most {limits.layout_links:,} bundles that may be links of its steps",
        found=f"{count:,}",
        passed=False,
        reason=Reason.LAYOUT_TOO_LARGE,
        hint="Put the links of this build into a folder of their own: --links DIR",
    )
