"""sigstore's refusals in our words: each row is met by a real fault, the rest by its text."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from sigstore.errors import VerificationError
from sigstore.models import InvalidBundle

from slsa_gen.evidence import failures
from slsa_gen.reasons import Reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("DSSE: invalid signature", Reason.SIGNATURE_INVALID),
        ("DSSE: exactly 1 signature allowed, got 2", Reason.SIGNATURE_COUNT),
        ("envelope must contain exactly one signature", Reason.SIGNATURE_COUNT),
        ("failed to verify SCT on signing certificate: x", Reason.CERTIFICATE_SCT),
        ("failed to build timestamp certificate chain: x", Reason.CERTIFICATE_CHAIN),
        ("Key usage is not of type `digital signature`", Reason.CERTIFICATE_USAGE),
        ("Extended usage does not contain `code signing`", Reason.CERTIFICATE_USAGE),
        ("bundle contains an invalid leaf or non-leaf certificate in", Reason.CERTIFICATE_USAGE),
        ("invalid signing cert: expired at time of signing", Reason.TIME_OUTSIDE_CERTIFICATE),
        ("no Timestamp Authorities have been provided", Reason.TIME_TIMESTAMP),
        ("duplicate timestamp found", Reason.TIME_TIMESTAMP),
        ("too many signed timestamp: 33 > 32", Reason.TIME_TIMESTAMP),
        ("Invalid Timestamp Response", Reason.TIME_TIMESTAMP),
        ("not enough sources of verified time", Reason.TIME_MISSING),
        ("invalid log entry: SET: invalid inclusion promise: x", Reason.LOG_SET),
        ("invalid log entry: checkpoint: invalid signature: x", Reason.LOG_CHECKPOINT),
        ("invalid log entry: malformed LogCheckpoint: too few items", Reason.LOG_CHECKPOINT),
        ("invalid log entry: note must contain one blank line", Reason.LOG_CHECKPOINT),
        ("invalid log entry: malformed Note: must contain", Reason.LOG_CHECKPOINT),
        (
            "invalid log entry: ('Inclusion proof contains invalid root hash signature: ', 'x')",
            Reason.LOG_CHECKPOINT,
        ),
        ("invalid log entry: inclusion proof has wrong size: x", Reason.LOG_INCLUSION),
        ("invalid log entry: inclusion proof contains invalid root hash: x", Reason.LOG_INCLUSION),
        ("log entry payload hash does not match bundle", Reason.LOG_ENTRY_MISMATCH),
        ("log entry signatures do not match bundle", Reason.LOG_ENTRY_MISMATCH),
        (
            "transparency log entry is inconsistent with other materials",
            Reason.LOG_ENTRY_MISMATCH,
        ),
        ("invalid DSSE log entry: x", Reason.LOG_ENTRY_MISMATCH),
        ("expected SHA256 payload hash in DSSE log entry", Reason.LOG_ENTRY_MISMATCH),
        ("Integrated time only supported for dsse/hashedrekord", Reason.LOG_ENTRY_KIND),
        ("Unsupported DSSE log entry type: a/b", Reason.LOG_ENTRY_KIND),
        ("Expected log entry version 0.0.1 - 0.0.2, got x", Reason.LOG_ENTRY_KIND),
        ("a text that sigstore may have one day", Reason.SIGNATURE_UNPROVED),
    ],
)
def test_each_text_has_its_reason(text: str, reason: Reason) -> None:
    """A text that is not known is a refusal too, of its own reason."""
    error = failures.refusal(VerificationError(text))
    assert error.reason is reason
    assert error.message
    assert error.hint
    assert error.exit_code == 1


def test_every_text_of_the_table_leads_to_its_row() -> None:
    """No row is hidden behind one above it."""
    for row in failures.FAILURES:
        for text in row.texts:
            assert failures.refusal(VerificationError(f"… {text} …")).reason is row.reason


def test_a_bundle_that_sigstore_cannot_load_is_malformed() -> None:
    """Our own reader is stricter, so this is met only when the two differ."""
    error = failures.refusal(InvalidBundle("failed to load bundle: x"))
    assert error.reason is Reason.EVIDENCE_BUNDLE


def test_a_missing_usage_is_told_from_other_foreign_errors() -> None:
    """The extension that is not there is named; of others nothing is repeated."""
    missing = x509.ExtensionNotFound(
        "No <class 'cryptography.x509.KeyUsage'> extension was found", ExtensionOID.KEY_USAGE
    )
    assert failures.refusal(missing).reason is Reason.CERTIFICATE_USAGE
    foreign = failures.refusal(ValueError("\x1b[31m DSSE: invalid signature"))
    assert foreign.reason is Reason.SIGNATURE_UNPROVED
    assert "\x1b" not in str(foreign)
