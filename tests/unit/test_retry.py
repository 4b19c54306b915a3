"""Tests of slsa_gen.retry: when something is tried again, and when it is not."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsa_gen.errors import ServiceError, SigningError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.retry import Budget, Retrier, TransientFailure, parse_retry_after
from tests.support.clock import START, FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable


def error(message: str = "the log answered 503") -> ServiceError:
    """Return what an attempt fails with."""
    return ServiceError(message, reason=Reason.SERVICE_FAILED, hint="Wait.")


class Service:
    """Is down until a moment of the clock; each attempt takes some time."""

    def __init__(
        self, clock: FakeClock, down: float, *, takes: float = 0.1, retry_after: float | None = None
    ) -> None:
        self.clock = clock
        self.up_at = clock.monotonic() + down
        self.takes = takes
        self.retry_after = retry_after
        self.offered: list[float] = []
        self.asked_at: list[float] = []

    def __call__(self, seconds: float) -> str:
        """Answer, or fail for now."""
        self.offered.append(seconds)
        self.asked_at.append(self.clock.monotonic())
        self.clock.advance(min(self.takes, seconds))
        if self.clock.monotonic() < self.up_at:
            raise TransientFailure(error(), self.retry_after)
        return "up"


def retrier(
    clock: FakeClock,
    seconds: float = 300.0,
    random: Callable[[], float] = lambda: 0.999999,
    notify: Callable[[str], None] = lambda _line: None,
) -> Retrier:
    """Return a retrier on a clock that the test turns."""
    return Retrier(Budget(seconds, clock), clock, DEFAULT_LIMITS, random, notify)


def test_a_success_is_not_tried_again(clock: FakeClock) -> None:
    """What works is called once, and nothing is waited for."""
    service = Service(clock, down=0)
    assert retrier(clock).run(service) == "up"
    assert clock.sleeps == []
    assert len(service.offered) == 1


def test_waits_double_up_to_the_longest(clock: FakeClock) -> None:
    """The bound of the waits is 1, 2, 4, … seconds and never above the longest."""
    service = Service(clock, down=250)
    retrier(clock, 1000).run(service)
    assert [round(wait) for wait in clock.sleeps] == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_jitter_is_full() -> None:
    """A wait may be any part of its bound, from nothing on."""
    waits = []
    for part in (0.0, 0.5, 0.999999):
        clock = FakeClock()
        retrier(clock, random=itertools.repeat(part).__next__).run(Service(clock, down=0.2))
        waits.append(clock.sleeps[0])
    assert waits[0] == 0.0
    assert waits[1] == 0.5
    assert 0.99 < waits[2] < 1.0


def test_an_outage_of_twelve_minutes_is_outlived_by_a_budget_that_allows_it(
    clock: FakeClock,
) -> None:
    """With 900 seconds, a service that is down for 720 is asked 18 times and then serves."""
    service = Service(clock, down=720)
    start = clock.monotonic()
    assert retrier(clock, 900).run(service) == "up"
    assert [round(wait) for wait in clock.sleeps] == [1, 2, 4, 8, 16, 32, *[60] * 11]
    assert 720 <= clock.monotonic() - start <= 900
    assert set(service.offered) == {30.0}


def test_an_outage_of_twelve_minutes_is_too_long_for_the_default_budget(clock: FakeClock) -> None:
    """With the default 300 seconds the error comes in time and says what was tried."""
    service = Service(clock, down=720)
    start = clock.monotonic()
    with pytest.raises(ServiceError) as caught:
        retrier(clock, DEFAULT_LIMITS.retry_budget_seconds).run(service)
    assert clock.monotonic() - start <= 300
    assert clock.monotonic() - start > 290
    tries = len(service.offered)
    assert caught.value.message == (
        f"the log answered 503 (tried {tries} times in 299 s; the time budget of 300 s is used up)"
    )
    assert "--retry-budget 900" in caught.value.hint
    assert caught.value.hint.startswith("Wait. ")


@pytest.mark.parametrize(
    ("budget", "asked", "proposed"),
    [(300, 400, 900), (300, 1801, 3600), (1000, 2000, 3600), (300, 7000, 21600), (300, 90000, 0)],
)
def test_the_budget_that_is_proposed_is_enough(
    clock: FakeClock, budget: float, asked: float, proposed: int
) -> None:
    """For the wait that the service asks for; none is proposed where it would be days."""

    def attempt(_seconds: float) -> str:
        raise TransientFailure(error("busy"), asked)

    with pytest.raises(ServiceError) as caught:
        retrier(clock, budget).run(attempt)

    named = [int(text) for text in re.findall(r"--retry-budget (\d+)", caught.value.hint)]
    assert named == ([proposed] if proposed else [])
    assert "Run it again later" in caught.value.hint


def test_the_error_is_the_one_of_the_last_try(clock: FakeClock) -> None:
    """The carried error's own class and reason arrive, not a general one."""

    def attempt(_seconds: float) -> None:
        clock.advance(400)
        raise TransientFailure(SigningError("down", reason=Reason.SIGNING_LOG_UNREACHABLE, hint=""))

    with pytest.raises(SigningError) as caught:
        retrier(clock).run(attempt)
    assert caught.value.reason is Reason.SIGNING_LOG_UNREACHABLE
    assert caught.value.message.startswith("down (tried once in 400 s")


