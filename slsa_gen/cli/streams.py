"""The process's standard streams, made safe to write other people's words to."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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


def import_from_package_only() -> None:
    """Take the current folder off the search path, unless the package itself lies there.

    A file called ``requests.py`` that lies about must not be run, also when somebody put the
    folder there (``PYTHONPATH=.``, ``python -m``).
    """
    package = Path(__file__).resolve().parents[2]
    here = Path.cwd().resolve()
    if package != here:
        sys.path[:] = [entry for entry in sys.path if entry and Path(entry).resolve() != here]


@contextmanager
def commands_stopped(environment: Mapping[str, str], *streams: TextIO) -> Iterator[None]:
    """Keep a workflow's runner from obeying what is printed meanwhile.

    In a run, lines such as ``::error::…`` are commands, and names, claims and answers of
    services are other people's words. The runner reads each stream on its own, so each gets
    the guard. (No line of ours begins with a colon either: see ``report.text``.)
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        yield
        return
    import secrets  # noqa: PLC0415 (only a run needs it, and --version must start fast)

    token = secrets.token_hex(16)
    _write(streams, f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        _write(streams, f"::{token}::\n")


def _write(streams: tuple[TextIO, ...], line: str) -> None:
    for stream in streams:
        # A guard that cannot be written guards nothing that can be read.
        with suppress(OSError, ValueError):
            stream.write(line)
            stream.flush()
