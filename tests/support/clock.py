"""Clocks that a test turns by hand."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsa_gen.clock import Clock

#: Where a :class:`FakeClock` starts unless a test says otherwise.
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeClock:
    """Stands still until it is told to move; sleeping moves it at once.

    Args:
        start: The time of day at first, with its zone.

    Attributes:
        sleeps: The seconds of each call of :meth:`sleep`, in order.
    """

    def __init__(self, start: datetime = START) -> None:
        self.sleeps: list[float] = []
        self._now = start
        self._monotonic = 1000.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time of day."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """Return seconds that only :meth:`sleep` and :meth:`advance` move on."""
        with self._lock:
            return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Note the seconds and move on by them, without waiting."""
        self.sleeps.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move both times on."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic += seconds

    def set(self, moment: datetime) -> None:
        """Set the time of day alone, also backwards, as an administrator may."""
        with self._lock:
            self._now = moment


class SkewedClock:
    """Another clock, wrong by a number of seconds that may be changed at any time.

    Args:
        clock: The clock that is right.
        seconds: How far this one is ahead of it (behind it when negative).
    """

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self._clock = clock

    def now(self) -> datetime:
        """Return the wrong time of day."""
        return self._clock.now() + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return the other clock's; durations are right."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait by the other clock."""
        self._clock.sleep(seconds)


class PatientClock(FakeClock):
    """A clock whose time of day stands still while waits pass at once.

    For what signs in a process of its own, which goes by the machine's time of day: a wait
    before it must not make that day a later one.
    """

    def sleep(self, seconds: float) -> None:
        """Note the seconds; only what is measured moves on by them."""
        self.sleeps.append(seconds)
        with self._lock:
            self._monotonic += seconds
