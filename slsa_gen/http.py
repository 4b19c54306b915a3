"""The one HTTP client: bounded in time and size, retried, and no token across hosts.

https only, but for loopback. No redirect is followed: a redirect is an error that names
where it pointed. No ``.netrc`` is read (an entry there would replace the bearer token), and
proxies come from the environment that is handed in, never for loopback.

``requests`` bounds each read of a socket, not the whole: a server that sends a byte now and
then holds it for ever. So each attempt runs on a daemon thread that is left behind at its
deadline; what it may still read is bounded by the size limit.
"""

from __future__ import annotations

import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from slsa_gen import __version__
from slsa_gen.errors import ServiceError
from slsa_gen.http_failures import URL_HINT, network_failure, redirect, status_line, unreachable
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import UrlError, is_loopback, split_service_url, without_query
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure, in_seconds, parse_http_date, parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slsa_gen.limits import Limits
    from slsa_gen.retry import Retrier

T = TypeVar("T")

USER_AGENT: Final = f"slsa-gen/{__version__}"

#: Bytes read at once. A decompressor may make a thousand times as much of them, no more.
_CHUNK: Final = 8 * 1024
#: Bytes kept of an answer that is an error.
_ERROR_BYTES: Final = 64 * 1024
_FIELD_VALUE: Final = re.compile(r"[\x20-\x7e]*")
_REFUSED_HINT: Final = "Read what it says; for the runner's token endpoint, run the job again."
_TRANSIENT: Final = frozenset({408, 429})
_SERVER_ERROR: Final = 500
#: What leaves requests: not all of it is its own (a UnicodeError is a ValueError).
_FOREIGN: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with a status of 200 to 299. The names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class StatusError(ServiceError):
    """The service answered, with a status that says no.

    Args:
        status: The HTTP status.
        answer: The start of what it said, made harmless for a terminal or a log.
        body: The same as bytes, for a program that reads it.
        headers: The answer's fields, their names in lower case.
        retry_after: Seconds that the service asked to wait, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        hint: str,
        status: int,
        answer: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, reason=reason, hint=hint)
        self.status = status
        self.answer = answer
        self.body = body
        self.headers = headers or {}
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: ``service`` is its name in messages, ``max_bytes`` bounds the answer.

    ``bearer`` is a token for the Authorization field.
    """

    method: str
    url: str
    service: str
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    bearer: str | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Session(requests.Session):
    """Looks at no redirect's target: requests parses it even when it is not to be followed."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 (requests' name)
        """Say that there is none."""
        return None


class HttpClient:
    """Asks services, within the retrier's budget.

    Args:
        retrier: Holds the budget, the clock and the waits.
        limits: The seconds of one attempt and the bytes of an answer.
        environment: Where proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) and a CA bundle
            (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE) are looked up; none by default.
    """

    def __init__(
        self, retrier: Retrier, limits: Limits, environment: Mapping[str, str] | None = None
    ) -> None:
        self._retrier = retrier
        self._limits = limits
        self._environment = environment or {}

    def get(
        self,
        url: str,
        *,
        service: str,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """Fetch a document.

        Args:
            url: https, or http on loopback.
            service: What it is called in messages ("the token endpoint").
            headers: Further fields.
            bearer: A token for the Authorization field.
            max_bytes: The most that the answer may hold, decompressed.

        Raises:
            StatusError: the service said no (a 4xx but 408 and 429), or kept failing.
            ServiceError: it could not be reached, pointed elsewhere, or said too much.
        """
        limit = self._limits.answer_bytes if max_bytes is None else max_bytes
        request = Request("GET", url, service, limit, headers or {}, bearer)
        return self._retrier.run(lambda seconds: self.attempt(request, seconds), service)

    def post(
        self,
        url: str,
        *,
        service: str,
        body: bytes,
        content_type: str,
        bearer: str | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """Send a document and return the answer; arguments and errors are those of get."""
        limit = self._limits.answer_bytes if max_bytes is None else max_bytes
        fields = {"Content-Type": content_type}
        request = Request("POST", url, service, limit, fields, bearer, body)
        return self._retrier.run(lambda seconds: self.attempt(request, seconds), service)

    def repeat(
        self, attempt: Callable[[float], T], service: str, seconds: float | None = None
    ) -> T:
        """Call ``attempt`` until it returns, as :meth:`Retrier.run` does, within the one budget.

        For callers that must look, between two tries, at what became of the first.
        """
        return self._retrier.run(attempt, service, seconds)

    def attempt(self, request: Request, seconds: float) -> Response:
        """Ask once, on a thread of its own, and judge what came of it.

        Raises:
            TransientFailure: another try may do.
            ServiceError: another try would not.
        """
        _check_url(request)
        fields = _fields(request)
        abandoned = threading.Event()
        future: Future[_Answer] = Future()

        def work() -> None:
            try:
                future.set_result(self._exchange(request, fields, seconds, abandoned))
            except TimeoutError as error:
                future.set_exception(error)
            except _FOREIGN as error:
                # Told here: raised again on the caller's thread, it would be taken for a
                # consequence of whatever error is being handled there.
                failure = network_failure(request.service, request.url, error)
                failure.__cause__ = error
                future.set_exception(failure)
            except BaseException as error:  # noqa: BLE001 (raised again by result(), below)
                future.set_exception(error)

        threading.Thread(target=work, name=f"slsa-gen {request.service}", daemon=True).start()
        try:
            answer = future.result(timeout=seconds)
        except TimeoutError as error:
            raise TransientFailure(
                unreachable(
                    request.service, request.url, f"no whole answer within {in_seconds(seconds)}"
                )
            ) from error
        finally:
            abandoned.set()
        return self._judge(request, answer)

    def _exchange(
        self,
        request: Request,
        fields: dict[str, str],
        seconds: float,
        abandoned: threading.Event,
    ) -> _Answer:
        """Send the request and read the answer; runs on the attempt's thread."""
        with _Session() as session:
            session.trust_env = False  # neither .netrc nor the process's environment
            with session.request(
                request.method,
                request.url,
                headers=fields,
                data=request.body,
                timeout=seconds,
                allow_redirects=False,
                stream=True,
                proxies=proxies_for(request.url, self._environment),
                verify=_ca_bundle(self._environment),
            ) as answer:
                good = answer.status_code < HTTPStatus.MULTIPLE_CHOICES
                limit = request.max_bytes if good else _ERROR_BYTES
                body = bytearray()
                for chunk in answer.iter_content(_CHUNK):
                    body += chunk
                    if len(body) > limit or abandoned.is_set():
                        break
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return _Answer(answer.status_code, headers, bytes(body))

    def _judge(self, request: Request, answer: _Answer) -> Response:
        status = answer.status
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            if len(answer.body) > request.max_bytes:
                raise ServiceError(
                    f"{request.service} answered with more than the {request.max_bytes} bytes "
                    "that are read",
                    reason=Reason.SERVICE_ANSWER_TOO_LARGE,
                    hint=f"Look at what {without_query(request.url)} serves.",
                )
            return Response(status, answer.headers, answer.body)
        if status < HTTPStatus.BAD_REQUEST:
            target = answer.headers.get("location", "")
            raise redirect(request.service, request.url, status, target, request.bearer)
        error = self._status_error(request, answer)
        if status in _TRANSIENT or status >= _SERVER_ERROR:
            raise TransientFailure(error, error.retry_after)
        raise error

    def _retry_after(self, answer: _Answer) -> float | None:
        value = answer.headers.get("retry-after")
        if value is None:
            return None
        date = parse_http_date(answer.headers.get("date", ""))
        return parse_retry_after(value, date or self._retrier.clock.now())

    def _status_error(self, request: Request, answer: _Answer) -> StatusError:
        body = answer.body
        if request.bearer:  # a service that repeats the token must not make us print it
            body = body.replace(request.bearer.encode(), b"[token]")
        said = harmless(body, self._limits.shown_answer_bytes)
        refused = answer.status < _SERVER_ERROR
        return StatusError(
            f"{request.service} ({without_query(request.url)}) answered "
            f"{status_line(answer.status)}" + (f": {said}" if said else ""),
            reason=Reason.SERVICE_REFUSED if refused else Reason.SERVICE_FAILED,
            hint=_REFUSED_HINT
            if refused
            else "The fault is the service's: look at its status page.",
            status=answer.status,
            answer=said,
            body=body,
            headers=answer.headers,
            retry_after=self._retry_after(answer),
        )