def test_other_errors_are_not_tried_again(clock: FakeClock) -> None:
    """Only a TransientFailure asks for another try."""
    calls = []

    def attempt(_seconds: float) -> None:
        calls.append(1)
        raise error()

    with pytest.raises(ServiceError, match=r"^the log answered 503$"):
        retrier(clock).run(attempt)
    assert len(calls) == 1


def test_retry_after_is_never_undercut(clock: FakeClock) -> None:
    """A service that asks for ten seconds is left alone for ten seconds at least."""
    service = Service(clock, down=0.5, retry_after=10)
    retrier(clock, random=lambda: 0.0).run(service)
    assert clock.sleeps == [10.0]


def test_retry_after_of_nothing_does_not_make_a_storm(clock: FakeClock) -> None:
    """A service that asks for no wait still gets the usual ones."""
    service = Service(clock, down=20, retry_after=0)
    retrier(clock).run(service)
    assert len(service.offered) < 8


def test_retry_after_beyond_the_budget_fails_at_once(clock: FakeClock) -> None:
    """A wait that the budget cannot hold is not begun, and the message says both numbers."""
    service = Service(clock, down=1000, takes=1, retry_after=3600)
    with pytest.raises(ServiceError) as caught:
        retrier(clock).run(service)
    assert clock.sleeps == []
    assert caught.value.message == (
        "the log answered 503 (tried once in 1.0 s; the service asks to wait 3600 s, and 299 s of "
        "the 300 s time budget are left)"
    )


def test_an_attempt_never_gets_more_than_the_budget_has(clock: FakeClock) -> None:
    """What an attempt may take is the smaller of its own limit and what is left."""
    service = Service(clock, down=1000, takes=1000)
    with pytest.raises(ServiceError):
        retrier(clock, 40).run(service)
    assert service.offered[0] == 30.0
    assert all(offered <= 10.0 for offered in service.offered[1:])


def test_one_budget_serves_all_calls(clock: FakeClock) -> None:
    """What one call used up is missing in the next, which says so without asking anyone."""
    shared = retrier(clock, 10)
    with pytest.raises(ServiceError):
        shared.run(Service(clock, down=1000, takes=10))
    service = Service(clock, down=0)
    with pytest.raises(ServiceError) as caught:
        shared.run(service, "the log")
    assert caught.value.reason is Reason.SERVICE_TIME_BUDGET
    assert caught.value.message == (
        "the time budget of 10 s for all services together was used up before the log could be "
        "asked (hashing counts too)"
    )
    assert service.offered == []


def test_each_wait_is_announced_in_one_short_line(clock: FakeClock) -> None:
    """The notice says what happened, how long is waited, and which try comes."""
    lines: list[str] = []

    def attempt(_seconds: float) -> str:
        if len(lines) == 2:
            return "up"
        raise TransientFailure(error("x" * 1000 if lines else "the log answered 503"))

    retrier(clock, random=lambda: 0.5, notify=lines.append).run(attempt)
    assert lines[0] == "the log answered 503; trying again in 0.5 s (try 2)"
    assert lines[1] == "x" * 300 + "…; trying again in 1.0 s (try 3)"


