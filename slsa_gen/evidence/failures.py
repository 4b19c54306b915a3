"""What sigstore's verifier says when it refuses, in our words with a stable reason.

sigstore tells its refusals apart by text alone. The texts are those of sigstore 4.5; tests
hold each row against a bundle with that fault, and a text that no row knows is still a
refusal (``signature.unproved``), never anything else.
"""

from __future__ import annotations

import binascii
import struct
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.verification import VerificationError as ChainError
from rfc3161_client import VerificationError as TimestampError
from sigstore.errors import Error as SigstoreError

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.reasons import Reason

#: All that has been seen to leave sigstore's verifier for a bundle that is not as it expects.
REFUSALS: Final = (
    SigstoreError,
    ChainError,
    TimestampError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    binascii.Error,
    struct.error,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)

_DAMAGED: Final = "The bundle was changed or damaged: take it anew from where it was published."
_ANOTHER: Final = (
    "If another Sigstore signed it, name its trusted root: --custom-trusted-root FILE, or "
    "--sigstore staging or sandbox."
)
_AGAIN: Final = "Ask whoever signed to sign again with a current client."


@dataclass(frozen=True, slots=True)
class Failure:
    """One row: the texts of sigstore, and what they mean."""

    texts: tuple[str, ...]
    reason: Reason
    message: str
    hint: str


#: Looked through from the top; the first row whose text occurs counts.
FAILURES: Final = (
    Failure(
        ("DSSE: invalid signature", "Signature is invalid for input"),
        Reason.SIGNATURE_INVALID,
        "the signature does not match what it signs: the payload or the signature was changed",
        _DAMAGED,
    ),
    Failure(
        ("exactly one signature", "exactly 1 signature", "signature must be non-empty"),
        Reason.SIGNATURE_COUNT,
        "the envelope must carry exactly one signature, and not an empty one",
        _AGAIN,
    ),
    Failure(
        ("failed to verify SCT",),
        Reason.CERTIFICATE_SCT,
        "the certificate's SCT (the proof that it was logged when issued) does not hold",
        _ANOTHER,
    ),
    Failure(
        ("failed to build timestamp certificate chain",),
        Reason.CERTIFICATE_CHAIN,
        "the signing certificate does not lead to an authority of the trusted root",
        _ANOTHER,
    ),
    Failure(
        ("Key usage is not", "Extended usage does not", "non-leaf certificate", "KeyUsage"),
        Reason.CERTIFICATE_USAGE,
        "the signing certificate is not one for signing code",
        _AGAIN,
    ),
    Failure(
        ("expired at time of signing",),
        Reason.TIME_OUTSIDE_CERTIFICATE,
        "the signature was made outside the lifetime of its certificate",
        _AGAIN,
    ),
    Failure(
        ("no Timestamp Authorities", "duplicate timestamp", "signed timestamp", "Timestamp Resp"),
        Reason.TIME_TIMESTAMP,
        "the bundle's timestamps cannot be verified",
        _ANOTHER,
    ),
    Failure(
        ("not enough sources of verified time",),
        Reason.TIME_MISSING,
        "nothing that is trusted says when the signature was made",
        _AGAIN,
    ),
    Failure(
        ("SET: invalid inclusion promise",),
        Reason.LOG_SET,
        "the signed entry timestamp (SET), the log's own signature over the entry and its "
        "time, does not hold",
        _DAMAGED,
    ),
    Failure(
        (
            "invalid root hash signature",
            "checkpoint:",
            "LogCheckpoint",
            "note must contain",
            "malformed Note",
        ),
        Reason.LOG_CHECKPOINT,
        "the checkpoint, the log's signature over its tree, does not hold for this proof",
        _DAMAGED,
    ),
    Failure(
        ("inclusion proof has wrong size", "inclusion proof contains invalid root hash"),
        Reason.LOG_INCLUSION,
        "the inclusion proof does not lead from the entry to the log's tree",
        _DAMAGED,
    ),
    Failure(
        (
            "log entry payload hash",
            "log entry signatures",
            "inconsistent with other materials",
            "invalid DSSE log entry",
            "payload hash in DSSE log entry",
        ),
        Reason.LOG_ENTRY_MISMATCH,
        "the log entry is of another signature than the bundle's",
        _DAMAGED,
    ),
    Failure(
        ("Integrated time only supported", "Unsupported DSSE log entry", "log entry version"),
        Reason.LOG_ENTRY_KIND,
        "the log entry is of a kind that is not read here",
        _AGAIN,
    ),
    Failure(
        ("failed to load bundle",),
        Reason.EVIDENCE_BUNDLE,
        "a part of the bundle is not what its format demands",
        _DAMAGED,
    ),
)

_UNKNOWN: Final = Failure(
    (),
    Reason.SIGNATURE_UNPROVED,
    "the bundle could not be proved: a part of it is malformed",
    _DAMAGED,
)


def refusal(error: BaseException) -> UntrustedSignatureError:
    """Return our error for one of :data:`REFUSALS`."""
    text = str(error) if isinstance(error, SigstoreError | x509.ExtensionNotFound) else ""
    row = next((row for row in FAILURES if any(part in text for part in row.texts)), _UNKNOWN)
    return UntrustedSignatureError(row.message, reason=row.reason, hint=row.hint)
