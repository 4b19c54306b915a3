"""A job's summary with one long table, which is cut when it is larger than the runner takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slsa_gen.report.escaping import code

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary in parts, so that its one long table can be cut.

    Attributes:
        before: What stands before the table's rows, the table's head included.
        rows: The table's rows, a line each.
        after: What stands after them.
    """

    before: str
    rows: tuple[str, ...]
    after: str

    def whole(self) -> str:
        """Return everything."""
        return self._joined(self.rows)

    def within(self, max_bytes: int, rest: str) -> str:
        """Return as much as a number of bytes allows, with a word on where the rest is.

        Args:
            max_bytes: Of UTF-8.
            rest: Where the whole is, as a user finds it; empty when it is nowhere.
        """
        if _size(self.whole()) <= max_bytes:
            return self.whole()
        where = f"; all of them are in {code(rest)}" if rest else ""
        note = f"\n… and {len(self.rows):,} lines are too many to show here{where}."
        room = max_bytes - _size(self._joined(())) - _size(note) - 1
        kept: list[str] = []
        for row in self.rows:
            room -= _size(row) + 1
            if room < 0:
                break
            kept.append(row)
        left = len(self.rows) - len(kept)
        note = f"\n… and {left:,} more{where}."
        return Summary(self.before, (*kept, note), self.after).whole()

    def _joined(self, rows: Sequence[str]) -> str:
        parts = (self.before, *rows, "", self.after) if self.after else (self.before, *rows)
        return "\n".join(parts).rstrip("\n") + "\n"


def _size(text_of_summary: str) -> int:
    return len(text_of_summary.encode("utf-8", "replace"))
