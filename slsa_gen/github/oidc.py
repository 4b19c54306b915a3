"""Where identity tokens come from: the runner, a file, or a variable. All are verified.

https://docs.github.com/en/actions/reference/security/oidc. Tokens and the runner's own
request token are secrets: they are in no message, no representation and no exception.
"""

from __future__ import annotations

import os
import select
import stat
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.errors import ContextError, ServiceError
from slsa_gen.github.keys import IssuerKeys
from slsa_gen.github.verification import AUDIENCE, verify_token
from slsa_gen.model.urls import UrlError, split_service_url
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.github.seam import HttpGet
    from slsa_gen.limits import Limits
    from slsa_gen.model.instance import Issuer
    from slsa_gen.model.token import IdentityToken, TokenSource

__all__ = [
    "AUDIENCE",
    "FixedTokenSource",
    "HiddenTokens",
    "RunTokenSource",
    "read_token_file",
    "verify_token",
]

_SERVICE: Final = "the runner's token endpoint"


class RunTokenSource:
    """Asks the runner for a token of the job, each time anew.

    Args:
        request_url: ACTIONS_ID_TOKEN_REQUEST_URL.
        request_token: ACTIONS_ID_TOKEN_REQUEST_TOKEN.
        http: Asks.
        issuer: Who must have issued the token, and where its keys are.
        clock: Says whether it is still valid.
        limits: Sizes and the clock's leeway.

    Raises:
        ContextError: The URL is neither https nor on loopback.
    """

    def __init__(
        self,
        request_url: str,
        request_token: str,
        http: HttpGet,
        issuer: Issuer,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._url = _with_audience(request_url)
        self._request_token = request_token
        self._http = http
        self._keys = IssuerKeys(issuer, http, limits)
        self._clock = clock
        self._limits = limits

    def fetch(self) -> IdentityToken:
        """Return a fresh token, verified.

        Raises:
            ContextError: It does not verify.
            ServiceError: The runner or the issuer's keys could not be reached.
        """
        answer = self._http.get(
            self._url,
            service=_SERVICE,
            headers={"Accept": "application/json"},
            bearer=self._request_token,
            max_bytes=self._limits.answer_bytes,
        )
        return self._keys.verify(self._token_of(answer.body), self._clock.now())

    def _token_of(self, body: bytes) -> str:
        try:
            document = strictjson.loads_object(
                body, max_bytes=self._limits.answer_bytes, max_depth=self._limits.json_depth
            )
        except strictjson.StrictJsonError:
            document = {}
        token = document.get("value")
        if not isinstance(token, str) or not token:
            # The answer is not shown: what is in it may be the token after all.
            raise ServiceError(
                f'{_SERVICE} answered, but not with JSON {{"value": TOKEN}}',
                reason=Reason.SERVICE_ANSWER,
                hint="Run the job again.",
            )
        return token


class FixedTokenSource:
    """A token that was handed in: from a file, a pipe or a variable.

    Args:
        read: Returns the token's text; asked each time, so that whoever keeps a file fresh
            is heard.
        http: Asks for the issuer's keys.
        issuer: Who must have issued the token, and where its keys are.
        clock: Says whether it is still valid.
        limits: Sizes and the clock's leeway.
    """

    def __init__(
        self,
        read: Callable[[], str],
        http: HttpGet,
        issuer: Issuer,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._read = read
        self._keys = IssuerKeys(issuer, http, limits)
        self._clock = clock

    def fetch(self) -> IdentityToken:
        """Return the token that was handed in, verified.

        Raises:
            ContextError: It cannot be read or does not verify (an expired one, say).
            ServiceError: The issuer's keys could not be reached.
        """
        return self._keys.verify(self._read(), self._clock.now())


class HiddenTokens:
    """Has each token hidden in the run's log before it is used.

    Args:
        tokens: Where they come from.
        hide: Is told each token's text.
    """

    def __init__(self, tokens: TokenSource, hide: Callable[[str], None]) -> None:
        self._tokens = tokens
        self._hide = hide

    def fetch(self) -> IdentityToken:
        """Return the next token; raises what its source raises."""
        token = self._tokens.fetch()
        self._hide(token.raw)
        return token


def read_token_file(path: Path, clock: Clock, limits: Limits) -> Callable[[], str]:
    """Return what reads the token of a file again each time, and of a pipe once.

    A link is followed: what keeps tokens fresh (Kubernetes' projected volumes) uses them.

    Args:
        path: The file, or a pipe (a shell's process substitution).
        clock: Measures how long a pipe is waited for.
        limits: The bytes of a token, and the seconds that a pipe may take.
    """
    of_pipe: list[str] = []

    def read() -> str:
        if of_pipe:
            return of_pipe[0]
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
            try:
                again = stat.S_ISREG(os.fstat(descriptor).st_mode)
                content = _read_in_time(descriptor, clock, limits)
            finally:
                os.close(descriptor)
        except TimeoutError as error:
            what = f"gave no whole token within {limits.attempt_seconds:g} s"
            raise _file_error(path, what) from error
        except OSError as error:
            raise _file_error(path, f"cannot be read: {error.strerror}") from error
        if len(content) > limits.token_bytes:
            raise _file_error(path, f"has more than the {limits.token_bytes} bytes of a token")
        text = content.decode("ascii", errors="replace").strip()
        if not text:
            raise _file_error(path, "is empty")
        if not again:
            of_pipe.append(text)
        return text

    return read


def _read_in_time(descriptor: int, clock: Clock, limits: Limits) -> bytes:
    """Read to the end, or one byte more than a token has; a pipe is waited for, not for ever."""
    content = b""
    end = clock.monotonic() + limits.attempt_seconds
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while len(content) <= limits.token_bytes:
        # Of a pipe that nobody has opened to write, reading would say at once that it ended.
        left = end - clock.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError
        try:
            more = os.read(descriptor, limits.token_bytes + 1 - len(content))
        except BlockingIOError:  # another reader was faster
            continue
        if not more:
            break
        content += more
    return content


def _file_error(path: Path, what: str) -> ContextError:
    return ContextError(
        f"the identity token file {str(path)!r} {what}",
        reason=Reason.CONTEXT_TOKEN_FILE,
        hint="Write the token, and nothing else, into the file that --identity-token-file names.",
    )


def _with_audience(request_url: str) -> str:
    try:
        split_service_url(request_url)
    except UrlError as error:
        raise _url_error(str(error)) from error
    if "#" in request_url:
        raise _url_error("a fragment has no place in it")
    return f"{request_url}{'&' if '?' in request_url else '?'}audience={AUDIENCE}"


def _url_error(why: str) -> ContextError:
    return ContextError(
        f"ACTIONS_ID_TOKEN_REQUEST_URL is not a URL to send a token to: {why}",
        reason=Reason.CONTEXT_TOKEN_URL,
        hint="The runner sets it; a step of the job must have changed it. Leave it alone.",
    )
