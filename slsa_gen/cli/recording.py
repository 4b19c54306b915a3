"""One call of ``run``: its options, and its command run and recorded between two halves of ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.cli.here import workspace
from slsa_gen.intoto import recorder
from slsa_gen.intoto.recorder import Demands, Recording, Surroundings
from slsa_gen.subjects.progress import SilentProgress, StderrProgress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.turns import Turns
    from slsa_gen.limits import Limits
    from slsa_gen.model.step import Step

#: The value of ``--link-format`` for a link signed by a key.
CLASSIC: Final = "classic"
#: What stands behind the step's name in that of the link of a step that failed.
FAILED: Final = ".failed"


@dataclass(frozen=True, slots=True)
class Running:
    """One call of the command: its options and what they were made into."""

    args: argparse.Namespace
    console: Console
    limits: Limits
    step: Step
    turns: Turns

    @property
    def base(self) -> Path:
        """Return the folder that the command runs in."""
        return Path.cwd()

    @property
    def is_json(self) -> bool:
        """Tell whether results are a document."""
        return bool(self.args.format == "json")

    def recorded(self, variables: Mapping[str, str]) -> Recording:
        """Run the command and record it.

        Args:
            variables: Those of the run that signs.
        """
        args, console = self.args, self.console
        is_classic = args.link_format == CLASSIC
        most = self.limits.link_artifacts if is_classic else self.limits.link_materials
        demands = Demands(args.allow_unchanged, args.keep_failed, args.timeout, most)
        with StderrProgress(console.err, console.clock, self.limits) as progress:
            here = Surroundings(
                self.base,
                workspace(variables),
                console.environment,
                console.clock,
                self.limits,
                SilentProgress() if console.verbosity < 0 else progress,
            )
            recording = recorder.record(
                self.step, demands, here, before=self.turns.to_command, after=self.turns.back
            )
        self._tell(recording)
        return recording

    def _tell(self, recording: Recording) -> None:
        """Say how the command ended, where it did not simply end well."""
        outcome, console = recording.outcome, self.console
        if outcome.timed_out:
            console.note(f"the command took longer than {self.args.timeout:g} seconds (--timeout)")
        if outcome.left_running:
            console.note("the command has ended, and something that it started is still running")
        if not recording.succeeded:
            # A kept failure is told by its report, or why there is none.
            kept = "" if self.args.keep_failed else ": nothing is attested"
            console.note(f"the command ended with status {outcome.exit_code}{kept}")
        for name in recording.record.changed[:3]:
            console.note(f"the command changed a material: {name!r}")
