"""One step: inputs in; the command's exit code, outputs, summary and annotations out."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from slsa_gen.action import inputs, notices, outputs, paths, remedies, running
from slsa_gen.action.arguments import arguments_of
from slsa_gen.action.kept import KeptFiles
from slsa_gen.cli.main import main
from slsa_gen.cli.streams import CommandGuard, open_stream
from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.github import runner
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.report import document as documents
from slsa_gen.report import markdown, problem
from slsa_gen.report.style import Style
from slsa_gen.report.text import command as quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits

    Document = dict[str, Any]

#: Characters of the printed command; a list of thousands of paths helps nobody.
_LONGEST_COMMAND: Final = 16_384


def run(
    words: Sequence[str],
    variables: Mapping[str, str],
    *,
    clock: Clock | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> int:
    """Run a step and return its exit code, which is that of the command.

    Args:
        words: The command, ``attest`` or ``verify``.
        variables: The environment, with the inputs.
        clock: The clock; the machine's when None.
        limits: What the runner takes.

    Returns:
        0 done or accepted, 1 refused, 2 wrong usage, 3 could not be done or decided, also
        when it was done and the runner could not be told.
    """
    # Everything goes to one stream: the runner reads two each at its own pace, and a command
    # of ours could come before the text that it must come after.
    out = open_stream(sys.stdout)
    with redirect_stderr(out):
        command, *further = words or ("",)
        step = _Step(command, tuple(further), dict(variables), out, limits)
        return step.run(clock)


@dataclass(slots=True)
class _Step:
    """One step's surroundings, and the document that its command hands out."""

    command: str
    further: tuple[str, ...]
    variables: dict[str, str]
    out: TextIO
    limits: Limits
    document: Document | None = None
    wants_summary: bool = True
    files: KeptFiles = field(init=False)

    def __post_init__(self) -> None:
        self.files = KeptFiles(self.root)

    @property
    def root(self) -> Path:
        """Return the workspace."""
        return paths.workspace(self.variables)

    def run(self, clock: Clock | None) -> int:
        """Run the command, and tell the runner what became of it."""
        try:
            arguments = self._arguments()
        except SlsaGenError as error:
            self._report(error)
            code = error.exit_code
        else:
            self._print(arguments)
            code = main(
                arguments, variables=self._surroundings(), clock=clock, on_document=self._take
            )
        try:
            self._tell()
        except OSError as error:
            untold = _untold(error)
            self._report(untold)
            self._annotate(json.loads(documents.failure(self.command, untold)))
            return code or untold.exit_code
        return code

    def _arguments(self) -> list[str]:
        if self.command not in {"attest", "verify"} or self.further:
            got = " ".join((self.command, *self.further))
            raise UsageError(
                f"the Action runs attest or verify and takes no further words, got {got!r}",
                hint="python -I -m slsa_gen.action attest",
                reason=Reason.USAGE_OPTION,
            )
        if self.command == "attest" and inputs.value(self.variables, inputs.RUN):
            self.command = inputs.RUN
        self.wants_summary = inputs.is_on(self.variables, inputs.SHOW_SUMMARY, default=True)
        arguments = arguments_of(self.command, self.variables)
        paths.refuse_host_paths(self.command, self.variables)
        if self.command != "verify":
            paths.refuse_output_outside(self.variables)
        return arguments

    def _surroundings(self) -> dict[str, str]:
        """Return the command's environment: the token is where the command line looks."""
        kept = {k: v for k, v in self.variables.items() if not k.startswith("INPUT_")}
        token = inputs.value(self.variables, inputs.GITHUB_TOKEN).strip()
        return kept | ({"GITHUB_TOKEN": token} if token else {})

    def _print(self, arguments: Sequence[str]) -> None:
        """Show the command that does the same at a terminal."""
        shown = quoted("slsa-gen", *arguments)
        if len(shown) > _LONGEST_COMMAND:
            cut = len(shown) - _LONGEST_COMMAND
            shown = f"{shown[:_LONGEST_COMMAND]}… ({cut:,} more characters)"
        self._command("group", "The same on the command line")
        with CommandGuard(self.variables).stopped(self.out):
            self.out.write(f"{shown}\n")
        self._command("endgroup")

    def _take(self, text: str) -> None:
        document = json.loads(text)
        self.document = running.attested(document) if self.command == inputs.RUN else document

    def _report(self, error: SlsaGenError) -> None:
        """Print an error of the step's own, and have it told like one of the command."""
        with CommandGuard(self.variables).stopped(self.out):
            self.out.write(problem.written(error, Style()))
        failed = json.loads(documents.failure(self.command, error))
        if self.document is not None:
            failed["results"] = self.document["results"]
            failed["errors"] = [*self.document["errors"], *failed["errors"]]
        self.document = failed

    def _tell(self) -> None:
        """Write annotations, outputs and the summary.

        Raises:
            OSError: a file of the runner's, or one in the workspace, cannot be written.
        """
        if self.document is None:
            return
        self._annotate(self.document)
        given = outputs.written(self.document, self.root, self.files.keep)
        self._append("GITHUB_OUTPUT", "".join(runner.output(n, v) for n, v in given.items()))
        if self.wants_summary and self.variables.get("GITHUB_STEP_SUMMARY"):
            self._append("GITHUB_STEP_SUMMARY", self._summary(self.document))

    def _annotate(self, document: Document) -> None:
        if self.variables.get("GITHUB_ACTIONS") == "true":
            for line in notices.written(document):
                self._line(line)

    def _summary(self, document: Document) -> str:
        sigstore = inputs.value(self.variables, "sigstore").strip() or markdown.PUBLIC_GOOD
        summary = markdown.written(remedies.in_a_step(document), sigstore)
        most = self.limits.step_summary_bytes
        whole = summary.whole()
        if len(whole.encode("utf-8", "replace")) <= most:
            return whole
        return summary.within(most, self.files.keep("summary.md", whole))

    def _append(self, variable: str, text: str) -> None:
        """Add to a file that the runner names; outside a run there is none."""
        name = self.variables.get(variable, "")
        if name and text:
            runner.append(Path(name), text)

    def _command(self, name: str, data: str = "") -> None:
        if self.variables.get("GITHUB_ACTIONS") == "true":
            self._line(runner.command(name, data))

    def _line(self, text: str) -> None:
        self.out.write(f"{text}\n")
        self.out.flush()


def _untold(error: OSError) -> SlsaGenError:
    return SlsaGenError(
        f"the runner could not be told what was done: {error.filename or 'a file'!r}: "
        f"{error.strerror or error}; what the command had done stays done",
        hint="Look at the disk and at the folder's permissions, and run the job again: what is "
        "already attested is reused.",
        reason=Reason.OUTPUT_UNWRITABLE,
    )
