"""What is said when a service is not reached, or points elsewhere; and what may pass."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import Final

import requests
import urllib3.exceptions

from slsa_gen.errors import ServiceError
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import without_query
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure

URL_HINT: Final = "Correct it where it comes from: the Sigstore configuration or the environment."
#: Characters by which a token is known again, also where it was cut short.
_TOKEN_START: Final = 32


class RedirectError(ServiceError):
    """The service pointed elsewhere. It is never followed unasked.

    Args:
        status: The HTTP status.
        location: Where it pointed, whatever it wrote; its query may be a secret.
    """

    def __init__(
        self, message: str, *, reason: Reason, hint: str, status: int, location: str
    ) -> None:
        super().__init__(message, reason=reason, hint=hint)
        self.status = status
        self.location = location


def status_line(status: int) -> str:
    """Return a status with its name, as ``503 Service Unavailable``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def shown_target(location: str, secret: str) -> str:
    """Return where a redirect points, without what is nobody's business.

    Args:
        location: The field's value, whatever the service wrote.
        secret: The token that was sent, which the service may repeat; empty for none.
    """
    target = without_query(location)
    before, found, _ = target.partition(secret[:_TOKEN_START]) if secret else (target, "", "")
    return harmless(f"{before}[token]" if found else target, 200)


def redirect(
    service: str, url: str, status: int, location: str, bearer: str | None
) -> RedirectError:
    """Return the error for an answer that points elsewhere."""
    return RedirectError(
        f"{service} ({without_query(url)}) answered {status_line(status)} and pointed to "
        f"{shown_target(location, bearer or '')!r}; redirects are not followed",
        reason=Reason.SERVICE_REDIRECT,
        hint="If the service has moved, name its new address in the configuration.",
        status=status,
        location=location,
    )


def unreachable(service: str, url: str, why: str) -> ServiceError:
    """Return the error for a service that did not answer."""
    return ServiceError(
        f"{service} ({without_query(url)}) could not be reached: {why}",
        reason=Reason.SERVICE_UNREACHABLE,
        hint="Look at the network, the proxy settings and the service's status page.",
    )


def network_failure(service: str, url: str, error: Exception) -> Exception:
    """Tell what is worth another try from what is not."""
    chain = _chain(error)
    untrusted = next((e for e in chain if isinstance(e, ssl.SSLCertVerificationError)), None)
    if untrusted is None and _is_malformed(error):
        return ServiceError(
            f"{service}: its URL {without_query(url)!r} cannot be asked, or a proxy's cannot",
            reason=Reason.SERVICE_URL,
            hint=URL_HINT,
        )
    ours = isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError)
    if untrusted is not None or not ours:
        why = error if untrusted is None else untrusted.verify_message
        return ServiceError(
            f"the TLS certificate of {service} ({without_query(url)}) cannot be "
            f"trusted: {harmless(str(why), 300)}",
            reason=Reason.SERVICE_CERTIFICATE,
            hint="Behind a proxy that looks into TLS, name its CA: "
            "export REQUESTS_CA_BUNDLE=/path/to/ca.pem",
        )
    return TransientFailure(unreachable(service, url, _why(chain)))


def _is_malformed(error: Exception) -> bool:
    """Tell whether an address or a field could not be read, which another try would repeat."""
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
        return True
    if isinstance(error, urllib3.exceptions.LocationValueError):
        return True
    # An OSError that is a ValueError too is requests' own; its families are told apart above.
    return isinstance(error, ValueError) and not isinstance(error, OSError)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error with all that it came from, the innermost last."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain


def _why(chain: list[BaseException]) -> str:
    for error in reversed(chain):
        if isinstance(error, OSError) and error.strerror:
            return harmless(error.strerror, 200)
    name = type(chain[0]).__name__
    return {
        "ReadTimeout": "it did not answer in time",
        "ConnectTimeout": "no connection in time",
        "ChunkedEncodingError": "the answer was cut off",
        "ConnectionError": "the connection was closed without an answer",
        "ContentDecodingError": "the answer's compression is broken",
        "ProxyError": "the proxy did not connect",
    }.get(name, name)
