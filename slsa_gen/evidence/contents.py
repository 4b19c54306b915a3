"""What a bundle says, with nothing proved: for ``inspect``, and to find what speaks of a file.

Whoever shows it must say that it is not verified.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rfc3161_client import decode_timestamp_response

from slsa_gen import strictjson
from slsa_gen.errors import RefusedError
from slsa_gen.evidence import bundle, certificate
from slsa_gen.evidence.quiet import quiet
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.attestation import LogEntry
from slsa_gen.provenance import statement

if TYPE_CHECKING:
    from slsa_gen.evidence.bundle import Envelope, MessageSignature, ParsedBundle, RecordedEntry
    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.subject import Subject


@dataclass(frozen=True, slots=True)
class CertificateContents:
    """What the signing certificate says: its lifetime, and who signed.

    ``signer`` is None where it does not say so clearly, and ``problem`` then says why;
    ``fingerprint`` is the SHA-256 of the certificate in hexadecimal.
    """

    fingerprint: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    signer: SignerIdentity | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle says. Nothing of it is proved.

    ``statement`` is None where the payload is none, and ``problem`` then says why;
    ``envelope_json`` is the DSSE envelope as a JSON document of its own, None for a signature
    over a file (``message``). ``timestamps`` are the times that RFC 3161 responses claim,
    None for one that cannot be read.
    """

    source: str
    version: str
    envelope: Envelope | None
    envelope_json: bytes | None = field(repr=False)
    statement: Statement | None
    problem: str
    message: MessageSignature | None
    certificate: CertificateContents | None
    key_hint: str | None
    log_entries: tuple[LogEntry, ...]
    timestamps: tuple[datetime | None, ...]


def describe(evidence: Evidence, limits: Limits = DEFAULT_LIMITS) -> Contents:
    """Return what a bundle says, as far as it can be read.

    Raises:
        MalformedEvidenceError: it is not a Sigstore bundle, or not one that can be read.
    """
    try:
        parsed = bundle.parse(evidence.bundle, limits)
    except RefusedError as error:
        raise type(error)(
            f"{evidence.source}: {error.message}", reason=error.reason, hint=error.hint
        ) from error
    said, problem = _statement(parsed, limits)
    with quiet():
        signing = _certificate(parsed.certificates[0]) if parsed.certificates else None
        times = tuple(_claimed_time(response) for response in parsed.timestamps)
    return Contents(
        source=evidence.source,
        version=parsed.version,
        envelope=parsed.envelope,
        envelope_json=_envelope_json(evidence.bundle, limits) if parsed.envelope else None,
        statement=said,
        problem=problem,
        message=parsed.message,
        certificate=signing,
        key_hint=parsed.key_hint,
        log_entries=tuple(_log_entry(entry) for entry in parsed.entries),
        timestamps=times,
    )


def claimed_subjects(evidence: Evidence, limits: Limits = DEFAULT_LIMITS) -> tuple[Subject, ...]:
    """Return the subjects that a bundle claims to speak of; none for a message signature.

    Raises:
        MalformedEvidenceError: the bundle or its statement cannot be read.
    """
    said = claimed_statement(evidence, limits)
    return () if said is None else said.subjects


def claimed_statement(evidence: Evidence, limits: Limits = DEFAULT_LIMITS) -> Statement | None:
    """Return the statement that a bundle claims to hold; None for a message signature.

    Raises:
        MalformedEvidenceError: the bundle or its statement cannot be read.
    """
    parsed = bundle.parse(evidence.bundle, limits)
    if parsed.envelope is None:
        return None
    return statement.parse(parsed.envelope.payload, limits)


def _statement(parsed: ParsedBundle, limits: Limits) -> tuple[Statement | None, str]:
    if parsed.envelope is None:
        return None, ""
    try:
        return statement.parse(parsed.envelope.payload, limits), ""
    except RefusedError as error:
        return None, error.message


def _certificate(der: bytes) -> CertificateContents:
    fingerprint = hashlib.sha256(der).hexdigest()
    try:
        loaded = certificate.load(der)
    except RefusedError as error:
        return CertificateContents(fingerprint, problem=error.message)
    signer, problem = None, ""
    try:
        signer = certificate.signer_identity(loaded)
    except RefusedError as error:
        problem = error.message
    return CertificateContents(
        fingerprint=fingerprint,
        not_before=loaded.not_valid_before_utc,
        not_after=loaded.not_valid_after_utc,
        signer=signer,
        problem=problem,
    )


def _envelope_json(data: bytes, limits: Limits) -> bytes:
    return strictjson.dumps(bundle.load(data, limits)["dsseEnvelope"])


def _log_entry(entry: RecordedEntry) -> LogEntry:
    seconds = entry.integrated_time
    return LogEntry(
        log="",
        log_id=entry.log_id.hex(),
        index=entry.log_index,
        kind=f"{entry.kind} {entry.version}",
        integrated_at=None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC),
    )


def _claimed_time(response: bytes) -> datetime | None:
    try:
        return decode_timestamp_response(response).tst_info.gen_time
    except certificate.UNREADABLE:
        return None
