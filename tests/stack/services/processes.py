"""A service's process: started in a group of its own, waited for, and ended."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 10.0
_SHOWN_BYTES: Final = 3000


class StartError(Exception):
    """A service did not start; the message has the end of what it wrote."""


class Process:
    """A running service, in a session of its own.

    So Ctrl-C reaches only whoever ends it; and it dies with the thread that started it,
    should that be killed.

    Args:
        name: What it is called.
        command: Program and arguments.
        folder: Its working folder, which also gets ``NAME.log``.

    Attributes:
        log: The file with everything that it writes.
    """

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = ["setpriv", "--pdeathsig", "KILL", *command]
        self._folder = folder
        self._answers: Callable[[], bool] | None = None
        self._popen = self._start()

    @property
    def ended(self) -> bool:
        """Tell whether it runs no more."""
        return self._popen.poll() is not None

    def wait_for(self, answers: Callable[[], bool], seconds: float = _START_SECONDS) -> None:
        """Wait until the service answers, and do the same when it is started again.

        Raises:
            StartError: it ended, or does not answer in time.
        """
        self._answers = answers
        end = time.monotonic() + seconds
        while not answers():
            status = self._popen.poll()
            if status is not None:
                raise self._error(f"ended with status {status}")
            if time.monotonic() > end:
                raise self._error(f"does not answer after {seconds:g} s")
            time.sleep(0.05)

    def stop(self, number: signal.Signals) -> None:
        """End its whole group with a signal, or kill it."""
        for chosen in (number, signal.SIGKILL):
            self._signal(chosen)
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(_END_SECONDS)
                return

    def start_again(self) -> None:
        """Start it once more after it was stopped, and wait until it answers as before."""
        self._popen = self._start()
        if self._answers is not None:
            self.wait_for(self._answers)

    def halt(self) -> None:
        """Let it stand still: the kernel takes connections for it, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it stood still."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self._folder)},
                start_new_session=True,
            )

    def _error(self, what: str) -> StartError:
        written = self.log.read_bytes()[-_SHOWN_BYTES:].decode("utf-8", "replace")
        return StartError(f"{self.name} {what}; the end of {self.log}:\n{written}")


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    *,
    number: signal.Signals = signal.SIGKILL,
) -> Iterator[Process]:
    """Run a service for the length of a block; arguments are those of ``Process``.

    Args:
        name: What it is called.
        command: Program and arguments.
        folder: Its working folder.
        number: The signal that ends it. Most have nothing to save, and take 10 s over it.
    """
    process = Process(name, command, folder)
    try:
        yield process
    finally:
        process.stop(number)


def answers(port: int, path: str) -> Callable[[], bool]:
    """Return what tells whether a server answers a GET with a status of 200."""

    def ask() -> bool:
        with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status == http.HTTPStatus.OK
            except (OSError, http.client.HTTPException):
                return False

    return ask


def fetch(port: int, path: str) -> bytes:
    """Return what a server answers to a GET.

    Raises:
        StartError: it answers with another status than 200.
    """
    with closing(http.client.HTTPConnection(HOST, port, timeout=10)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    if response.status != http.HTTPStatus.OK:
        raise StartError(f"port {port} answers {path} with {response.status}: {body[:200]!r}")
    return body


def free_ports(names: Sequence[str]) -> dict[str, int]:
    """Return a port for each name that nobody listens on, no two of them alike."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((HOST, 0))) for _ in names]
        return {name: taken.getsockname()[1] for name, taken in zip(names, sockets, strict=True)}
