"""When something was signed, by clocks that the signer does not turn.

sigstore proves the same times while it verifies but does not hand them out, and a certificate
lives for ten minutes: the time decides everything. So timestamps are verified here too, and
the log's own time is taken only where its signature (the SET) covers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rfc3161_client import (
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from slsa_gen.errors import UntrustedSignatureError
from slsa_gen.evidence.certificate import UNREADABLE
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.evidence.bundle import RecordedEntry
    from slsa_gen.evidence.roots import Authority

#: The most timestamps that are looked at, as sigstore-go and sigstore-python count.
MOST_TIMESTAMPS: Final = 32
#: Entry kinds of Rekor v1 whose integrated time the SET signs.
_TIMED_KINDS: Final = frozenset({("dsse", "0.0.1"), ("hashedrekord", "0.0.1")})
_SHORTEST_CHAIN: Final = 2


@dataclass(frozen=True, slots=True, order=True)
class ProvenTime:
    """A moment before which the signature existed, and whose clock says so."""

    moment: datetime
    clock: str


def timestamps(
    responses: tuple[bytes, ...], signature: bytes, authorities: tuple[Authority, ...]
) -> tuple[ProvenTime, ...]:
    """Return the times of the RFC 3161 timestamps, each by a trusted authority.

    Every timestamp must hold, also where the log's own time would do: what cannot be
    verified has no place in a bundle that is accepted.

    Raises:
        UntrustedSignatureError: too many timestamps, one that is no timestamp, or one that
            no trusted authority made for this signature within its period.
    """
    if len(responses) > MOST_TIMESTAMPS:
        raise _refused(
            f"the bundle has {len(responses)} timestamps, at most {MOST_TIMESTAMPS} are looked at",
            "A signing client writes one or two: ask whoever signed to sign again.",
        )
    return tuple(_time_of(_decode(data), signature, authorities) for data in responses)


def integrated(entry: RecordedEntry, log_url: str) -> ProvenTime | None:
    """Return the log's own time, where its signature covers it.

    Only what the SET signs counts; that the SET holds is for the verifier to prove.
    """
    if entry.integrated_time is None or entry.inclusion_promise is None:
        return None
    if (entry.kind, entry.version) not in _TIMED_KINDS:
        return None
    return ProvenTime(datetime.fromtimestamp(entry.integrated_time, tz=UTC), log_url or "log")


def _decode(data: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(data)
    except UNREADABLE as error:
        raise _refused(
            "the bundle holds a timestamp that is not an RFC 3161 response",
            "The bundle is damaged: take it anew from where it was published.",
        ) from error


def _time_of(
    response: TimeStampResponse, signature: bytes, authorities: tuple[Authority, ...]
) -> ProvenTime:
    for authority in authorities:
        if len(authority.chain) < _SHORTEST_CHAIN:
            continue
        try:
            builder = VerifierBuilder(
                tsa_certificate=authority.chain[0],
                intermediates=list(authority.chain[1:-1]),
                roots=[authority.chain[-1]],
            )
            builder.build().verify_message(response, signature)
            moment = response.tst_info.gen_time
        except (VerificationError, *UNREADABLE):
            continue
        if authority.period.covers(moment):
            return ProvenTime(moment, authority.url or "timestamp authority")
    raise _refused(
        "the bundle has a timestamp, but not of an authority that the trusted root trusts, for "
        "this signature and within its period",
        "If another Sigstore signed it, name its trusted root: --custom-trusted-root FILE, or "
        "--sigstore staging or sandbox.",
    )


def _refused(message: str, hint: str) -> UntrustedSignatureError:
    return UntrustedSignatureError(message, reason=Reason.TIME_TIMESTAMP, hint=hint)
