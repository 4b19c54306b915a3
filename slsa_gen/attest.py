"""The first pipeline: paths → subjects → statements → bundles → published.

::

    paths → Subject* ─┐
    token → Claims → BuildContext → predicate ─┴→ Statement* → bundle* → verified → written

:func:`draft` ends with the statements, which nothing has left the machine for yet;
:func:`attest` signs them, proves each new bundle as any consumer would, compares what the
certificate says with what the statement and the token say, and only then writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from slsa_gen.errors import RefusedError, SigningError, SlsaGenError
from slsa_gen.model.attestation import Attestation, AttestResult
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.provenance import build_types, certificate_match, statement
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext, SignerIdentity
    from slsa_gen.model.publication import Publication
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.subject import Subject
    from slsa_gen.model.verified import VerifiedStatement


class SignedBundle(Protocol):
    """What a signer gives back for one statement."""

    @property
    def bundle(self) -> bytes:
        """The bundle: one JSON document on one line."""
        ...

    @property
    def extra_entries(self) -> int:
        """How many further entries the log may hold after lost answers."""
        ...


class Signer(Protocol):
    """Signs a statement and has it logged."""

    def sign(self, statement: Statement, /) -> SignedBundle:
        """Return the bundle for one statement."""
        ...


class Prover(Protocol):
    """Proves a bundle against a trusted root."""

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what the bundle proves, or raise one of the refusals."""
        ...


class Target(Protocol):
    """Where the bundles are written first."""

    def existing(self) -> bytes | None:
        """Return what is already there, or None."""
        ...

    def check(self) -> None:
        """Make sure that the target takes a file."""
        ...

    def refuse_existing(self, why: str) -> None:
        """Refuse to replace what is there, unless that was asked for."""
        ...

    def publish(self, content: bytes) -> Publication:
        """Write the bundles."""
        ...

    def rescue(self, content: bytes) -> str:
        """Save elsewhere what is signed and logged, and return the words that say where."""
        ...

    def reused(self) -> Publication:
        """Return the outcome for a file that is already the result."""
        ...


