"""What the user asked to have attested, as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """The subject options of one call; several kinds may be combined.

    Every text but those of ``name`` and ``base64_texts`` may hold several lines, one value a
    line: this is how a workflow's inputs come.

    Attributes:
        patterns: Paths and globs, ``!`` before one that takes files out again.
        pattern_files: Paths of files that hold such lines.
        checksum_files: Paths of checksum lists.
        digests: ``NAME@ALGORITHM:HEX``, or ``ALGORITHM:HEX`` to be called ``name``.
        name: The name of a subject that has none of its own; empty when not given.
        base64_texts: Checksum lists in base64.
        base64_files: Paths of files that hold a checksum list in base64.
        declared: Path of the runner's list of declared artifacts, which is read when nothing
            else is asked for; empty where the runner gave none, None outside a run.
    """

    patterns: tuple[str, ...] = ()
    pattern_files: tuple[str, ...] = ()
    checksum_files: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    name: str = ""
    base64_texts: tuple[str, ...] = ()
    base64_files: tuple[str, ...] = ()
    declared: str | None = None

    @property
    def asks_for_nothing(self) -> bool:
        """Tell whether no option names a subject (a name alone does not)."""
        return not (
            self.patterns
            or self.pattern_files
            or self.checksum_files
            or self.digests
            or self.base64_texts
            or self.base64_files
        )


def lines(values: Iterable[str]) -> Iterator[str]:
    """Yield one value a line; blank lines between others are left out.

    A value that is blank as a whole is yielded as the empty string, for its reader to refuse:
    it is a variable that was expected to hold something.
    """
    for value in values:
        if not value.strip():
            yield ""
            continue
        for line in value.split("\n"):
            if line.strip():
                yield line.removesuffix("\r")
