"""An exception of sigstore's libraries as data, for the other side of the pipe.

Errors of many types escape from sigstore-python, some without a message: what the service
answered, and whether the request can have reached it, is found by following the chain of
exceptions down to that of ``requests``. Runs in the child.
"""

from __future__ import annotations

import base64
import ssl
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import requests
import urllib3.exceptions
from sigstore.errors import VerificationError
from sigstore.models import InvalidBundle
from sigstore.oidc import ExpiredIdentity, IdentityError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of an answer that travel to the parent.
ANSWER_BYTES: Final = 16 * 1024
_TEXT_LENGTH: Final = 1000


class Failure(StrEnum):
    """What kind of failure it was."""

    STATUS = "status"
    NETWORK = "network"
    CERTIFICATE = "certificate"
    TOO_LARGE = "too-large"
    UNSTAMPED = "unstamped"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    TOKEN = "token"  # noqa: S105 (a kind of failure, not a secret)
    OTHER = "other"


def describe(error: BaseException) -> dict[str, object]:
    """Return the report of an exception: its kind and what is known of it.

    ``sent`` says whether the request may have reached the service.
    """
    chain = list(_chain(error))
    if any(isinstance(link, MemoryError) for link in chain):
        return _report(Failure.TOO_LARGE, "")
    of_network = _network(chain)
    if of_network is not None:
        return of_network
    if type(error).__name__ == "ExpiredCertificate":  # the library has no public name for it
        return _report(Failure.EXPIRED, "", sent=False)
    if isinstance(error, IdentityError | ExpiredIdentity):
        causes = [f"{type(link).__name__}: {link}" for link in chain[1:2]]
        return _report(Failure.TOKEN, "".join(causes), sent=False)
    if isinstance(error, InvalidBundle) and "timestamp" in str(error):
        # What a version 2 log's entry becomes when the timestamp authority did not answer.
        return _report(Failure.UNSTAMPED, "")
    kind = Failure.UNTRUSTED if isinstance(error, VerificationError) else Failure.OTHER
    return _report(kind, f"{type(error).__name__}: {error}")


def _network(chain: list[BaseException]) -> dict[str, object] | None:
    """Return the report of what requests raised, or None."""
    # JSONDecodeError is one of requests' own too, and says that there was an answer.
    links = [
        link
        for link in chain
        if isinstance(link, requests.RequestException) and not isinstance(link, ValueError)
    ]
    for link in links:
        if link.response is not None:
            return _status(link.response)
    for reason in chain:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return _report(Failure.CERTIFICATE, reason.verify_message, sent=False)
    if not links:
        return None
    why = _why(chain, type(links[0]).__name__)
    return _report(Failure.NETWORK, why, sent=_may_have_been_sent(chain))


def _report(failure: Failure, why: str, *, sent: bool = True) -> dict[str, object]:
    return {"failure": failure, "sent": sent, "why": _cut(why)}


def _status(answer: requests.Response) -> dict[str, object]:
    headers = answer.headers
    return {
        "failure": Failure.STATUS,
        "sent": True,
        "status": answer.status_code,
        "retry-after": _cut(headers.get("Retry-After", "")),
        "date": _cut(headers.get("Date", "")),
        "location": _cut(headers.get("Location", "")),
        "answer": base64.b64encode(answer.content[:ANSWER_BYTES]).decode("ascii"),
    }


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it came from, also those that urllib3 keeps as values."""
    pending: list[object] = [error]
    seen: list[object] = []
    while pending:
        link = pending.pop(0)
        if not isinstance(link, BaseException) or any(link is other for other in seen):
            continue
        seen.append(link)
        yield link
        pending += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _may_have_been_sent(chain: list[BaseException]) -> bool:
    """Tell whether a connection stood when the failure came."""
    unconnected = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        urllib3.exceptions.NameResolutionError,
        urllib3.exceptions.ProxyError,
        urllib3.exceptions.SSLError,
        ConnectionRefusedError,
    )
    return not any(isinstance(link, unconnected) for link in chain)


def _why(chain: list[BaseException], default: str) -> str:
    for link in reversed(chain):
        if isinstance(link, OSError) and link.strerror:
            return _cut(link.strerror)
    if any(isinstance(link, urllib3.exceptions.NameResolutionError) for link in chain):
        return "its name could not be resolved"
    if default == "ConnectionError":
        return "the connection was closed without an answer"
    return {"ChunkedEncodingError": "the answer was cut off"}.get(default, default)


def _cut(text: str) -> str:
    # Lone surrogates, which no frame carries, can come from a header.
    return text[:_TEXT_LENGTH].encode("utf-8", errors="replace").decode("utf-8")
