"""A trusted root, read for what sigstore's verifier leaves out: the periods of its keys.

The format is ``dev.sigstore.trustroot.v1.TrustedRoot`` in JSON. sigstore trusts the keys of
every log and authority for ever; here each counts within its own ``validFor`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509

from slsa_gen import strictjson
from slsa_gen.errors import MalformedEvidenceError, TrustError
from slsa_gen.evidence.certificate import UNREADABLE
from slsa_gen.evidence.fields import Fields
from slsa_gen.model.text import size
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import SigstoreInstance


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both included; no end when ``end`` is None."""

    start: datetime
    end: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Tell whether a moment lies within."""
        return self.start <= moment and (self.end is None or moment <= self.end)

    def __str__(self) -> str:
        return f"{self.start.isoformat()} to {self.end.isoformat() if self.end else 'now'}"


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A transparency log or a certificate log, by the id that its entries carry.

    ``key_details`` names the kind of its key (protobuf-specs, ``PublicKeyDetails``).
    """

    url: str
    log_id: bytes
    key_details: str
    period: Period


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate or timestamp authority: its chain, the issuing certificate first."""

    url: str
    chain: tuple[x509.Certificate, ...] = field(repr=False)
    period: Period


@dataclass(frozen=True, slots=True)
class Roots:
    """Whom a trusted root trusts."""

    logs: tuple[TrustedLog, ...]
    certificate_logs: tuple[TrustedLog, ...]
    certificate_authorities: tuple[Authority, ...]
    timestamp_authorities: tuple[Authority, ...]


def read(instance: SigstoreInstance, limits: Limits) -> Roots:
    """Read the trusted root of an instance.

    Raises:
        TrustError: it is not a trusted root, or one of its items is malformed.
    """
    if len(instance.trusted_root) > limits.trust_bytes:
        raise malformed(instance, f"it has more than the {size(limits.trust_bytes)} that is read")
    try:
        document = strictjson.loads_object(
            instance.trusted_root, max_bytes=limits.trust_bytes, max_depth=limits.json_depth
        )
        root = Fields(document, "trusted root")
        found = Roots(
            logs=_logs(root, "tlogs"),
            certificate_logs=_logs(root, "ctlogs"),
            certificate_authorities=_authorities(root, "certificateAuthorities"),
            timestamp_authorities=_authorities(root, "timestampAuthorities"),
        )
    except (strictjson.StrictJsonError, MalformedEvidenceError, *UNREADABLE) as error:
        raise malformed(instance, str(error)) from error
    if not found.logs:
        raise malformed(instance, "it holds no transparency log, and only what is logged is proved")
    return found


def malformed(instance: SigstoreInstance, why: str) -> TrustError:
    """Return the error that a trusted root cannot be used."""
    return TrustError(
        f"the trusted root of {instance.name!r} cannot be used: {why}",
        reason=Reason.TRUST_ROOT,
        hint="Give another with --custom-trusted-root FILE, or leave the option out to use "
        "the public one.",
    )


def _logs(root: Fields, name: str) -> tuple[TrustedLog, ...]:
    return tuple(
        TrustedLog(
            url=item.optional_text("baseUrl") or "",
            log_id=item.nested("logId").data("keyId"),
            key_details=item.nested("publicKey").text("keyDetails"),
            period=_period(item.nested("publicKey").nested("validFor")),
        )
        for item in root.objects(name, needed=False)
    )


def _authorities(root: Fields, name: str) -> tuple[Authority, ...]:
    return tuple(
        Authority(
            url=item.optional_text("uri") or "",
            chain=tuple(
                x509.load_der_x509_certificate(certificate.data("rawBytes"))
                for certificate in item.nested("certChain").objects("certificates")
            ),
            period=_period(item.nested("validFor")),
        )
        for item in root.objects(name, needed=False)
    )


def _period(valid_for: Fields) -> Period:
    end = valid_for.optional_text("end")
    return Period(
        start=_moment(valid_for, valid_for.text("start")),
        end=None if end is None else _moment(valid_for, end),
    )


def _moment(place: Fields, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise place.error(f"{text[:40]!r} is not a date and time (RFC 3339)") from error
    if moment.tzinfo is None:
        raise place.error(f"{text[:40]!r} has no time zone")
    return moment
