"""Trying again: one time budget for a command, waits with jitter, the service's own wish.

Waits are "full jitter": a random part of a bound that doubles, so that many clients that
failed together do not come back together. A service's ``Retry-After`` (RFC 9110, section
10.2.3) is never undercut. What the budget cannot hold is not begun.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Final, TypeVar

from slsa_gen.errors import ServiceError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits

T = TypeVar("T")

_SECONDS: Final = re.compile(r"[0-9]{1,10}")
#: Characters of a failure's message in the line that announces a wait.
_NOTICE_LENGTH: Final = 300
#: Time budgets that are proposed where one was too small: seconds, the next that is enough.
_BUDGETS: Final = (900, 3600, 21_600)


class Budget:
    """The seconds that one command may spend on services, counted from its making.

    Args:
        seconds: How many there are.
        clock: Its monotonic time is used, so that setting the machine's clock changes nothing.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.seconds = seconds
        self._clock = clock
        self._start = clock.monotonic()

    def spent(self) -> float:
        """Return the seconds since it was made."""
        return self._clock.monotonic() - self._start

    def leave_out(self, seconds: float) -> None:
        """Count so many seconds less: a person took them, not a service."""
        self._start += seconds

    def remaining(self) -> float:
        """Return the seconds that are left, never less than none."""
        return max(0.0, self.seconds - self.spent())


class TransientFailure(Exception):  # noqa: N818 (a message to the Retrier, not an error of ours)
    """What an attempt raises to be tried again.

    Args:
        error: What the user is told if no try succeeds.
        retry_after: Seconds that the service asked for, or None.
    """

    def __init__(self, error: ServiceError, retry_after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.retry_after = retry_after


def _silent(_line: str) -> None:
    """Say nothing."""


class Retrier:
    """Tries again while the budget lasts; every service call of a command shares one.

    Args:
        budget: The time for all tries of all calls together.
        clock: Waits, and measures them.
        limits: The first and the longest wait, and the time of one attempt.
        random: Gives a number from 0 up to but not including 1.
        notify: Is told each wait, in one line.
    """

    def __init__(
        self,
        budget: Budget,
        clock: Clock,
        limits: Limits,
        random: Callable[[], float] | None = None,
        notify: Callable[[str], None] = _silent,
    ) -> None:
        self.budget = budget
        self.clock = clock
        self.limits = limits
        self._random = random or SystemRandom().random
        self._notify = notify

    def run(
        self,
        attempt: Callable[[float], T],
        service: str = "this one",
        seconds: float | None = None,
    ) -> T:
        """Call ``attempt`` with the seconds it may take, until it returns.

        Args:
            attempt: Tries once.
            service: What it asks, for the message when there is no time left to ask it.
            seconds: How long one attempt may take where it is not ``limits.attempt_seconds``
                (a large file under way); the budget bounds it all the same.

        Raises:
            ServiceError: what the last try carried, with how often and how long it was
                tried; or there was no time left for a first try.
        """
        started = self.clock.monotonic()
        longest = self.limits.attempt_seconds if seconds is None else seconds
        tries = 0
        while True:
            allowed = min(longest, self.budget.remaining())
            if allowed <= 0:
                raise self._nothing_left(service)
            tries += 1
            try:
                return attempt(allowed)
            except TransientFailure as failure:
                spent = self.clock.monotonic() - started
                wait = self._wait(failure, tries, spent)
                self._notify(_notice(failure.error, wait, tries + 1))
            self.clock.sleep(wait)

    def _wait(self, failure: TransientFailure, tries: int, spent: float) -> float:
        """Return the seconds to wait, or raise the failure's error when there is no point."""
        remaining = self.budget.remaining()
        asked = failure.retry_after
        if asked is not None and asked >= remaining:
            asks = (
                f"; the service asks to wait {in_seconds(asked)}, and {in_seconds(remaining)} of "
                f"the {in_seconds(self.budget.seconds)} time budget are left"
            )
            needed = self.budget.spent() + asked
            raise _tried(failure.error, tries, spent, asks, self._more(needed)) from failure
        if remaining < min(self.limits.first_wait_seconds, self.budget.seconds):
            used = f"; the time budget of {in_seconds(self.budget.seconds)} is used up"
            raise _tried(failure.error, tries, spent, used, self._more()) from failure
        part = self._random()
        # The exponent is held down: 2.0 ** 1024 is an OverflowError.
        doubled = self.limits.first_wait_seconds * 2.0 ** min(tries - 1, 62)
        wait = part * min(doubled, self.limits.longest_wait_seconds)
        # Half of what remains is kept for the try itself.
        wait = min(wait, remaining / 2)
        if asked is not None:
            # A little later than asked, so that all who were told the same do not come at once.
            spread = min(part * self.limits.first_wait_seconds, (remaining - asked) / 2)
            wait = max(wait, asked + spread)
        return wait

    def _nothing_left(self, service: str) -> ServiceError:
        return ServiceError(
            f"the time budget of {in_seconds(self.budget.seconds)} for all services together was "
            f"used up before {service} could be asked (hashing counts too)",
            reason=Reason.SERVICE_TIME_BUDGET,
            hint=self._more(),
        )

    def _more(self, needed: float = 0.0) -> str:
        """Return what to do when the budget was too small: at least so many seconds are needed."""
        short = max(needed, self.budget.seconds)
        enough = next((seconds for seconds in _BUDGETS if seconds > short), None)
        if enough is None:
            return "Run it again later."
        return (
            f"Run it again later, or give it more time: --retry-budget {enough} (seconds for all "
            "tries together)."
        )


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Read a ``Retry-After`` field: seconds, or a date in any of HTTP's three forms.

    Args:
        value: The field's value.
        now: The time to count from: the answer's own ``Date`` where it has one, so that a
            wrong clock here does not matter.

    Returns:
        Seconds from now, never negative; None when the value is not understood.
    """
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    date = parse_http_date(text)
    return None if date is None else max(0.0, (date - now).total_seconds())


def parse_http_date(value: str) -> datetime | None:
    """Read an HTTP date (RFC 9110, section 5.6.7); None when it is not one."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _tried(
    error: ServiceError, tries: int, spent: float, why: str, what_to_do: str
) -> ServiceError:
    # The error is the attempt's own object and goes nowhere else, so it may be completed.
    times = "once" if tries == 1 else f"{tries} times"
    error.message = f"{error.message} (tried {times} in {in_seconds(spent)}{why})"
    error.args = (error.message,)
    error.hint = f"{error.hint} {what_to_do}".strip()
    return error


def _notice(error: ServiceError, wait: float, next_try: int) -> str:
    message = error.message
    if len(message) > _NOTICE_LENGTH:
        message = message[:_NOTICE_LENGTH] + "…"
    return f"{message}; trying again in {in_seconds(wait)} (try {next_try})"


def in_seconds(value: float) -> str:
    """Return a duration for people: ``0.5 s``, ``30 s``."""
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"  # noqa: PLR2004 (readability)
