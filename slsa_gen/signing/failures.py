"""What the child reports, as an error for people: stage, the service's own answer, a hint."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SigningError
from slsa_gen.http_failures import shown_target, status_line
from slsa_gen.limits import MIB
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure, parse_http_date, parse_retry_after

if TYPE_CHECKING:
    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.signing.protocol import Frame

_SERVER_ERROR: Final = 500
#: What gRPC's gateways say where a call was given up inside the service: Rekor version 2 does to
#: whoever comes next, when a client did not wait for it.
_CANCELLED: Final = 499
_TRANSIENT: Final = frozenset({408, 429, _CANCELLED})
#: Statuses after which the log may hold the entry: a gateway that lost the log's answer, a
#: log that failed halfway. 503 and 429 are said before anything is done.
_MAYBE_DONE: Final = frozenset({_CANCELLED, 500, 502, 504})


@dataclass(frozen=True, slots=True)
class _Words:
    name: str
    refused: Reason
    unreachable: Reason
    answer: Reason
    refused_hint: str
    network_hint: str = "Look at the network, the proxy settings and the service's status page."


class Stage(Enum):
    """Which service was being asked."""

    CERTIFICATE = _Words(
        "the certificate authority",
        Reason.SIGNING_CERTIFICATE_REFUSED,
        Reason.SIGNING_CERTIFICATE_UNREACHABLE,
        Reason.SIGNING_CERTIFICATE_ANSWER,
        "It takes only tokens of the issuers that it knows, made for the audience 'sigstore': "
        "sign with the Sigstore that this run's issuer belongs to (--sigstore).",
    )
    LOG = _Words(
        "the transparency log",
        Reason.SIGNING_LOG_REFUSED,
        Reason.SIGNING_LOG_UNREACHABLE,
        Reason.SIGNING_LOG_ANSWER,
        "A statement above about 4 MiB is too much for most logs: attest fewer subjects at "
        "once, or a smaller predicate.",
    )


_CLOCK_HINT: Final = (
    "Tokens and certificates serve for minutes: look at this machine's clock (`date -u`)."
)
_TLS_HINT: Final = (
    "Behind a proxy that looks into TLS, name its CA: export REQUESTS_CA_BUNDLE=/path/to/ca.pem"
)
_ROOT_HINT: Final = (
    "The trusted root and the service do not belong together, or the root is too old: look at "
    "--sigstore."
)
_SERVICE_HINT: Final = "The fault is the service's: look at its status page, and try again later."
#: The same where the hint of the tries that were made follows.
_STATUS_HINT: Final = "The fault is the service's: look at its status page."
_READ_HINT: Final = "Read what it says; trying again will not help."
#: Bytes of a statement from which on its size may be why a log says no. The log's limit of
#: about 4 MiB counts the entry, which holds the statement in base64.
_LARGE: Final = 2 * MIB


def failure(
    frame: Frame,
    stage: Stage,
    url: str,
    *,
    secret: bytes,
    size: int,
    limits: Limits,
    clock: Clock,
) -> TransientFailure | SigningError:
    """Return what to raise for a child's report: another try may do, or would not.

    ``secret`` is what no message may repeat, whoever says it; ``size`` is how many bytes the
    service was asked to take.
    """
    words = stage.value
    who = f"{words.name} ({url})"
    why = harmless(_without(secret, frame.text("why").encode()), 400)
    kind = frame.text("failure")
    if kind == "status":
        said = harmless(_without(secret, _answer(frame)), limits.shown_answer_bytes)
        return _status(frame, words, who, said, secret, size, clock)
    if kind == "network":
        message = f"{who} could not be reached: {why}"
        return TransientFailure(_error(message, words.unreachable, words.network_hint))
    if kind == "expired":
        message = f"the certificate ended before {who} was asked"
        return TransientFailure(_error(message, words.answer, _CLOCK_HINT))
    return _final(kind, why, words, who)


def _final(kind: str, why: str, words: _Words, who: str) -> SigningError:
    """Return the error of a failure that another try would repeat."""
    if kind == "token":
        expired = "Expired" in why or not why
        return _error(
            f"the identity token cannot be used: {why or 'it has expired'}",
            Reason.SIGNING_TOKEN_EXPIRED if expired else Reason.SIGNING_TOKEN,
            "Get a fresh token for the audience 'sigstore'."
            if "InvalidAudience" in why
            else f"Get a fresh token. {_CLOCK_HINT}",
        )
    message, reason, hint = {
        "certificate": (
            f"the TLS certificate of {who} cannot be trusted: {why}",
            words.unreachable,
            _TLS_HINT,
        ),
        "too-large": (
            f"{who} answered with more than can be read",
            Reason.SIGNING_ANSWER_TOO_LARGE,
            "Look at what that address serves: a proxy may have answered in its place.",
        ),
        "unstamped": (
            f"{who} took an entry, but the timestamp authority gave no timestamp for it",
            Reason.SIGNING_TIMESTAMP,
            _STATUS_HINT,
        ),
        "untrusted": (
            f"{who} answered, but the trusted root does not confirm its answer: {why}",
            words.answer,
            _ROOT_HINT,
        ),
    }.get(
        kind,
        (f"{who} gave an answer that cannot be used: {why}", words.answer, _SERVICE_HINT),
    )
    return _error(message, reason, hint)


def is_unstamped(frame: Frame) -> bool:
    """Tell whether only a timestamp was missing, for which another try may do."""
    return frame.text("failure") == "unstamped"


def may_have_been_logged(frame: Frame) -> bool:
    """Tell whether the log may hold an entry of a request that failed so."""
    if frame.text("failure") == "status":
        return frame.number("status") in _MAYBE_DONE
    return frame.header.get("sent") is True


def _status(
    frame: Frame, words: _Words, who: str, said: str, secret: bytes, size: int, clock: Clock
) -> TransientFailure | SigningError:
    status = frame.number("status") or 0
    says = f"{who} answered {status_line(status)}" + (f": {said}" if said else "")
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        date = parse_http_date(frame.text("date")) or clock.now()
        wanted = frame.text("retry-after")
        after = parse_retry_after(wanted, date) if wanted else None
        hint = _STATUS_HINT
        if words is Stage.LOG.value and status >= _SERVER_ERROR and size >= _LARGE:
            hint = f"{hint} {words.refused_hint}"
        return TransientFailure(_error(says, words.unreachable, hint), after)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        target = shown_target(frame.text("location"), secret.decode("latin-1"))
        return _error(
            f"{who} answered {status_line(status)} and pointed to {target!r}; redirects are not "
            "followed",
            Reason.SIGNING_REDIRECT,
            "If the service has moved, name its new address in the Sigstore configuration.",
        )
    too_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (
        status == HTTPStatus.BAD_REQUEST and size >= _LARGE
    )
    fits = words is Stage.CERTIFICATE.value or too_large
    return _error(says, words.refused, words.refused_hint if fits else _READ_HINT)


def _without(secret: bytes, text: bytes) -> bytes:
    return text.replace(secret, b"[token]") if secret else text


def _answer(frame: Frame) -> bytes:
    try:
        return base64.b64decode(frame.text("answer"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _error(message: str, reason: Reason, hint: str) -> SigningError:
    return SigningError(message, reason=reason, hint=hint)
