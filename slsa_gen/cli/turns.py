"""Whose the standard streams are: ours before and after a command, the command's between."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

    from slsa_gen.cli.console import Console

_OUT: Final = 1
_ERR: Final = 2


class Turns:
    """Guards what we say from a workflow's runner, and lets the command speak for itself.

    A context; within it :meth:`to_command` and :meth:`back` surround the command.

    Args:
        console: Our streams.
        document: Whether standard output is kept for a document of ours: what the command
            writes there then goes to standard error.
    """

    def __init__(self, console: Console, *, document: bool) -> None:
        self._console = console
        self._document = document
        self._guard = ExitStack()
        self._kept: int | None = None
        #: Whether the command has been run.
        self.command_ended = False

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()
        self._guard.close()

    def to_command(self) -> None:
        """Hand the streams over, with everything written that we had to say."""
        self._guard.close()
        self._console.flush()
        if self._document:
            with suppress(OSError):  # one of them is closed: then nothing is mixed
                self._kept = os.dup(_OUT)
                os.dup2(_ERR, _OUT)

    def back(self) -> None:
        """Take the streams back; the command has ended."""
        self.command_ended = True
        self._restore()
        self._begin()

    def _begin(self) -> None:
        console = self._console
        later = () if self._document else (console.out,)
        self._guard.enter_context(console.guard.stopped(console.err, later=later))

    def _restore(self) -> None:
        if self._kept is not None:
            os.dup2(self._kept, _OUT)
            os.close(self._kept)
            self._kept = None
