"""Proving: a bundle in, a statement with its proven signer and time out, or a refusal.

Only this module makes a :class:`~slsa_gen.model.verified.VerifiedStatement`. The
cryptography is sigstore's ``Verifier``; around it stands what it leaves out. The steps:

1. Read the bundle strictly, and find its one certificate, log entry and signature.
2. Establish the times (timestamps; the log's own time where its SET covers it); each must
   lie in the certificate's lifetime.
3. Let sigstore prove chain, SCT, inclusion proof, checkpoint, SET, signature, and that the
   log entry is of this signature, against a root that holds no other log than the entry's.
4. Hold what sigstore saw against what was read here: the same payload, the same signature,
   the same certificate.
5. Check what sigstore leaves out: periods of log, certificate log and authority, the
   checkpoint's size and name, the entry's numbers and canonical form.
6. Read who signed from the certificate, and what was signed from the payload.

Nothing here opens a socket. Who *should* have signed is for ``policy`` to say.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import MalformedEvidenceError, RefusedError, UntrustedSignatureError
from slsa_gen.evidence import (
    bundle,
    certificate,
    issuance,
    log,
    proofs,
    proven_time,
    roots,
    sigstore_verifier,
)
from slsa_gen.evidence.quiet import quiet
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.attestation import LogEntry
from slsa_gen.model.verified import VerifiedStatement
from slsa_gen.provenance import statement
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from cryptography import x509

    from slsa_gen.evidence.bundle import Envelope, ParsedBundle, RecordedEntry
    from slsa_gen.evidence.proven_time import ProvenTime
    from slsa_gen.evidence.roots import TrustedLog
    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.instance import SigstoreInstance

#: in-toto's own type, and the form that names the predicate (in-toto/attestation, envelope).
_PAYLOAD_TYPE: Final = re.compile(r"application/vnd\.in-toto(\.[A-Za-z0-9_.-]{1,100})?\+json")


class Prover:
    """Proves bundles against one trusted root; what it proved, it remembers.

    A thousand artifacts under one bundle are proved once: results are kept by the bundle's
    bytes, the last ``limits.proofs_remembered`` of them. Safe to use from several threads.

    Args:
        instance: Whom to trust.
        limits: What is bounded.

    Raises:
        TrustError: the trusted root cannot be used.
    """

    def __init__(self, instance: SigstoreInstance, limits: Limits = DEFAULT_LIMITS) -> None:
        self._instance = instance
        self._limits = limits
        with quiet():
            self._roots = roots.read(instance, limits)
            self._verifier = sigstore_verifier.SigstoreVerifier(instance, limits)
        self._lock = threading.RLock()
        self._results: OrderedDict[bytes, VerifiedStatement | RefusedError] = OrderedDict()

    def prove(self, evidence: Evidence) -> VerifiedStatement:
        """Prove one bundle.

        Raises:
            MalformedEvidenceError: the bundle, its envelope or its statement cannot be read.
            UntrustedSignatureError: a signature, certificate, log entry or time does not hold.
        """
        key = hashlib.sha256(evidence.bundle).digest()
        with self._lock, quiet():
            result = self._results.get(key)
            if result is None:
                result = self._attempt(evidence)
                self._remember(key, result)
        if isinstance(result, VerifiedStatement):
            return replace(result, source=evidence.source)
        raise type(result)(
            f"{evidence.source}: {result.message}", reason=result.reason, hint=result.hint
        )

    def _attempt(self, evidence: Evidence) -> VerifiedStatement | RefusedError:
        try:
            return self._prove(evidence)
        except RefusedError as error:
            return error

    def _remember(self, key: bytes, result: VerifiedStatement | RefusedError) -> None:
        self._results[key] = result
        while len(self._results) > self._limits.proofs_remembered:
            self._results.popitem(last=False)

    def _prove(self, evidence: Evidence) -> VerifiedStatement:
        # Step 1.
        parsed = bundle.parse(evidence.bundle, self._limits)
        signing = signing_certificate(parsed)
        envelope = _envelope(parsed)
        entry = log.only_entry(parsed, log.ENVELOPE_KINDS)
        trusted_log = log.log_of(entry, self._roots)
        # Step 2.
        times = self._times(parsed, entry, envelope.signatures[0], trusted_log)
        check_lifetime(signing, times)
        # Steps 3 and 4.
        self._verifier.verify_envelope(evidence.bundle, parsed, envelope)
        # Step 5.
        log.check_period(trusted_log, times)
        log.check_consistency(entry, trusted_log, self._limits)
        authority = issuance.issuing_authority(signing, self._roots, times)
        certificate_log = issuance.certificate_log(signing, self._roots)
        # Step 6.
        _check_payload_type(envelope)
        signed_at = min(times)
        return VerifiedStatement(
            source=evidence.source,
            statement=statement.parse(envelope.payload, self._limits),
            signer=certificate.signer_identity(signing),
            signed_at=signed_at.moment,
            log_entries=(_log_entry(entry, trusted_log, times),),
            proofs=proofs.of(signing, authority, certificate_log, entry, trusted_log, signed_at),
            bundle=evidence.bundle,
            certificate_not_after=signing.not_valid_after_utc,
            sandbox=self._instance.is_sandbox,
        )

    def _times(
        self, parsed: ParsedBundle, entry: RecordedEntry, signature: bytes, trusted_log: TrustedLog
    ) -> tuple[ProvenTime, ...]:
        stamped = proven_time.timestamps(
            parsed.timestamps, signature, self._roots.timestamp_authorities
        )
        logged = proven_time.integrated(entry, trusted_log.url)
        times = stamped if logged is None else (*stamped, logged)
        if times:
            return times
        raise UntrustedSignatureError(
            "nothing that is trusted says when the signature was made: there is neither a "
            "timestamp nor a time that the log signed",
            reason=Reason.TIME_MISSING,
            hint="A Rekor v2 entry needs a timestamp: ask whoever signed to sign again.",
        )


def signing_certificate(parsed: ParsedBundle) -> x509.Certificate:
    """Return the certificate that a bundle says it was signed with.

    Raises:
        UntrustedSignatureError: there is none (a key signed), or it cannot be read.
    """
    if not parsed.certificates:
        raise UntrustedSignatureError(
            "the bundle is signed by a key, not under a certificate: nothing says who signed",
            reason=Reason.CERTIFICATE_MISSING,
            hint="Only keyless signatures are verified here; ask whoever signed for one.",
        )
    return certificate.load(parsed.certificates[0])


def check_lifetime(signing: x509.Certificate, times: tuple[ProvenTime, ...]) -> None:
    """Check that a certificate was alive at each time.

    Raises:
        UntrustedSignatureError: it was not.
    """
    start, end = signing.not_valid_before_utc, signing.not_valid_after_utc
    for time in times:
        if not start <= time.moment <= end:
            raise UntrustedSignatureError(
                f"the signature was made at {time.moment.isoformat()} ({time.clock}), outside "
                f"the lifetime of its certificate ({start.isoformat()} to {end.isoformat()})",
                reason=Reason.TIME_OUTSIDE_CERTIFICATE,
                hint="The clock of whoever signed, or of the log, was wrong: ask for a new "
                "signature.",
            )


def _envelope(parsed: ParsedBundle) -> Envelope:
    if parsed.envelope is None:
        raise MalformedEvidenceError(
            "the bundle signs a file itself, not a statement: it says nothing about how the "
            "file was made",
            reason=Reason.EVIDENCE_MESSAGE_SIGNATURE,
            hint="Look for the provenance (.intoto.jsonl) that was published with the file.",
        )
    signatures = parsed.envelope.signatures
    if len(signatures) != 1 or not signatures[0]:
        found = "its signature is empty" if len(signatures) == 1 else f"it has {len(signatures)}"
        raise UntrustedSignatureError(
            f"the envelope must carry one signature, {found}",
            reason=Reason.SIGNATURE_COUNT,
            hint="Ask whoever signed to sign again with a current client.",
        )
    return parsed.envelope


def _check_payload_type(envelope: Envelope) -> None:
    if not _PAYLOAD_TYPE.fullmatch(envelope.payload_type):
        raise MalformedEvidenceError(
            f"the envelope's payload type is {envelope.payload_type[:80]!r}, expected "
            "'application/vnd.in-toto+json'",
            reason=Reason.EVIDENCE_PAYLOAD_TYPE,
            hint="Ask whoever signed for an in-toto attestation.",
        )


def _log_entry(
    entry: RecordedEntry, trusted_log: TrustedLog, times: tuple[ProvenTime, ...]
) -> LogEntry:
    logged = proven_time.integrated(entry, trusted_log.url)
    return LogEntry(
        log=trusted_log.url,
        log_id=entry.log_id.hex(),
        index=entry.log_index,
        kind=f"{entry.kind} {entry.version}",
        integrated_at=logged.moment if logged in times else None,
    )
