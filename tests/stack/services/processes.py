"""A service's process: started in a group of its own, waited for, and ended."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Process:
    """A running service. ``log`` is the file with everything that it writes."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, answers: Callable[[], bool], seconds: float = _START_SECONDS) -> None:
        """Wait until the service answers.

        Raises:
            StartError: it ended, or does not answer in time.
        """
        end = time.monotonic() + seconds
        while not answers():
            status = self.popen.poll()
            if status is not None:
                raise self._error(f"ended with status {status}")
            if time.monotonic() > end:
                raise self._error(f"does not answer after {seconds:g} s")
            time.sleep(0.05)

    def stop(self, number: signal.Signals) -> None:
        """End its whole group with a signal, or kill it."""
        for chosen in (number, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.popen.pid, chosen)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(_END_SECONDS)
                return

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
    """Run a service for the length of a block.

    It is in a session of its own, so that Ctrl-C reaches only whoever ends it; and it dies
    with the thread that started it, should that be killed.

    Args:
        name: What it is called.
        command: Program and arguments.
        folder: Its working folder, which also gets ``NAME.log``.
        number: The signal that ends it. Most have nothing to save, and take 10 s over it.
    """
    log = folder / f"{name}.log"
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
    with log.open("wb") as output:
        popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    process = Process(name, popen, log)
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
