"""A build step, from its command line to its record.

Materials are read before the command starts, products after it has ended well. Between the two
the command has the terminal, the streams and the signals to itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.intoto import command
from slsa_gen.intoto.materials import Gatherer
from slsa_gen.intoto.products import Products
from slsa_gen.model.step import StepRecord
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.intoto.command import Outcome
    from slsa_gen.intoto.materials import Materials
    from slsa_gen.limits import Limits
    from slsa_gen.model.step import Step
    from slsa_gen.model.subject import Subject
    from slsa_gen.subjects.progress import Progress


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a step runs.

    Attributes:
        folder: The folder that its command runs in, and that names are relative to.
        boundary: The workspace of a run, which nothing may lead out of; else None.
        environment: Our environment; the command is handed it without our tokens.
        clock: Says when it started and ended.
        limits: How much of everything.
        progress: Is told how far the hashing is.
    """

    folder: Path
    boundary: Path | None
    environment: Mapping[str, str]
    clock: Clock
    limits: Limits
    progress: Progress


@dataclass(frozen=True, slots=True)
class Demands:
    """How strictly a step is recorded.

    Attributes:
        allow_unchanged: Whether a product may be as it was before the command.
        keep_failed: Whether a command that failed is recorded with the products that it made.
        timeout: Seconds that the command may take; None for as long as it likes.
        most_materials: How many the record may have, the commit among them; None for any.
    """

    allow_unchanged: bool = False
    keep_failed: bool = False
    timeout: float | None = None
    most_materials: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A step's record, and how its command ended."""

    record: StepRecord
    outcome: Outcome

    @property
    def succeeded(self) -> bool:
        """Tell whether the command ended with 0, and nobody had asked it to end."""
        return self.outcome.exit_code == 0


def record(
    step: Step,
    demands: Demands,
    here: Surroundings,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> Recording:
    """Run a step's command, and return what it started from, what it made, and how it ended.

    Args:
        step: What was asked for.
        demands: How strictly.
        here: Where.
        before: Is called right before the command starts: the streams are the command's now.
        after: Is called when the command has ended, however it did.

    Raises:
        UsageError: the command cannot be started, or nothing says what it starts from.
        SubjectError: a pattern that is refused; a product that is missing or unchanged.
        SlsaGenError: a file cannot be read, or git failed.
    """
    gatherer = Gatherer(here.folder, here.boundary, here.environment, here.limits, here.progress)
    products = Products(
        step.products,
        folder=here.folder,
        boundary=here.boundary,
        limits=here.limits,
        allow_unchanged=demands.allow_unchanged,
    )
    materials = gatherer.gather(step.materials)
    _check_count(materials, demands)
    started = here.clock.now()
    before()
    try:
        outcome = command.run(
            step.command,
            folder=here.folder,
            environment=command.command_environment(here.environment),
            clock=here.clock,
            limits=here.limits,
            timeout=demands.timeout,
        )
    finally:
        after()
    finished = here.clock.now()
    made: tuple[Subject, ...] = ()
    changed: tuple[str, ...] = ()
    if outcome.exit_code == 0:
        made = products.made(here.progress)
    elif demands.keep_failed:
        made = products.left(here.progress)
    if outcome.exit_code == 0 or demands.keep_failed:
        changed = gatherer.changed(materials)
    return Recording(
        StepRecord(
            step,
            materials.subjects,
            made,
            started,
            finished,
            outcome.exit_code,
            materials.commit,
            materials.deleted,
            changed,
        ),
        outcome,
    )


def _check_count(materials: Materials, demands: Demands) -> None:
    """Refuse more materials than a record takes, before the command runs."""
    count = len(materials.subjects) + (materials.commit is not None)
    if demands.most_materials is not None and count > demands.most_materials:
        raise SubjectError(
            f"the step has {count:,} materials, at most {demands.most_materials:,} are recorded",
            hint="Name fewer with --material, such as a lock file in the place of what it locks; "
            "or commit what differs from the commit, or name it in .gitignore.",
            reason=Reason.SUBJECT_TOO_MANY,
        )
