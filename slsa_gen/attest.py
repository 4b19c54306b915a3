"""The first pipeline: paths → subjects → statements → bundles → published.

::

    paths → Subject* ─┐
    token → Claims → BuildContext → predicate ─┴→ Statement* → bundle* → verified → published*

:func:`draft` ends with the statements, which nothing has left the machine for yet.
:func:`attest` looks at every target first (``reuse``), signs, proves each new bundle as any
consumer would, compares what the certificate says with what the statement and the token say,
and only then writes the file, and puts it at the other targets (``publish.everywhere``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slsa_gen import reuse
from slsa_gen.errors import RefusedError, SigningError, SlsaGenError
from slsa_gen.model.attestation import Attestation, AttestResult
from slsa_gen.model.draft import Draft
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.provenance import build_types, certificate_match, statement
from slsa_gen.publish import everywhere
from slsa_gen.reasons import Reason
from slsa_gen.reuse import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext, Person, SignerIdentity
    from slsa_gen.model.publication import Publication
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.subject import Subject
    from slsa_gen.publish.interface import FirstTarget, Targets
    from slsa_gen.reuse import Prover, ReadBundles


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


def draft(
    subjects: Sequence[Subject],
    context: BuildContext | Person,
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
    targets: Targets,
    read_bundles: ReadBundles,
    limits: Limits,
) -> AttestResult:
    """Sign the draft, prove each bundle and publish them; or publish what is already there.

    Every target is looked at before anything is signed. The result that one of them has goes
    to the others as it is.

    Returns:
        The attestations, and what became of each target: a further one that failed carries
        its problem.

    Raises:
        UsageError: another file is where the bundles should go.
        SigningError: a service did not serve, or what it gave does not hold.
        PublishError: the file cannot be written, or a further target takes nothing.
    """
    result, settled = _looked_at(plan, prover, targets, read_bundles, limits)
    if result is None:
        result = _signed(plan, signer, prover, targets.file)
    publications = everywhere.publish(result.content, targets, settled)
    return AttestResult(result.attestations, publications, result.extra_entries)


def _looked_at(
    plan: Draft, prover: Prover, targets: Targets, read_bundles: ReadBundles, limits: Limits
) -> tuple[Result | None, dict[str, Publication]]:
    """Return the result that is already somewhere, and the outcomes that are settled by it."""
    settled: dict[str, Publication] = {}
    result = reuse.result_at(targets.file, plan, prover, read_bundles, limits)
    if result is not None:
        settled[targets.file.name] = targets.file.reused()
    for target in targets.further:
        try:
            found = reuse.result_at(target, plan, prover, read_bundles, limits)
        except SlsaGenError as error:
            if result is None:  # nothing is signed in vain
                raise
            kept = targets.file.name in settled
            settled[target.name] = everywhere.failed(target, error, kept=kept)
        else:
            if found is not None:
                settled[target.name] = target.reused()
            result = result or found
    return result, settled


def _signed(plan: Draft, signer: Signer, prover: Prover, file: FirstTarget) -> Result:
    """Sign each statement and prove each new bundle."""
    attestations: list[Attestation] = []
    extra_entries = 0
    for part in plan.statements:
        try:
            signed = signer.sign(part)
            extra_entries += signed.extra_entries
            attestations.append(_proved(part, signed.bundle, plan.context, prover, extra_entries))
        except SlsaGenError as error:
            _keep_the_others(attestations, len(plan.statements), file, error)
            raise
    return Result(tuple(attestations), _lines(attestations), extra_entries)


def _lines(attestations: Sequence[Attestation]) -> bytes:
    return b"".join(a.bundle + b"\n" for a in attestations)


def _keep_the_others(
    done: Sequence[Attestation], statements: int, file: FirstTarget, error: SlsaGenError
) -> None:
    """Save what is signed and logged although a later statement failed, and say so."""
    if done:
        error.add(
            f"; {len(done)} of {statements} statements were signed and logged, and "
            f"{file.rescue(_lines(done))}"
        )


def _proved(
    part: Statement,
    bundle: bytes,
    context: BuildContext | Person,
    prover: Prover,
    extra_entries: int,
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


def _compare(part: Statement, context: BuildContext | Person, signer: SignerIdentity) -> None:
    """Compare the token's claims with the certificate, and the certificate with the predicate."""
    for field in certificate_match.compare_context(context, signer):
        if not field.equal:
            raise _mismatch(
                f"the certificate says {field.certificate_field} {field.expected!r}, the "
                f"token says {field.found!r}",
                "The certificate was issued for another identity than that of the token at "
                "hand. Run it again.",
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


def _mismatch(what: str, hint: str) -> SigningError:
    return SigningError(
        f"{what}; nothing was written; {_logged(1)}",
        hint=f"Do not use this log entry. {hint}",
        reason=Reason.SIGNING_CERTIFICATE_MISMATCH,
    )


def _logged(entries: int) -> str:
    return "the log holds an entry of it" if entries == 1 else f"the log holds {entries} entries"
