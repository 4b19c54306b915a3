"""A command of the user's: run with its streams passed through and its signals passed on.

What the kernel sends to the whole foreground group of a terminal (Ctrl-C, Ctrl-Z, a changed
window) reaches the command without our help; what is sent to us alone (``kill``, a runner that
cancels a job) does not. The two are told apart by ``si_code``, so that nothing comes twice.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.intoto.signals import Forwarding
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits

#: Variables that let their holder sign in our name, or write to the run's repository. A command
#: of the user's is not handed them: what it starts, logs and dumps would hold them too.
WITHHELD: Final = (
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "GITHUB_TOKEN",
    "SIGSTORE_ID_TOKEN",
    "SLSA_GEN_KEY_PASSPHRASE",
)

_BY_SIGNAL: Final = 128
_CAUSES: Final = {
    errno.ENOEXEC: (
        "it is no program of this machine, and its first line names no interpreter",
        "Begin a script with: #!/bin/sh",
    ),
    errno.E2BIG: (
        "its arguments and environment are longer than the system takes",
        "Put the arguments into a file.",
    ),
}
_SEPARATOR: Final = "Everything after -- is the command, as it would be typed without slsa-gen."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended.

    Attributes:
        status: Its exit status; 128 + N where signal N ended it.
        stopped_by: The signal with which it, or we, were asked to end; None when nobody did.
        timed_out: Whether it was ended because it took too long.
        left_running: Whether processes that it started are known to run on.
    """

    status: int
    stopped_by: int | None = None
    timed_out: bool = False
    left_running: bool = False

    @property
    def exit_code(self) -> int:
        """Return the status to pass on: never 0 for a command that was asked to end."""
        if self.status == 0 and self.stopped_by is not None:
            return _BY_SIGNAL + self.stopped_by
        return self.status


def command_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command: ours without the tokens."""
    return {name: value for name, value in environment.items() if name not in WITHHELD}


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    limits: Limits,
    timeout: float | None = None,
) -> Outcome:
    """Run a command to its end, with our standard streams.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        environment: All that it is handed (see :func:`command_environment`).
        clock: Tells when its time is up.
        limits: How long a command that was asked to end may take to.
        timeout: Seconds that it may take; None for as long as it likes.

    Raises:
        UsageError: it cannot be started.
    """
    program = _program(command, folder, environment)
    with Forwarding(clock, limits, timeout) as forwarding:
        try:
            process = subprocess.Popen(  # noqa: S603 (the user's own command)
                command,
                executable=program,
                cwd=folder,
                env=environment,
                process_group=0 if forwarding.own_group else None,
            )
        except (OSError, ValueError) as error:
            raise _not_started(command[0], program, error) from error
        status = forwarding.wait(process)
    return Outcome(
        status if status >= 0 else _BY_SIGNAL - status,
        forwarding.stopped_by,
        forwarding.timed_out,
        forwarding.left_running,
    )


def _program(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Return where the command's program is, as a shell would look for it."""
    if not command or not command[0]:
        raise UsageError(
            "there is no command to run",
            hint=f"{_SEPARATOR} Write: slsa-gen run --product 'dist/*' -- make",
            reason=Reason.RUN_COMMAND,
        )
    name = command[0]
    if "/" in name:
        return str(folder / name)
    path = environment.get("PATH", os.defpath)
    found = shutil.which(name, path=path)
    if found is not None:
        return str(folder / found)
    there = shutil.which(name, mode=os.F_OK, path=path)
    if there is not None:
        raise _refused(
            name,
            "the file of that name in PATH is not executable",
            f"Run: chmod +x {shown(there)}",
        )
    raise _refused(
        name,
        "no folder in PATH has a program of that name",
        f"Install it, or give its path. {_SEPARATOR}",
    )


def _not_started(name: str, program: str, error: OSError | ValueError) -> UsageError:
    """Return the error for a command that the system would not start."""
    if not isinstance(error, OSError):
        return _refused(name, "an argument holds a NUL byte", "Take it out.")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        cause, hint = "there is no such file", "Does an earlier step make it?"
        if Path(program).exists():
            cause = "the interpreter that its first line names is not there"
            hint = f"Look at its first line with: head -n 1 {shown(name)}"
    elif _is_folder(program):
        cause, hint = "it is a folder", "Name the program in it."
    elif isinstance(error, PermissionError):
        cause, hint = "it is not executable", f"Run: chmod +x {shown(name)}"
    else:
        plain = (error.strerror or "the system refused", "Try it without slsa-gen.")
        cause, hint = _CAUSES.get(error.errno or 0, plain)
    return _refused(name, cause, hint)


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(Path(path).stat().st_mode)
    except OSError:
        return False


def _refused(name: str, cause: str, hint: str) -> UsageError:
    return UsageError(
        f"the command {shown(name)} cannot be started: {cause}",
        hint=hint,
        reason=Reason.RUN_COMMAND,
    )
