"""Whether what a target already has is the result of this run, so that nothing is signed anew.

It is when it verifies, and speaks of the same subjects, commit and signer: a re-run, also one
on a fresh machine and with a new number of its attempt, then ends with what is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from slsa_gen.errors import RefusedError
from slsa_gen.github.run import EVENTS
from slsa_gen.model.attestation import Attestation
from slsa_gen.model.identity import Person
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.provenance import build_types, certificate_match
from slsa_gen.provenance.comparison import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.draft import Draft
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.identity import BuildContext
    from slsa_gen.model.verified import VerifiedStatement
    from slsa_gen.publish.interface import Target


#: Commit and signer. Forks have their commits in common and may call one reusable workflow, so
#: neither the commit nor the signer's URI says alone whose run it was.
_SAME_RUN: Final = (
    "issuer",
    "build_signer_uri",
    "source_repository_uri",
    "source_repository_identifier",
    "source_repository_digest",
    "source_repository_ref",
    "runner_environment",
)
#: What decided the build, in provenance of version 1 and in older ones.
_PARAMETERS: Final = (("buildDefinition", "externalParameters"), ("invocation", "parameters"))


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
    return next(filter(None, (_other(plan, v) for v in verified)), "")


def _other(plan: Draft, v: VerifiedStatement) -> str:
    """Say in what one bundle differs from the draft, whatever its subjects."""
    who = plan.context
    why = _other_person(who, v) if isinstance(who, Person) else _other_run(who, v)
    if why:
        return why
    drafted = plan.statements[0]
    if v.statement.predicate_type != drafted.predicate_type:
        return "it holds another kind of predicate"
    if drafted.predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        return _other_provenance(drafted.predicate, v)
    # Any other predicate is the user's own words, and other words are another attestation.
    return "it holds another predicate" if v.statement.predicate != drafted.predicate else ""


def _other_run(run: BuildContext, v: VerifiedStatement) -> str:
    """Say in what the signer differs from a run, whatever its attempt."""
    for name in _SAME_RUN:
        if getattr(v.signer, name) != getattr(run, name):
            return f"its certificate has another {name.replace('_', ' ')}"
    if v.signer.build_trigger not in {*EVENTS, run.build_trigger}:
        return "its run was triggered by an event that this run would not attest on"
    return ""


def _other_person(person: Person, v: VerifiedStatement) -> str:
    """Say in what the signer differs from a person."""
    for field_ in certificate_match.compare_context(person, v.signer):
        if not field_.equal:
            return f"its certificate has another {field_.certificate_field.replace('_', ' ')}"
    return ""


def _other_provenance(drafted: Mapping[str, object], v: VerifiedStatement) -> str:
    """Say in what provenance differs from the draft, or from the certificate that signed it.

    It is not the same in every word: each attempt of a run has a number of its own. What the
    certificate carries too must agree with it, as in new provenance.
    """
    predicate_type, predicate = v.statement.predicate_type, v.statement.predicate
    uri = build_types.named_by(predicate_type, predicate)
    build_type = build_types.lookup(uri or "")
    if build_type is None or uri != build_types.named_by(predicate_type, drafted):
        return "its provenance is of another build type"
    for field_ in build_type.compare(predicate, v.signer):
        if not field_.equal:
            return f"its provenance contradicts its certificate in {field_.field}"
    if any(value_at(predicate, path) != value_at(drafted, path) for path in _PARAMETERS):
        return "its provenance has other parameters of the build"
    return ""


def _attestation(v: VerifiedStatement) -> Attestation:
    return Attestation(v.statement, v.bundle, v.signer, v.signed_at, v.log_entries)
