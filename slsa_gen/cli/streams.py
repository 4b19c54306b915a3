"""The process's standard streams, made safe to write other people's words to."""

from __future__ import annotations

import io
import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from slsa_gen.github import runner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def open_stream(stream: TextIO | None) -> TextIO:
    """Return a stream that takes any text, whatever the locale says.

    A stream that was closed (``>&-``) is one that nobody reads. What an encoding cannot
    carry is written as an escape.
    """
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return stream


def written_out(*streams: TextIO) -> bool:
    """Write what is buffered, at the end of the process; tell whether all of it could be.

    A stream that cannot take it is closed: Python would try again, and end with a code of
    its own (120) that means nothing of ours.
    """
    whole = True
    for stream in streams:
        try:
            stream.flush()
        except (OSError, ValueError):  # a full disk, a closed pipe; closed by ourselves
            whole = False
            with suppress(OSError, ValueError):
                stream.close()
    return whole


def import_from_package_only() -> None:
    """Take the current folder off the search path, unless the package itself lies there.

    A file called ``requests.py`` that lies about must not be run, also when somebody put the
    folder there (``PYTHONPATH=.``, ``python -m``).
    """
    package = Path(__file__).resolve().parents[2]
    here = Path.cwd().resolve()
    if package != here:
        sys.path[:] = [entry for entry in sys.path if entry and Path(entry).resolve() != here]


class CommandGuard:
    """Keeps a workflow's runner from obeying what is printed, and hides secrets in its log.

    In a run, lines such as ``::error::…`` are commands, and names, claims and answers of
    services are other people's words. (No line of ours begins with a colon either: see
    ``report.text``.) Outside a run nothing is written.

    The runner reads the two streams each at its own pace, but stops and resumes for both at
    once (``ActionCommandManager`` of actions/runner). A secret that it is told to hide while
    it does not listen would be shown; hence secrets are told on standard error alone, whose
    guard is left for it, and no more once results, on standard output, have a guard as well.

    Args:
        environment: Says whether this is a run.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._in_run = environment.get("GITHUB_ACTIONS") == "true"
        self._token = ""
        self._later: tuple[TextIO, ...] = ()
        self._open: list[TextIO] = []
        self._told: set[str] = set()

    @contextmanager
    def stopped(self, *streams: TextIO, later: Sequence[TextIO] = ()) -> Iterator[None]:
        """Guard streams at once, and those of ``later`` from their first result on."""
        if not self._in_run:
            yield
            return
        import secrets  # noqa: PLC0415 (only a run needs it, and --version must start fast)

        self._token, self._later = secrets.token_hex(16), tuple(later)
        for stream in streams:
            self._begin(stream)
        try:
            yield
        finally:
            for stream in self._open:
                _write(stream, f"::{self._token}::\n")
            self._token, self._later, self._open = "", (), []

    def before_result(self, stream: TextIO) -> None:
        """Guard a stream that results are now written to."""
        if any(stream is one for one in self._later):
            self._begin(stream)

    def hide(self, secret: str, stream: TextIO) -> None:
        """Have the runner hide a secret in whatever is printed from now on.

        Args:
            secret: An empty one, or one that was told before, is not told.
            stream: Where the runner is told. On a terminal or in a file nobody would obey, and
                the secret would be there to read.
        """
        secret = secret.strip()  # as it is used: a blank around it would hide something else
        if not self._in_run or not secret or secret in self._told or _is_kept(stream):
            return
        command = f"{runner.command('add-mask', secret)}\n"
        if not self._open:
            _write(stream, command)
        elif all(one is stream for one in self._open):
            # In one piece, so that nothing else gets between.
            again = f"::stop-commands::{self._token}\n"
            _write(stream, f"::{self._token}::\n{command}{again}")
        else:
            return
        self._told.add(secret)

    def _begin(self, stream: TextIO) -> None:
        if not any(stream is one for one in self._open):
            self._open.append(stream)
            _write(stream, f"::stop-commands::{self._token}\n")


def _is_kept(stream: TextIO) -> bool:
    """Tell whether what is written here ends in a file or on a terminal, not with a runner."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False  # a stream within this process
    return stat.S_ISREG(mode) or stat.S_ISCHR(mode)


def _write(stream: TextIO, text: str) -> None:
    # A guard that cannot be written guards nothing that can be read.
    with suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()
