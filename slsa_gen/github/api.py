"""GitHub's REST API: one request, its headers, and what its refusals mean for another try.

https://docs.github.com/en/rest/using-the-rest-api. What GitHub says with a status alone is
ambiguous: 403 is a missing permission, a used-up hour (``x-ratelimit-remaining: 0``) or a
secondary limit (``Retry-After``, or its message). Only the last two are tried again, and not
before GitHub wants it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from slsa_gen.errors import PublishError
from slsa_gen.github import api_answers, release_failures
from slsa_gen.http import Request, StatusError
from slsa_gen.http_failures import RedirectError
from slsa_gen.reasons import Reason
from slsa_gen.retry import TransientFailure, in_seconds, parse_http_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slsa_gen.clock import Clock
    from slsa_gen.github.hosts import ApiHosts
    from slsa_gen.http import HttpClient, Response
    from slsa_gen.limits import Limits

T = TypeVar("T")

#: What it is called in messages.
SERVICE: Final = "GitHub's API"
#: The version whose answers are read here (https://docs.github.com/rest/about-the-rest-api/api-versions).
VERSION: Final = "2022-11-28"
_JSON: Final = "application/vnd.github+json"
_LIMITED: Final = frozenset({403, 429})
#: "Otherwise, wait for at least one minute before retrying", then exponentially longer:
#: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
_SECONDARY_WAIT: Final = 60.0


class GitHubApi:
    """Asks the API of one repository, with one token.

    Args:
        http: Asks, within the command's budget of time.
        hosts: Where; nothing else is ever sent the token.
        token: GITHUB_TOKEN.
        repository: ``owner/name``, of the verified token.
        limits: Sizes, and how slow a transfer may be.
        clock: Says how long it is until a limit ends.
    """

    def __init__(
        self,
        http: HttpClient,
        hosts: ApiHosts,
        token: str,
        repository: str,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self.hosts = hosts
        self.repository = repository
        self.limits = limits
        self._http = http
        self._token = token
        self._clock = clock
        self._secondary_waits = 0

    @property
    def gh_repository(self) -> str:
        """Return the repository as GitHub's own tool takes it: with its host, unless github.com."""
        return f"{self.hosts.data_residency}{self.repository}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """Ask until there is an answer.

        Args:
            method: The HTTP method.
            path: Below ``/repos/OWNER/NAME``, its parts escaped.
            body: JSON, or None.
            max_bytes: The most that the answer may hold.

        Raises:
            StatusError: GitHub said no.
            PublishError: the repository is elsewhere now.
            ServiceError: there was no answer in time, or none that can be read.
        """
        request = self.request(method, path, body=body, max_bytes=max_bytes)
        try:
            return self.repeat(lambda seconds: self.once(request, seconds))
        except RedirectError as error:
            raise release_failures.moved(error, self.gh_repository) from error

    def request(
        self,
        method: str,
        path: str,
        *,
        accept: str = _JSON,
        content_type: str = "application/json",
        body: bytes | None = None,
        max_bytes: int | None = None,
        upload: bool = False,
    ) -> Request:
        """Return a request that carries the token, to the API or to the host of its uploads."""
        owner, _, name = self.repository.partition("/")
        base = self.hosts.uploads if upload else self.hosts.api
        headers = {"Accept": accept, "X-GitHub-Api-Version": VERSION}
        if body is not None:
            headers["Content-Type"] = content_type
        return Request(
            method,
            f"{base}/repos/{quote(owner, safe='')}/{quote(name, safe='')}{path}",
            SERVICE,
            self.limits.answer_bytes if max_bytes is None else max_bytes,
            headers,
            self._token,
            body,
        )

    def repeat(self, attempt: Callable[[float], T], transferred: int = 0) -> T:
        """Call ``attempt`` until it returns; ``transferred`` bytes may take their time."""
        seconds = self.limits.attempt_seconds + transferred / self.limits.slowest_transfer
        self._secondary_waits = 0
        return self._http.repeat(attempt, SERVICE, seconds)

    def once(self, request: Request, seconds: float) -> Response:
        """Ask once.

        Raises:
            TransientFailure: another try may do, after the wait that GitHub wants.
            StatusError: it would not.
            ServiceError: likewise.
        """
        try:
            return self._http.attempt(request, seconds)
        except StatusError as error:
            raise self._limited(error) or error from error
        except TransientFailure as failure:
            answered = failure.error
            limited = self._limited(answered) if isinstance(answered, StatusError) else None
            raise limited or failure from failure

    def _limited(self, error: StatusError) -> TransientFailure | None:
        """Return the wait for a limit, or None when the answer is about something else."""
        if error.status not in _LIMITED or api_answers.is_permission(error):
            return None
        said = api_answers.message(error)
        if error.headers.get("x-ratelimit-remaining") == "0" and error.retry_after is None:
            until = self._until_reset(error.headers)
            return _limit("the hour's limit of requests", said, until)
        secondary = error.status == 429 or "rate limit" in said.lower()  # noqa: PLR2004 (a status)
        if error.retry_after is None and not secondary:
            return None
        wait = error.retry_after
        if wait is None:
            wait = _SECONDARY_WAIT * 2.0 ** min(self._secondary_waits, 10)
            self._secondary_waits += 1
        return _limit("a limit on how fast requests may come", said, wait)

    def _until_reset(self, headers: Mapping[str, str]) -> float:
        """Return the seconds until the hour's limit is lifted, by GitHub's own clock."""
        now = parse_http_date(headers.get("date", "")) or self._clock.now()
        try:
            reset = datetime.fromtimestamp(int(headers.get("x-ratelimit-reset", "")), UTC)
        except (ValueError, OverflowError, OSError):
            return _SECONDARY_WAIT
        # The limit ends with that second, not at its beginning.
        return max(0.0, (reset - now).total_seconds()) + 1


def _limit(which: str, said: str, wait: float) -> TransientFailure:
    error = PublishError(
        f"{SERVICE} refuses further requests for {in_seconds(wait)}: {which} is reached"
        + (f" ({said!r})" if said else ""),
        hint="The limit belongs to the token, and other jobs of the repository may share it.",
        reason=Reason.RELEASE_RATE_LIMIT,
    )
    return TransientFailure(error, wait)