def _check_url(request: Request) -> None:
    try:
        split_service_url(request.url)
    except UrlError as error:
        # A URL with a user name may hold a password: it is not repeated.
        got = "" if "@" in request.url else f"; got {request.url[:200]!r}"
        raise ServiceError(
            f"the URL of {request.service} cannot be used: {error}{got}",
            reason=Reason.SERVICE_URL,
            hint=URL_HINT,
        ) from error


def _fields(request: Request) -> dict[str, str]:
    fields = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
    if request.bearer is not None:
        fields["Authorization"] = f"Bearer {request.bearer}"
    for name, value in fields.items():
        # requests would repeat the value, a token perhaps, in its own error.
        if not _FIELD_VALUE.fullmatch(value):
            raise ServiceError(
                f"the field {name} for {request.service} holds characters that HTTP cannot carry",
                reason=Reason.SERVICE_URL,
                hint="Look for a line break or a blank at the end of a token or a setting.",
            )
    return fields


def proxies_for(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy for an https URL in requests' form; loopback never has one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or is_loopback(host):
        return {}
    excluded = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    for entry in excluded.lower().split(","):
        name = entry.strip().partition(":")[0].lstrip(".")
        if name == "*" or (name and (host == name or host.endswith("." + name))):
            return {}
    for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        proxy = environment.get(variable)
        if proxy:
            return {"https": proxy}
    return {}


def _ca_bundle(environment: Mapping[str, str]) -> str | bool:
    return environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE") or True
