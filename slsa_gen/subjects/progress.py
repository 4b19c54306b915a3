"""Progress on standard error, for work that takes longer than a second."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol, Self

from slsa_gen.model.text import size

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits

_CLEAR_LINE: Final = "\r\x1b[K"


class Progress(Protocol):
    """Is told how far the hashing is, from several threads, never at the same time."""

    def advance(self, done_bytes: int, total_bytes: int, done_files: int, total_files: int) -> None:
        """Take note of the bytes and files that are done, of how many in all."""
        ...


class SilentProgress:
    """Shows nothing."""

    def advance(self, done_bytes: int, total_bytes: int, done_files: int, total_files: int) -> None:
        """Do nothing."""


class StderrProgress:
    """Shows one line that changes on a terminal, and plain lines elsewhere.

    Nothing is shown before ``limits.progress_after_seconds``. Use it as a context: at its end
    the line is cleared, also after an error. A stream that cannot be written to is not
    written to any more; it never fails the work.

    Args:
        stream: Standard error.
        clock: Tells how long it has taken.
        limits: When and how often it shows something.
    """

    def __init__(self, stream: TextIO, clock: Clock, limits: Limits) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._live = stream.isatty()
        self._every = limits.progress_redraw_seconds if self._live else limits.progress_line_seconds
        self._next = clock.monotonic() + limits.progress_after_seconds
        self._drawn = False
        self._closed = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Clear the line."""
        self.close()

    def advance(self, done_bytes: int, total_bytes: int, done_files: int, total_files: int) -> None:
        """Show how far it is, when it is time to."""
        with self._lock:
            now = self._clock.monotonic()
            if self._closed or now < self._next:
                return
            self._next = now + self._every
            text = describe(done_bytes, total_bytes, done_files, total_files)
            self._drawn = True
            self._write(_CLEAR_LINE + text if self._live else text + "\n")

    def close(self) -> None:
        """Clear the line, if there is one; nothing is shown from then on."""
        with self._lock:
            if self._live and self._drawn and not self._closed:
                self._write(_CLEAR_LINE)
            self._closed = True

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._closed = True


def describe(done_bytes: int, total_bytes: int, done_files: int, total_files: int) -> str:
    """Return one line that says how far the hashing is."""
    files = f"{done_files:,} of {total_files:,} file{'' if total_files == 1 else 's'}"
    return f"Hashing: {size(done_bytes)} of {size(total_bytes)}, {files}"
