"""Inspections: commands that a layout wants run when it is verified.

They come from the layout, and run on the machine of whoever verifies. So they run only when
that was asked for, in a folder that holds nothing but a copy of the artifact, with ``PATH``
as their only variable, with no input, and for a limited time. The ``in-toto`` package runs
them in the folder and with the environment of its caller. This is no sandbox: a command may
still read and write what the user may.
"""

from __future__ import annotations

import hashlib
import os
import selectors
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.text import harmless
from slsa_gen.scratch import REMEDY, scratch_folder
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slsa_gen.clock import Clock
    from slsa_gen.intoto.classic_documents import Inspection
    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest

_CHUNK: Final = 1024 * 1024
_BLINK: Final = 0.1


class InspectionError(Exception):
    """An inspection could not be run, or did not succeed; the message says why."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """The files of an inspection's folder before and after its command, with their SHA-256."""

    materials: Mapping[str, Mapping[str, str]]
    products: Mapping[str, Mapping[str, str]]


class Inspector(Protocol):
    """Runs inspections."""

    def __call__(self, inspection: Inspection) -> Inspected:
        """Run one.

        Raises:
            InspectionError: it could not be run, or did not succeed.
        """
        ...


class CommandInspector:
    """Runs inspections in a new folder each, with a copy of the artifact.

    Args:
        artifact: The file that is verified.
        digests: Its digests; the copy must have them.
        search_path: ``PATH`` of the commands: the only variable that they are given.
        clock: Measures how long they take.
        limits: How long, and how much they may leave.
    """

    def __init__(
        self,
        artifact: Path,
        digests: tuple[Digest, ...],
        search_path: str,
        clock: Clock,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._artifact = artifact
        self._digests = digests
        self._search_path = search_path
        self._clock = clock
        self._limits = limits

    def __call__(self, inspection: Inspection) -> Inspected:
        """Run one."""
        try:
            with scratch_folder("slsa-gen-inspection-") as scratch:
                folder = Path(scratch)
                self._copy(folder)
                before = self._recorded(folder)
                self._run(inspection.command, folder)
                return Inspected(before, self._recorded(folder))
        except RecursionError as error:  # on the way down, or when the folder is removed
            raise InspectionError("it left folders too deep in one another") from error
        except FileNotFoundError as error:
            raise InspectionError(f"there is no folder to run it in ({REMEDY})") from error
        except OSError as error:
            raise InspectionError(error.strerror or "the system refused it") from error

    def _copy(self, folder: Path) -> None:
        copy = folder / self._artifact.name
        try:
            shutil.copyfile(self._artifact, copy)
        except OSError as error:
            raise InspectionError(f"the artifact cannot be copied: {error.strerror}") from error
        for digest in self._digests:
            if _hash(copy, digest.algorithm) != digest.hex:
                raise InspectionError("the artifact changed while it was verified")

    def _run(self, command: tuple[str, ...], folder: Path) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 (asked for by --run-inspections)
                command,
                cwd=folder,
                env={"PATH": self._search_path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "a null character in it"
            raise InspectionError(f"{shown(command[0])} cannot be started: {why}") from error
        try:
            output = self._followed(process)
        finally:
            status = _ended(process)
        if status != 0:
            said = harmless(output, len(output))
            raise InspectionError(
                f"it ended with status {status}" + (f" and said: {said}" if said else "")
            )

    def _followed(self, process: subprocess.Popen[bytes]) -> bytes:
        """Wait until the command has ended; return the end of what it said."""
        deadline = self._clock.monotonic() + self._limits.inspection_seconds
        end = b""
        if process.stdout is None:  # never: it was asked for
            return end
        with process.stdout as pipe, selectors.DefaultSelector() as selector:
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ)
            closed = False
            while not (closed and _has_ended(process)):
                if self._clock.monotonic() > deadline:
                    raise InspectionError(
                        f"it did not end within {self._limits.inspection_seconds:g} seconds"
                    )
                if closed:
                    self._clock.sleep(_BLINK)
                elif selector.select(_BLINK):
                    chunk = os.read(pipe.fileno(), _CHUNK)
                    closed = not chunk
                    end = (end + chunk)[-self._limits.inspection_output_bytes :]
                else:  # something in its background may hold the pipe for ever
                    closed = _has_ended(process)
            return end

    def _recorded(self, folder: Path) -> dict[str, dict[str, str]]:
        """Return the SHA-256 of every file below a folder, by its name from there."""
        found: dict[str, dict[str, str]] = {}
        allowance = self._limits.inspection_bytes
        for count, path in enumerate(_walk(folder)):
            if count >= self._limits.inspection_entries:
                raise InspectionError(
                    f"it left more than {self._limits.inspection_entries} files and folders"
                )
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode):
                continue
            name = str(path.relative_to(folder))
            if not stat.S_ISREG(status.st_mode):
                raise InspectionError(
                    f"it left {shown(name)}, which is no file, but a link or the like"
                )
            allowance -= status.st_size
            if allowance < 0:
                raise InspectionError(f"it left more than {self._limits.inspection_bytes} bytes")
            found[name] = {"sha256": _hash(path, "sha256")}
        return found


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))


def _hash(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a command has ended, without taking its status: its number stays its own."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def _ended(process: subprocess.Popen[bytes]) -> int:
    """End a command and what it left in the background, and return its status.

    Nothing writes any more when its folder is recorded.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
