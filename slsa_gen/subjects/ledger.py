"""The ledger of subjects: one entry a name, and no name with two digests of one algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.model.subject import Subject
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown, shown_path
from slsa_gen.subjects.paths import too_many

if TYPE_CHECKING:
    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest


@dataclass(frozen=True, slots=True)
class _Entry:
    digest: Digest
    where: str
    is_file: bool


class Ledger:
    """Subjects as they come in, from lists, options and files.

    Args:
        limits: How many there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries: dict[str, dict[str, _Entry]] = {}

    def add(self, name: str, digest: Digest, where: str, *, is_file: bool) -> None:
        """Note a digest of a subject; the same again changes nothing.

        Args:
            name: The subject's name, already judged.
            digest: One of its digests.
            where: Where it comes from: a file's path, or a line of a list.
            is_file: Whether ``where`` is a file that was hashed.

        Raises:
            SubjectError: the name has another digest of this algorithm already, or there are
                too many names.
        """
        known = self._entries.setdefault(name, {})
        entry = known.setdefault(digest.algorithm, _Entry(digest, where, is_file))
        if entry.digest != digest:
            raise _clash(name, entry, _Entry(digest, where, is_file))
        if len(self._entries) > self._limits.subjects:
            raise too_many(self._limits)

    def algorithms_of(self, name: str) -> tuple[str, ...]:
        """Return the algorithms in which a name has a digest already."""
        return tuple(self._entries.get(name, ()))

    def subjects(self) -> tuple[Subject, ...]:
        """Return all subjects, sorted by name, each with its digests sorted by algorithm."""
        return tuple(
            Subject(name, tuple(entries[algorithm].digest for algorithm in sorted(entries)))
            for name, entries in sorted(self._entries.items())
        )


def _clash(name: str, one: _Entry, other: _Entry) -> SubjectError:
    found = " and ".join(f"{entry.digest} from {shown_path(entry.where)}" for entry in (one, other))
    if one.is_file and other.is_file:
        return SubjectError(
            f"two different files are called {shown(name)}: {found}",
            reason=Reason.SUBJECT_NAME_CLASH,
            hint="Add --names relative: each subject is then named by its path.",
        )
    return SubjectError(
        f"the subject {shown(name)} has two different digests: {found}",
        reason=Reason.SUBJECT_NAME_CLASH,
        hint="One of them is of another build: make the list anew, or leave one of the two out.",
    )
