"""Whether what a target already has is the result of this run, so that nothing is signed anew.

It is when it verifies, and speaks of the same subjects, commit and signer: a re-run, also one
on a fresh machine and with a new number of its attempt, then ends with what is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from slsa_gen.errors import RefusedError
from slsa_gen.model.attestation import Attestation
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.draft import Draft
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.verified import VerifiedStatement
    from slsa_gen.publish.interface import Target


class Prover(Protocol):
    """Proves a bundle against a trusted root."""

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what the bundle proves, or raise one of the refusals."""
        ...


class ReadBundles(Protocol):
    """Splits a bundle file into its bundles."""

    def __call__(self, data: bytes, source: str, limits: Limits, /) -> Sequence[Evidence]:
        """Return each bundle of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """The attestations of a draft, and the bundle file that holds them."""

    attestations: tuple[Attestation, ...]
    content: bytes = field(repr=False)
    extra_entries: int = 0


def result_at(
    target: Target, plan: Draft, prover: Prover, read_bundles: ReadBundles, limits: Limits
) -> Result | None:
    """Return the result that a target already has; None when it has none and takes one.

    Raises:
        UsageError: something else is there, and may not be replaced.
        SlsaGenError: the target cannot be looked at, or takes nothing.
    """
    content = target.existing()
    if content is not None:
        try:
            verified = [prover.prove(e) for e in read_bundles(content, "the file there", limits)]
            why = difference(plan, verified)
        except RefusedError as error:
            why = f"it does not verify ({error.message})"
        if not why:
            return Result(tuple(_attestation(v) for v in verified), content)
        target.refuse_existing(why)
    target.check()
    return None


def difference(plan: Draft, verified: Sequence[VerifiedStatement]) -> str:
    """Say in what proved bundles differ from the draft; empty when they are its result."""
    if not verified:
        return "it holds no bundle"
    subjects = sorted(s for v in verified for s in v.statement.subjects)
    if subjects != sorted(plan.subjects):
        return "it speaks of other subjects"
    drafted = plan.statements[0]
    if any(v.statement.predicate_type != drafted.predicate_type for v in verified):
        return "it holds another kind of predicate"
    # Provenance differs from one attempt of a run to the next; any other predicate is the
    # user's own words, and other words are another attestation.
    is_provenance = drafted.predicate_type.startswith(SLSA_PROVENANCE_PREFIX)
    if not is_provenance and any(v.statement.predicate != drafted.predicate for v in verified):
        return "it holds another predicate"
    for v in verified:
        for name in ("issuer", "build_signer_uri", "source_repository_digest"):
            if getattr(v.signer, name) != getattr(plan.context, name):
                return f"its certificate has another {name.replace('_', ' ')}"
    return ""


def _attestation(v: VerifiedStatement) -> Attestation:
    return Attestation(v.statement, v.bundle, v.signer, v.signed_at, v.log_entries)
