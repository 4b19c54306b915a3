"""The links of a keyless layout's steps: which bundles count, and whether they agree.

A bundle counts for a step when it proves a Link v0.3 of the step's name, signed by one of
the step's functionaries, whose command did not fail. What anybody else signed is passed
over, since everybody can put a file into a folder; it is named where links are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from slsa_gen.errors import RefusedError
from slsa_gen.evidence.contents import claimed_statement
from slsa_gen.intoto.link import LINK_V03, link_from
from slsa_gen.intoto.traces import first_difference
from slsa_gen.model.digest import HEX_LENGTHS
from slsa_gen.model.verdict import Check
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from in_toto.models.link import Link

    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.layout import Functionary, LayoutStep
    from slsa_gen.model.verified import VerifiedStatement

THRESHOLD_RULE: Final = "layout.threshold"
AGREEMENT_RULE: Final = "layout.agreement"
COMMAND_RULE: Final = "layout.command"
_HOSTED: Final = "github-hosted"
_NOT_GIVEN: Final = "Give the bundles of the step's run: --links DIR, or --bundle FILE for each."
_NOT_COUNTED: Final = (
    "What was found does not count, for the reason that is said. Give the links of those who may "
    "do the step: --links DIR, or --bundle FILE for each."
)
_SHOWN: Final = 5


class Prover(Protocol):
    """Proves a bundle against a trusted root."""

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what the bundle proves, or raise one of the refusals."""
        ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A link that counts for its step: who signed it, and where it was found."""

    functionary: Functionary
    source: str
    link: Link


@dataclass(frozen=True, slots=True)
class StepLinks:
    """What became of one step's links: the one that stands for them, and the checks."""

    link: Link | None
    checks: tuple[Check, ...]


def claims_by_step(
    evidence: Iterable[Evidence], names: Iterable[str], limits: Limits
) -> dict[str, list[Evidence]]:
    """Return the bundles that claim to be a link of a step; nothing is proved by that."""
    found: dict[str, list[Evidence]] = {name: [] for name in names}
    for one in evidence:
        try:
            said = claimed_statement(one, limits)
        except RefusedError:
            continue  # it claims nothing that can be read
        if said is None or said.predicate_type != LINK_V03:
            continue
        name = said.predicate.get("name")
        if isinstance(name, str) and name in found:
            found[name].append(one)
    return found


@dataclass(frozen=True, slots=True)
class LinkJudge:
    """Proves the links of steps, and counts those of the steps' functionaries.

    ``sandbox`` tells whether the trusted root is a sandbox's; with ``hosted`` only those
    links count that were signed on a machine of the platform.
    """

    prover: Prover
    sandbox: bool
    limits: Limits
    hosted: bool = False

    def judge(self, step: LayoutStep, claims: Sequence[Evidence]) -> StepLinks:
        """Return the link that stands for a step, with every check about its links.

        Args:
            step: What is demanded.
            claims: The bundles that claim to be a link of it.
        """
        counted: list[Counted] = []
        ignored: list[str] = []
        for evidence in claims:
            try:
                counted.append(self._counted(step, self.prover.prove(evidence)))
            except _IgnoredError as error:
                ignored.append(str(error))
            except RefusedError as error:
                ignored.append(error.message)
        checks = [_threshold(step, counted, ignored)]
        checks += _agreement(step, counted)
        checks += [_command(step, one) for one in counted if step.expected_command is not None]
        return StepLinks(counted[0].link if counted else None, tuple(checks))

    def _counted(self, step: LayoutStep, verified: VerifiedStatement) -> Counted:
        """Return a proved link that counts.

        Raises:
            _IgnoredError: it does not.
            MalformedEvidenceError: it is no link that can be read.
        """
        source = verified.source
        signer = verified.signer
        who = next((f for f in step.functionaries if self._is(verified, f)), None)
        if who is None:
            raise _IgnoredError(
                f"{source}: signed by {signer.subject_alternative_name} (issuer "
                f"{signer.issuer}), who may not do the step"
            )
        if self.hosted and signer.runner_environment != _HOSTED:
            raise _IgnoredError(
                f"{source}: not signed on a {_HOSTED} runner (--deny-self-hosted-runners)"
            )
        try:
            link = link_from(verified.statement, self.limits)
        except RefusedError as error:
            raise _IgnoredError(f"{source}: {error.message}") from error
        if link.name != step.name:
            raise _IgnoredError(f"{source}: a link of the step {link.name!r}")
        status = link.byproducts.get("return-value", 0)
        if type(status) is not int or status != 0:
            raise _IgnoredError(f"{source}: its command failed (return value {status!r})")
        weak = next((n for n, d in sorted(link.products.items()) if not HEX_LENGTHS.keys() & d), "")
        if weak:
            raise _IgnoredError(
                f"{source}: the product {weak!r} has no digest of {', '.join(HEX_LENGTHS)}"
            )
        return Counted(who, source, link)

    def _is(self, verified: VerifiedStatement, functionary: Functionary) -> bool:
        """Ask the policy whether a functionary signed, as ``--cert-identity`` would."""
        policy = Policy(
            sandbox=self.sandbox,
            cert_identity=functionary.identity,
            cert_oidc_issuer=functionary.issuer,
            predicate_type=LINK_V03,
        )
        digests = tuple(d for s in verified.statement.subjects for d in s.digests)
        return evaluate(verified, digests, policy).accepted


