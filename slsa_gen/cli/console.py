"""Where a command writes, and what of the surroundings it may look at."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from slsa_gen.cli.streams import CommandGuard
from slsa_gen.errors import SlsaGenError
from slsa_gen.reasons import Reason
from slsa_gen.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slsa_gen.clock import Clock
    from slsa_gen.report.style import Style
    from slsa_gen.trust.known import Repository


@dataclass(frozen=True, slots=True)
class Console:
    """The process's surroundings, handed to a command as a value.

    Results go to ``out``; progress, notes and errors go to ``err``. ``verbosity`` is 0
    unless ``-v`` (1, 2 …) or ``-q`` (-1) is given. ``on_document`` is whoever wants the JSON
    document whatever the format; ``guard`` keeps a workflow's runner from obeying the text.
    ``repository_of`` finds a Sigstore's TUF repository by its name; when None, those that
    ship with the package.
    """

    out: TextIO
    err: TextIO
    environment: Mapping[str, str]
    clock: Clock
    style: Style
    verbosity: int = 0
    on_document: Callable[[str], None] | None = None
    guard: CommandGuard = field(default_factory=lambda: CommandGuard({}))
    repository_of: Callable[[str], Repository | None] | None = None

    @property
    def is_terminal(self) -> bool:
        """Tell whether somebody reads at a terminal what is said on standard error."""
        try:
            return self.err.isatty()
        except ValueError:  # it is closed
            return False

    @property
    def wants_document(self) -> bool:
        """Tell whether somebody listens for the document, whatever the format."""
        return self.on_document is not None

    def document(self, make: Callable[[], str], *, shown: bool) -> None:
        """Hand the JSON document to whoever listens, and print it where it is the format.

        Args:
            make: Makes the document; not called when nobody wants it.
            shown: Whether ``--format json`` was given.

        Raises:
            SlsaGenError: it cannot be written.
        """
        if not shown and self.on_document is None:
            return
        text = make()
        if self.on_document is not None:
            self.on_document(text)
        if shown:
            self.result(text)

    def hide(self, secret: str) -> None:
        """Have a workflow's runner hide a secret in its log; does nothing outside a run."""
        self.guard.hide(secret, self.err)

    def result(self, text: str) -> None:
        """Write a result to standard output.

        Raises:
            SlsaGenError: it cannot be written.
        """
        self.guard.before_result(self.out)
        try:
            self.out.write(text if text.endswith("\n") else text + "\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(error) from error

    def flush(self) -> None:
        """Have everything written that was given to :meth:`result`.

        Raises:
            SlsaGenError: it cannot be written.
        """
        try:
            self.out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(error) from error

    def note(self, text: str) -> None:
        """Write a remark to standard error, unless ``-q`` is given."""
        if self.verbosity >= 0:
            self.say(f"slsa-gen: {printable(text)}")

    def detail(self, text: str) -> None:
        """Write a remark to standard error when ``-v`` is given."""
        if self.verbosity > 0:
            self.note(text)

    def say(self, text: str) -> None:
        """Write harmless text to standard error; nobody can be told when that fails."""
        with suppress(OSError, ValueError):
            self.err.write(f"{text}\n")
            self.err.flush()


def _unwritable(error: OSError) -> SlsaGenError:
    return SlsaGenError(
        f"the results cannot be written to standard output: {error.strerror}; what the command "
        "had done until then stays done",
        hint="Look at where standard output leads, and run the command again: what is already "
        "attested is reused.",
        reason=Reason.OUTPUT_UNWRITABLE,
    )