class ReadBundles(Protocol):
    """Splits a bundle file into its bundles."""

    def __call__(self, data: bytes, source: str, limits: Limits, /) -> Sequence[Evidence]:
        """Return each bundle of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said, before anyone has signed it."""

    context: BuildContext
    statements: tuple[Statement, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Return the subjects of all statements, in order."""
        return tuple(s for part in self.statements for s in part.subjects)


def draft(
    subjects: Sequence[Subject],
    context: BuildContext,
    predicate_type: str,
    predicate: Mapping[str, object],
    limits: Limits,
) -> Draft:
    """Say what was built where: one statement, or several when there are many subjects."""
    parts = statement.split(subjects, limits)
    return Draft(
        context=context,
        statements=tuple(statement.encode(part, predicate_type, predicate) for part in parts),
    )


def attest(
    plan: Draft,
    signer: Signer,
    prover: Prover,
    target: Target,
    read_bundles: ReadBundles,
    limits: Limits,
) -> AttestResult:
    """Sign the draft, prove each bundle, and write them; or reuse what is already there.

    Raises:
        UsageError: another file is where the bundles should go.
        SigningError: a service did not serve, or what it gave does not hold.
        PublishError: the file cannot be written.
    """
    target.check()
    already = _reusable(plan, prover, target, read_bundles, limits)
    if already is not None:
        return AttestResult(already, target.reused())
    attestations: list[Attestation] = []
    extra_entries = 0
    for part in plan.statements:
        try:
            signed = signer.sign(part)
            extra_entries += signed.extra_entries
            attestations.append(_proved(part, signed.bundle, plan.context, prover, extra_entries))
        except SlsaGenError as error:
            _keep_the_others(attestations, len(plan.statements), target, error)
            raise
    return AttestResult(tuple(attestations), target.publish(_lines(attestations)), extra_entries)


def _lines(attestations: Sequence[Attestation]) -> bytes:
    return b"".join(a.bundle + b"\n" for a in attestations)


def _keep_the_others(
    done: Sequence[Attestation], statements: int, target: Target, error: SlsaGenError
) -> None:
    """Save what is signed and logged although a later statement failed, and say so."""
    if done:
        error.add(
            f"; {len(done)} of {statements} statements were signed and logged, and "
            f"{target.rescue(_lines(done))}"
        )


def _proved(
    part: Statement, bundle: bytes, context: BuildContext, prover: Prover, extra_entries: int
) -> Attestation:
    """Prove a new bundle as a consumer would, and compare every field that two sides carry."""
    try:
        verified = prover.prove(Evidence("the new bundle", bundle))
    except RefusedError as error:
        raise SigningError(
            f"the services answered, but what they gave does not verify, and was not written: "
            f"{error.message}; {_logged(extra_entries + 1)}",
            hint="Check that the trusted root belongs to these services (--sigstore), and try "
            "again; if it goes on, tell the operator of the services.",
            reason=Reason.SIGNING_BUNDLE_UNVERIFIED,
        ) from error
    if verified.statement.payload != part.payload:
        raise _mismatch(
            "other bytes were signed than those of the statement",
            "What was signed is not what was handed over. Report it, with the versions of what "
            "is installed.",
        )
    _compare(part, context, verified.signer)
    return Attestation(
        statement=part,
        bundle=bundle,
        signer=verified.signer,
        signed_at=verified.signed_at,
        log_entries=verified.log_entries,
    )


def _compare(part: Statement, context: BuildContext, signer: SignerIdentity) -> None:
    """Compare the token's claims with the certificate, and the certificate with the predicate."""
    for field in certificate_match.compare_context(context, signer):
        if not field.equal:
            raise _mismatch(
                f"the certificate says {field.certificate_field} {field.expected!r}, this run's "
                f"token says {field.found!r}",
                "The certificate was issued for another run than the token at hand. Run the "
                "job again.",
            )
    if not part.predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        return
    for field in _predicate_comparisons(part, signer):
        if not field.equal:
            raise _mismatch(
                f"the certificate says {field.certificate_field} {field.expected!r}, the "
                f"statement says {field.field} {field.found!r}",
                "The statement speaks of another run than the one that signed it. Correct the "
                "predicate, and run the job again.",
            )


def _predicate_comparisons(
    part: Statement, signer: SignerIdentity
) -> tuple[build_types.FieldComparison, ...]:
    uri = build_types.named_by(part.predicate_type, part.predicate)
    build_type = build_types.lookup(uri or "")
    if build_type is None:
        raise _mismatch(
            f"the statement's build type {uri!r} is not known, so nothing can be compared",
            f"Known build types: {', '.join(known.uri for known in build_types.KNOWN)}",
        )
    return build_type.compare(part.predicate, signer)


def _reusable(
    plan: Draft, prover: Prover, target: Target, read_bundles: ReadBundles, limits: Limits
) -> tuple[Attestation, ...] | None:
    """Return the attestations that are already there and say just what the draft says."""
    content = target.existing()
    if content is None:
        return None
    try:
        verified = [prover.prove(e) for e in read_bundles(content, "the file there", limits)]
    except RefusedError as error:
        target.refuse_existing(f"it does not verify ({error.message})")
        return None
    difference = _difference(plan, verified)
    if difference:
        target.refuse_existing(difference)
        return None
    return tuple(
        Attestation(v.statement, v.bundle, v.signer, v.signed_at, v.log_entries) for v in verified
    )


def _difference(plan: Draft, verified: Sequence[VerifiedStatement]) -> str:
    """Say in what the bundles there differ from the draft; empty when they are its result."""
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


def _mismatch(what: str, hint: str) -> SigningError:
    return SigningError(
        f"{what}; nothing was written; {_logged(1)}",
        hint=f"Do not use this log entry. {hint}",
        reason=Reason.SIGNING_CERTIFICATE_MISMATCH,
    )


def _logged(entries: int) -> str:
    return "the log holds an entry of it" if entries == 1 else f"the log holds {entries} entries"
