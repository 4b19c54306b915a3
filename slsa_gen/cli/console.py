"""Where a command writes, and what of the surroundings it may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from slsa_gen.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.clock import Clock
    from slsa_gen.report.style import Style


@dataclass(frozen=True, slots=True)
class Console:
    """The process's surroundings, handed to a command as a value.

    Results go to ``out``; progress, notes and errors go to ``err``. ``verbosity`` is 0
    unless ``-v`` (1, 2 …) or ``-q`` (-1) is given.
    """

    out: TextIO
    err: TextIO
    environment: Mapping[str, str]
    clock: Clock
    style: Style
    verbosity: int = 0

    def result(self, text: str) -> None:
        """Write a result to standard output."""
        self.out.write(text if text.endswith("\n") else text + "\n")

    def note(self, text: str) -> None:
        """Write a remark to standard error, unless ``-q`` is given."""
        if self.verbosity >= 0:
            self.err.write(f"slsa-gen: {printable(text)}\n")
            self.err.flush()

    def detail(self, text: str) -> None:
        """Write a remark to standard error when ``-v`` is given."""
        if self.verbosity > 0:
            self.note(text)
