"""A build step: what was asked for, and the record of how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from slsa_gen.model.subject import Subject

#: The name of a commit among the materials of a link, as in-toto writes artifacts that are no
#: files: ``SCHEME:…``.
COMMIT_MATERIAL: Final = "git:commit"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a supply chain, as it was asked for: known before its command runs.

    ``command`` is the argument vector, never a shell's text. ``products`` and ``materials``
    are patterns as they were given (``materials`` None: the git commit and what differs from
    it; empty: the step starts from no file). ``environment`` holds those variables, by name,
    that are to be recorded; the command has all of its environment.
    """

    name: str
    command: tuple[str, ...]
    products: tuple[str, ...]
    materials: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of git that was checked out when the command started.

    ``digest`` is 40 or 64 hexadecimal digits. ``uri`` is the repository's https address
    without user, password, query and fragment; None where it has none (no remote, or one
    that is not reached by https).
    """

    digest: str
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How a step went: its files before and after, with their digests.

    Names are relative to the folder that the command ran in, with ``/``. Times have a zone.
    ``exit_status`` is the command's own, 128 + N where signal N ended it. A record with an
    ``exit_status`` other than 0 has the products that were made nevertheless. ``deleted`` names
    files that the commit has and that were not there; ``changed`` those materials, and tracked
    files, that the command changed or removed: their digests are those from before it.
    """

    step: Step
    materials: tuple[Subject, ...]
    products: tuple[Subject, ...]
    started: datetime
    finished: datetime
    exit_status: int
    commit: Commit | None = None
    deleted: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the step's name."""
        return self.step.name

    @property
    def command(self) -> tuple[str, ...]:
        """Return the command's argument vector."""
        return self.step.command

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the recorded variables of the environment."""
        return self.step.environment

    @property
    def byproducts(self) -> dict[str, object]:
        """Return what else there is: the status, and what became of materials; never output."""
        named = {"deleted-materials": self.deleted, "changed-materials": self.changed}
        lists = {key: list(names) for key, names in named.items() if names}
        return {"return-value": self.exit_status, **lists}
