"""What is to be said, before anyone has signed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsa_gen.model.identity import BuildContext, Person
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.subject import Subject


@dataclass(frozen=True, slots=True)
class Draft:
    """The statements of one call; more than one when there are many subjects.

    ``context`` is who will sign them: a workflow's run, or a person.
    """

    context: BuildContext | Person
    statements: tuple[Statement, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Return the subjects of all statements, in order."""
        return tuple(s for part in self.statements for s in part.subjects)
