"""A command under ``slsa_gen.intoto.command`` in a process of its own, and what it is told.

Signals are for whole processes, so a test that sends some has the recorder run in a process
that it starts (the driver). The command (the listener) writes each signal that reaches it to
a file, and ends when another file appears.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

#: Seconds in which anything that a test waits for must have come.
PATIENCE: Final = 30.0
#: Seconds in which a signal that comes twice would have come again.
SETTLE: Final = 0.15

_LISTENER: Final = """\
import os, signal, sys, time
heard = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
done, status = sys.argv[2], int(sys.argv[3])
def note(number, frame):  # also in the middle of another write, which a file object refuses
    os.write(heard, signal.Signals(number).name.encode() + b"\\n")
names = "SIGINT SIGTERM SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH".split()
for name in names:
    number = getattr(signal, name)
    if signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, note)
os.write(heard, b"ready\\n")
end = time.monotonic() + 100  # nobody is left to end it where a test failed
while not os.path.exists(done) and time.monotonic() < end:
    time.sleep(0.01)
sys.exit(status)
"""

_DRIVER: Final = """\
import json, sys, threading
from dataclasses import asdict
from pathlib import Path
from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.intoto import command
from slsa_gen.limits import Limits
told = json.loads(sys.argv[1])
if told["thread"]:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
outcome = command.run(
    told["command"],
    folder=Path.cwd(),
    environment=command.command_environment(environment.variables()),
    clock=SystemClock(),
    limits=Limits(command_grace_seconds=told["grace"]),
    timeout=told["timeout"],
)
written = {**asdict(outcome), "exit_code": outcome.exit_code}
Path(told["outcome"]).write_text(json.dumps(written))
sys.exit(outcome.exit_code)
"""


class Listening:
    """Where a listener writes what it hears, and how it is told to end.

    Args:
        folder: An empty folder.
        status: The exit status that it ends with.
    """

    def __init__(self, folder: Path, status: int = 0) -> None:
        self._heard = folder / "heard"
        self._done = folder / "done"
        self._outcome = folder / "outcome"
        self.command = [
            *(sys.executable, "-c", _LISTENER),
            *(str(self._heard), str(self._done), str(status)),
        ]

    def driver(
        self,
        command: Sequence[str] | None = None,
        *,
        thread: bool = False,
        timeout: float | None = None,
        grace: float = 10.0,
    ) -> list[str]:
        """Return the command line of a process that runs the listener, or another command."""
        told = {
            "command": self.command if command is None else list(command),
            "outcome": str(self._outcome),
            "thread": thread,
            "timeout": timeout,
            "grace": grace,
        }
        return [sys.executable, "-c", _DRIVER, json.dumps(told)]

    def heard(self) -> list[str]:
        """Return the names of the signals that came, in order."""
        self.wait_ready()
        return self._heard.read_text().split()[1:]

    def wait_ready(self) -> None:
        """Wait until the listener listens."""
        wait_until(lambda: self._heard.exists() and self._heard.read_text() != "")

    def wait_heard(self, count: int) -> list[str]:
        """Wait for signals, and a little longer for one too many; return all that came."""
        wait_until(lambda: len(self.heard()) >= count)
        time.sleep(SETTLE)
        return self.heard()

    def end(self) -> None:
        """Let the listener end."""
        self._done.touch()

    def outcome(self) -> dict[str, object]:
        """Return what the driver says of how the command ended."""
        outcome: dict[str, object] = json.loads(self._outcome.read_text())
        return outcome


def started(driver: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a driver in a session of its own: no terminal controls it."""
    return subprocess.Popen([sys.executable, "-c", _HEARING, *driver], start_new_session=True)


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not.
    """
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("what the test waits for did not come")
        time.sleep(0.01)


def state_of(pid: int) -> str:
    """Return the letter of a process's state (proc(5)): ``T`` for a stopped one; empty if gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def children_of(pid: int) -> list[int]:
    """Return the numbers of a process's children."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(int(folder.name))
    return found


class Terminal:
    """A terminal with a command at it that leads its session; a context.

    Args:
        command: The command.

    Attributes:
        pid: The command's number.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._master, slave = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SESSION, *command], stdin=slave, stdout=slave, stderr=slave
        )
        os.close(slave)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self._process.kill()
        self._process.wait()

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def resize(self, rows: int, columns: int) -> None:
        """Change the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(self) -> int:
        """Wait for the command's end; return its exit status, or minus its signal."""
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """Close the window."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


#: What starts the tests may ignore signals (``nohup``, a shell's ``&``), and all that they start
#: would too.
_HEARING: Final = """\
import os, signal, sys
for name in "SIGINT SIGTERM SIGHUP SIGQUIT".split():
    signal.signal(getattr(signal, name), signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""

_SESSION: Final = """\
import fcntl, os, signal, sys, termios
for name in "SIGINT SIGTERM SIGHUP SIGQUIT".split():
    signal.signal(getattr(signal, name), signal.SIG_DFL)
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