def test_the_wall_clock_does_not_matter_to_the_budget(clock: FakeClock) -> None:
    """Setting the machine's clock back gives no more time."""
    budget = Budget(10, clock)
    clock.advance(4)
    clock.set(START - timedelta(days=1))
    assert budget.remaining() == 6
    clock.advance(10)
    assert budget.remaining() == 0
    assert budget.spent() == 14


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60.0),
        ("Friday, 02-Jan-26 03:05:05 GMT", 60.0),
        ("Fri Jan  2 03:05:05 2026", 60.0),
        ("Fri, 02 Jan 2026 03:03:05 GMT", 0.0),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        ("9" * 11, None),
        ("Fri, 99 Jan 2026 03:05:05 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    """Seconds and the three forms of an HTTP date are read; anything else is no wish."""
    assert parse_retry_after(value, START) == seconds


@given(st.integers(min_value=0, max_value=10**6))
def test_both_forms_say_the_same(seconds: int) -> None:
    """The date that lies so many seconds ahead means so many seconds."""
    date = format_datetime(START + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, START) == parse_retry_after(str(seconds), START)


@given(st.text(), st.datetimes(timezones=st.just(UTC)))
def test_no_text_breaks_the_reading(value: str, now: datetime) -> None:
    """Whatever a service writes, the result is nothing or a wait that is not negative."""
    seconds = parse_retry_after(value, now)
    assert seconds is None or seconds >= 0


@settings(deadline=None)
@given(
    st.lists(st.floats(min_value=0, max_value=0.999999), min_size=1, max_size=50),
    st.floats(min_value=0.1, max_value=1000),
    st.one_of(st.none(), st.floats(min_value=0, max_value=2000)),
    st.floats(min_value=0, max_value=50),
)
def test_the_budget_is_never_exceeded(
    parts: list[float], seconds: float, retry_after: float | None, takes: float
) -> None:
    """Whatever the jitter, the wish and the speed of a service: the budget holds."""
    clock = FakeClock()
    turns = itertools.cycle(parts)
    start = clock.monotonic()
    service = Service(clock, down=10**9, takes=max(takes, 1.0), retry_after=retry_after)
    with pytest.raises(ServiceError):
        retrier(clock, seconds, random=lambda: next(turns)).run(service)
    assert clock.monotonic() - start <= seconds + 1e-6


def test_many_tries_do_not_overflow(clock: FakeClock) -> None:
    """Two to the power of very many is never computed."""
    limits = replace(DEFAULT_LIMITS, longest_wait_seconds=0.01)
    left = 2000

    def attempt(_seconds: float) -> str:
        nonlocal left
        left -= 1
        if left:
            raise TransientFailure(error())
        return "up"

    assert Retrier(Budget(300, clock), clock, limits, lambda: 0.5).run(attempt) == "up"


def test_the_default_jitter_is_random(clock: FakeClock) -> None:
    """Without a source of randomness of the caller's, two waits are not the same."""
    shared = Retrier(Budget(10**6, clock), clock, DEFAULT_LIMITS)
    for _ in range(3):
        shared.run(Service(clock, down=0.05, takes=0.04))
    assert len(set(clock.sleeps)) == len(clock.sleeps)


def test_an_attempt_may_have_its_own_time_within_the_budget(clock: FakeClock) -> None:
    """A large upload takes longer than a question."""
    seen: list[float] = []

    retrier(clock, seconds=100).run(seen.append, "x", 90.0)
    retrier(clock, seconds=100).run(seen.append, "x", 500.0)
    retrier(clock, seconds=100).run(seen.append, "x")

    assert seen == [90.0, 100.0, DEFAULT_LIMITS.attempt_seconds]


def test_time_that_is_left_out_is_not_spent() -> None:
    """A person took it."""
    clock = FakeClock()
    budget = Budget(10.0, clock)
    clock.advance(25.0)

    budget.leave_out(20.0)

    assert budget.spent() == 5.0
    assert budget.remaining() == 5.0
