"""Watches what everyone on the machine can read of a process: its arguments."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.secrets import LEDGER, Ledger

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class ProcessListings:
    """Reads the arguments of every process, again and again, between ``with`` and its end.

    Args:
        ledger: Where they are looked for tokens.
        seconds: The time between two readings.

    Attributes:
        seen: Every command that was seen, its arguments joined by blanks.
        samples: How often all of them were read.
    """

    def __init__(self, ledger: Ledger = LEDGER, seconds: float = 0.005) -> None:
        self.seen: set[str] = set()
        self.samples = 0
        self._ledger = ledger
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._seconds):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    arguments = entry.read_bytes().decode(errors="replace").split("\0")
                except OSError:  # the process has ended
                    continue
                command = " ".join(arguments).strip()
                if command and command not in self.seen:
                    self.seen.add(command)
                    self._ledger.command(arguments, "process listing")
            self.samples += 1
