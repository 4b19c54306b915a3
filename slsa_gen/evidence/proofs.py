"""What was proved, as passed checks for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.verdict import Check

if TYPE_CHECKING:
    from cryptography import x509

    from slsa_gen.evidence.bundle import RecordedEntry
    from slsa_gen.evidence.proven_time import ProvenTime
    from slsa_gen.evidence.roots import Authority, TrustedLog


def of(
    signing: x509.Certificate,
    authority: Authority,
    certificate_log: TrustedLog,
    entry: RecordedEntry,
    log: TrustedLog,
    signed_at: ProvenTime,
) -> tuple[Check, ...]:
    """Return the checks of a bundle that was proved in every part."""
    lifetime = (
        f"{signing.not_valid_before_utc.isoformat()} to {signing.not_valid_after_utc.isoformat()}"
    )
    moment = signed_at.moment.isoformat()
    return (
        _passed("signature", "made with the certificate's key", "it is"),
        _passed("certificate.chain", "issued by a trusted authority", authority.url),
        _passed("certificate.sct", "logged when issued", certificate_log.url),
        _passed("log.inclusion", "in a trusted log", f"entry {entry.log_index} of {log.url}"),
        _passed("time", f"within {lifetime}", f"{moment} ({signed_at.clock})"),
    )


def _passed(rule: str, expected: str, found: str) -> Check:
    return Check(rule=rule, expected=expected, found=found, passed=True)