class _IgnoredError(Exception):
    """A link that does not count; the message says why."""


def _threshold(step: LayoutStep, counted: Sequence[Counted], ignored: Sequence[str]) -> Check:
    people = sorted({one.functionary.person: one.functionary for one in counted}.values())
    passed = len(people) >= step.threshold
    found = ", ".join(map(str, people[:_SHOWN])) or "no link that counts"
    if ignored:
        more = len(ignored) - _SHOWN
        found += f"; {len(ignored)} not counted: " + "; ".join(ignored[:_SHOWN])
        found += f"; and {more} more" if more > 0 else ""
    names = ", ".join(map(str, step.functionaries[:_SHOWN]))
    return Check(
        THRESHOLD_RULE,
        expected=f"step {step.name!r}: a link by {_number(step)} {names}",
        found=found,
        passed=passed,
        reason=None if passed else Reason.LAYOUT_FUNCTIONARIES,
        hint="" if passed else _NOT_COUNTED if ignored else _NOT_GIVEN,
    )


def _number(step: LayoutStep) -> str:
    if len(step.functionaries) == 1:
        return "the functionary"
    return f"{step.threshold} of the {len(step.functionaries)} functionaries"


def _agreement(step: LayoutStep, counted: Sequence[Counted]) -> list[Check]:
    """Check that nobody says two things of a step, and all say the same."""
    if len(counted) < 2:  # noqa: PLR2004 (one cannot contradict itself)
        return []
    first = counted[0]
    other = next((one for one in counted[1:] if _differ(first.link, one.link)), None)
    expected = f"step {step.name!r}: its {len(counted)} links name the same materials and products"
    if other is None:
        return [Check(AGREEMENT_RULE, expected, "they do", passed=True)]
    twice = other.functionary == first.functionary
    return [
        Check(
            AGREEMENT_RULE,
            expected=expected,
            found=f"{first.source} and {other.source} differ in {_differ(first.link, other.link)}"
            + (f", and {first.functionary} signed both" if twice else ""),
            passed=False,
            reason=Reason.LAYOUT_AMBIGUOUS if twice else Reason.LAYOUT_DISAGREEMENT,
            hint="Take away the links that are of another build."
            if twice
            else "The functionaries did not do the same. Find out which of them is right.",
        )
    ]


def _differ(one: Link, other: Link) -> str:
    """Return the first artifact that two links say different things of; empty if none."""
    at = first_difference(one, other)
    if at is None:
        return ""
    side, name = at
    said = [_said(getattr(link, side).get(name)) for link in (one, other)]
    return f"their {side}: {name!r} ({said[0]}; {said[1]})"


def _said(digests: Mapping[str, str] | None) -> str:
    return "not there" if digests is None else ", ".join(f"{a}:{h}" for a, h in digests.items())


def _command(step: LayoutStep, counted: Counted) -> Check:
    expected, found = list(step.expected_command or ()), list(counted.link.command)
    passed = expected == found
    return Check(
        COMMAND_RULE,
        expected=f"step {step.name!r}: the command {expected!r}",
        found=f"{counted.source}: {'that command' if passed else repr(found)}",
        passed=passed,
        reason=None if passed else Reason.LAYOUT_COMMAND,
        hint="" if passed else "Another command ran than the layout demands.",
    )
