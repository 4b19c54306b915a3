"""How a certificate was issued: by which authority, and into which certificate log.

sigstore proves the chain and the SCT's signature. Here: that the authority and the
certificate log counted at that time, and that the SCT names a log that is trusted.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.certificate_transparency import SignatureAlgorithm

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence.certificate import UNREADABLE
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from cryptography.x509.certificate_transparency import SignedCertificateTimestamp

    from slsa_gen.evidence.proven_time import ProvenTime
    from slsa_gen.evidence.roots import Authority, Roots, TrustedLog

_ANOTHER: Final = (
    "If another Sigstore signed it, name its trusted root: --custom-trusted-root FILE, or "
    "--sigstore staging or sandbox."
)


def issuing_authority(
    certificate: x509.Certificate, roots: Roots, times: tuple[ProvenTime, ...]
) -> Authority:
    """Return the authority that issued a certificate and counted at each proven time.

    Raises:
        UntrustedSignatureError: there is none.
    """
    issuers = [
        authority
        for authority in roots.certificate_authorities
        if any(_issued_by(certificate, issuer) for issuer in authority.chain)
    ]
    if not issuers:
        raise UntrustedSignatureError(
            "the signing certificate was not issued by an authority of the trusted root",
            reason=Reason.CERTIFICATE_CHAIN,
            hint=_ANOTHER,
        )
    for authority in issuers:
        if all(authority.period.covers(time.moment) for time in times):
            return authority
    raise UntrustedSignatureError(
        f"the signature was made at {times[0].moment.isoformat()}, but the trusted root trusts "
        f"the certificate authority {issuers[0].url} from {issuers[0].period} only",
        reason=Reason.CERTIFICATE_AUTHORITY_PERIOD,
        hint="A key outside its period may be in other hands: ask whoever signed to sign again.",
    )


def certificate_log(certificate: x509.Certificate, roots: Roots) -> TrustedLog:
    """Return the certificate log that the certificate's SCT names and that counted then.

    Raises:
        UntrustedSignatureError: no SCT or several, a log that is not trusted, or one that
            was not trusted at the SCT's time.
    """
    sct = _only_sct(certificate)
    log = next((log for log in roots.certificate_logs if log.log_id == sct.log_id), None)
    if log is None:
        raise _sct_refused(f"it names the certificate log {sct.log_id.hex()}, which is not trusted")
    moment = sct.timestamp.replace(tzinfo=UTC)
    if not log.period.covers(moment):
        raise _sct_refused(
            f"it is of {moment.isoformat()}, but the key of {log.url} is trusted from "
            f"{log.period} only"
        )
    rsa = "RSA" in log.key_details
    if sct.signature_algorithm is not (SignatureAlgorithm.RSA if rsa else SignatureAlgorithm.ECDSA):
        raise _sct_refused(f"its algorithm is not that of the key of {log.url}")
    return log


def _only_sct(certificate: x509.Certificate) -> SignedCertificateTimestamp:
    try:
        extension = certificate.extensions.get_extension_for_class(
            x509.PrecertificateSignedCertificateTimestamps
        )
        found: list[SignedCertificateTimestamp] = list(extension.value)
    except (x509.ExtensionNotFound, *UNREADABLE) as error:
        raise _sct_refused("there is none") from error
    if len(found) != 1:
        raise _sct_refused(f"one is read, there are {len(found)}")
    return found[0]


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _sct_refused(why: str) -> UntrustedSignatureError:
    return UntrustedSignatureError(
        f"the certificate's SCT (the proof that it was logged when issued) does not hold: {why}",
        reason=Reason.CERTIFICATE_SCT,
        hint=_ANOTHER,
    )
