"""RFC 3161 timestamps over a signature: fetched, and checked.

sigstore-python asks timestamp authorities once, with no second try, only warns when one
fails, and compares no nonce. So for a version 1 log, whose entries have a time of their own,
they are asked here, after the log took its entry: again within the budget, without a new log
entry for each try. For a version 2 log the library makes no bundle without a timestamp, so it
must ask them itself; they are asked here first, for something random, so that an authority
that is down is waited for before the log takes an entry.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response
from rfc3161_client.base import HashAlgorithm

from slsa_gen.errors import ServiceError, SigningError
from slsa_gen.http import Request
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.http import HttpClient
    from slsa_gen.limits import Limits
    from slsa_gen.retry import Retrier

_SERVICE: Final = "the timestamp authority"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
#: PKIStatus (RFC 3161, section 2.4.2) of an answer that holds a timestamp.
_GRANTED: Final = frozenset({0, 1})


class TimestampClient:
    """Fetches timestamps from as many of the named authorities as are wanted.

    Args:
        urls: The authorities, in the configuration's order.
        wanted: How many of them must answer.
        client: Asks them.
        retrier: Holds the budget.
        limits: The bytes of an answer.
    """

    def __init__(
        self,
        urls: tuple[str, ...],
        wanted: int,
        client: HttpClient,
        retrier: Retrier,
        limits: Limits,
    ) -> None:
        self._urls = urls
        self._wanted = wanted
        self._client = client
        self._retrier = retrier
        self._limits = limits

    def fetch(self, signature: bytes) -> list[tuple[bytes, datetime]]:
        """Return the timestamps (DER) over a signature, each with the time that it says.

        Where fewer authorities are wanted than there are, the next one is tried after a
        failure; an authority that has answered is not asked again.

        Raises:
            SigningError: too few answered within the budget, or one answered wrongly.
        """
        left = list(self._urls)
        stamps: list[tuple[bytes, datetime]] = []
        while (needed := self._wanted - len(stamps)) > 0:
            stamps.append(self._fetch_one(signature, left, needed))
        return stamps

    def _fetch_one(self, signature: bytes, left: list[str], needed: int) -> tuple[bytes, datetime]:
        def attempt(seconds: float) -> tuple[bytes, datetime]:
            url = left.pop(0)
            try:
                return self._ask(url, signature, seconds)
            except TransientFailure:
                left.append(url)
                raise
            except ServiceError as error:
                if len(left) < needed:
                    raise
                # There are others that will do: this one is not asked again.
                raise TransientFailure(error) from error

        try:
            return self._retrier.run(attempt, "the timestamp authority")
        except SigningError:
            raise
        except ServiceError as error:
            raise SigningError(
                f"no timestamp could be had: {error.message}",
                reason=Reason.SIGNING_TIMESTAMP,
                hint=error.hint,
            ) from error

    def _ask(self, url: str, signature: bytes, seconds: float) -> tuple[bytes, datetime]:
        request = (
            TimestampRequestBuilder()
            .data(signature)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .build()
        )
        response = self._client.attempt(
            Request(
                "POST",
                url,
                _SERVICE,
                self._limits.answer_bytes,
                {"Content-Type": "application/timestamp-query"},
                body=request.as_bytes(),
            ),
            seconds,
        )
        return response.body, check_timestamp(response.body, signature, url, nonce=request.nonce)


def check_timestamp(answer: bytes, signature: bytes, url: str, *, nonce: int | None) -> datetime:
    """Return the time in an answer that belongs to the signature, and to a request's nonce.

    Without a nonce (someone else asked) none is compared. Whether the authority's own
    signature holds is proved with the trusted root, by ``evidence``.

    Raises:
        SigningError: it does not belong to them, or grants nothing.
    """
    try:
        response = decode_timestamp_response(answer)
        status = response.status
        if status not in _GRANTED:
            said = harmless("; ".join(response.status_string), 200)
            raise _error(url, f"it refused with status {status}" + (f": {said}" if said else ""))
        info = response.tst_info
        imprint = info.message_imprint
        algorithm = imprint.hash_algorithm.dotted_string
        message, found, time = imprint.message, info.nonce, info.gen_time
    except ValueError as error:
        raise _error(url, "its answer is no timestamp response") from error
    if algorithm != _SHA256 or message != hashlib.sha256(signature).digest():
        raise _error(url, "its timestamp is over something other than this signature")
    if nonce is not None and found != nonce:
        raise _error(url, "its timestamp carries another nonce: it was made for someone else")
    return time


def _error(url: str, why: str) -> SigningError:
    return SigningError(
        f"{_SERVICE} ({url}) gave nothing that can be used: {why}",
        reason=Reason.SIGNING_TIMESTAMP,
        hint="Try again; if it stays, name another timestamp authority in the configuration.",
    )
