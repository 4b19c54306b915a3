"""Progress: nothing before a second, one line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

import pytest

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.text import size
from slsa_gen.subjects.progress import SilentProgress, StderrProgress, describe

if TYPE_CHECKING:
    from tests.support.clock import FakeClock

_MIB = 1024**2


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, _: str) -> int:
        """Fail as a pipe without a reader does."""
        raise BrokenPipeError


def test_nothing_is_shown_in_the_first_second(clock: FakeClock) -> None:
    """Most calls are shorter, and then it would only flicker."""
    stream = Terminal()
    with StderrProgress(stream, clock, DEFAULT_LIMITS) as progress:
        progress.advance(1, 2, 0, 1)
        clock.advance(0.99)
        progress.advance(2, 2, 1, 1)

    assert stream.getvalue() == ""


def test_a_terminal_has_one_line_that_changes_and_is_cleared(clock: FakeClock) -> None:
    """At most ten pictures a second, and nothing is left of them."""
    stream = Terminal()
    with StderrProgress(stream, clock, DEFAULT_LIMITS) as progress:
        clock.advance(1)
        progress.advance(_MIB, 4 * _MIB, 0, 4)
        progress.advance(2 * _MIB, 4 * _MIB, 1, 4)
        clock.advance(0.1)
        progress.advance(3 * _MIB, 4 * _MIB, 2, 4)

    assert stream.getvalue() == (
        "\r\x1b[KHashing: 1 MiB of 4 MiB, 0 of 4 files"
        "\r\x1b[KHashing: 3 MiB of 4 MiB, 2 of 4 files"
        "\r\x1b[K"
    )


def test_elsewhere_there_are_plain_lines_now_and_then(clock: FakeClock) -> None:
    """A log of a run holds no control characters, and not ten lines a second."""
    stream = io.StringIO()
    with StderrProgress(stream, clock, DEFAULT_LIMITS) as progress:
        clock.advance(1)
        progress.advance(_MIB, 4 * _MIB, 0, 4)
        clock.advance(9.9)
        progress.advance(2 * _MIB, 4 * _MIB, 1, 4)
        clock.advance(0.1)
        progress.advance(3 * _MIB, 4 * _MIB, 2, 4)

    assert stream.getvalue() == (
        "Hashing: 1 MiB of 4 MiB, 0 of 4 files\nHashing: 3 MiB of 4 MiB, 2 of 4 files\n"
    )


def test_the_line_is_cleared_after_an_error_too(clock: FakeClock) -> None:
    """The error's message begins on a clean line, and no thread draws after it."""
    stream = Terminal()

    def fail() -> None:
        with StderrProgress(stream, clock, DEFAULT_LIMITS) as progress:
            clock.advance(1)
            progress.advance(1, 2, 0, 1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_nothing_is_shown_after_the_end(clock: FakeClock) -> None:
    """A thread that is late draws nothing over what came next."""
    stream = Terminal()
    progress = StderrProgress(stream, clock, DEFAULT_LIMITS)
    clock.advance(1)
    progress.advance(1, 2, 0, 1)
    progress.close()
    shown = stream.getvalue()
    clock.advance(60)
    progress.advance(2, 2, 1, 1)
    progress.close()

    assert stream.getvalue() == shown


@pytest.mark.parametrize("stream", [Broken(), io.StringIO()])
def test_a_stream_that_cannot_be_written_does_not_fail_the_work(
    clock: FakeClock, stream: io.StringIO
) -> None:
    """A reader that has gone, or a stream that was closed."""
    progress = StderrProgress(stream, clock, DEFAULT_LIMITS)
    if not isinstance(stream, Broken):
        stream.close()
    for _ in range(2):
        clock.advance(60)
        progress.advance(1, 2, 0, 1)
    progress.close()


def test_many_threads_may_report_at_once(clock: FakeClock) -> None:
    """Each picture is whole."""
    stream = io.StringIO()
    progress = StderrProgress(stream, clock, DEFAULT_LIMITS)
    clock.advance(1)

    def report() -> None:
        for _ in range(50):
            clock.advance(11)
            progress.advance(1, 2, 0, 1)

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(stream.getvalue().splitlines()) == {"Hashing: 1 B of 2 B, 0 of 1 file"}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (5 * 1024**3, "5 GiB"),
        (3 * 1024**5, "3072 TiB"),
    ],
)
def test_sizes_are_in_binary_units(count: int, text: str) -> None:
    """As people who watch a progress read them."""
    assert size(count) == text


def test_many_files_are_grouped_by_thousands() -> None:
    """So that a hundred thousand can be told from a million."""
    assert describe(0, 0, 1234, 100000) == "Hashing: 0 B of 0 B, 1,234 of 100,000 files"


def test_silence_takes_any_number() -> None:
    """For those who do not want to see it."""
    SilentProgress().advance(1, 2, 3, 4)
