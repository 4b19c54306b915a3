"""Waiting for a command's end, and passing on to it what is sent to us alone.

The main thread waits in ``sigtimedwait``, which says who sent a signal. Where a terminal
controls us, the command stays in our process group, and what the kernel sent went to both.
Elsewhere (a workflow, a container, a time limit) the command leads a group of its own, and all
that reaches us is passed on to that group.

A signal that comes while the main thread is not waiting may be taken by another thread of this
process. Handlers catch it; they cannot know its sender, and take the terminal for it.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits

#: Those that ask for an end: after one of them nothing is attested.
ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
#: Those that a terminal sends to all of its foreground group, and those for which a group's
#: other members would be asked as well if it were not ours.
_TO_GROUP: Final = (*ENDING, signal.SIGTSTP, signal.SIGCONT)
_PASSED: Final = (*_TO_GROUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH)
#: ``si_code`` of a signal that the kernel sent by itself (``asm-generic/siginfo.h``).
_SI_KERNEL: Final = 0x80
#: Seconds after which the command is looked at even if nothing woke us.
_LOOK_SECONDS: Final = 0.2


class Forwarding:
    """Watches one command; a context that must surround its start.

    Args:
        clock: Tells when its time is up.
        limits: How long it may take to end once it was asked to.
        timeout: Seconds that the command may take, or None.
    """

    def __init__(self, clock: Clock, limits: Limits, timeout: float | None) -> None:
        self._clock = clock
        self._grace = limits.command_grace_seconds
        self._ends_at = None if timeout is None else clock.monotonic() + timeout
        self._kills_at: float | None = None
        #: Whether the command is to lead a process group of its own.
        self.own_group = timeout is not None or not _has_terminal()
        self.stopped_by: int | None = None
        self.timed_out = False
        self.left_running = False
        self._pid = 0
        self._early: list[int] = []
        self._restored: list[
            tuple[int, Callable[[int, FrameType | None], object] | int | None]
        ] = []
        self._watched: set[signal.Signals] = set()

    def __enter__(self) -> Self:
        """Take over the signals that are passed on; ignored ones stay ignored."""
        if threading.current_thread() is not threading.main_thread():
            return self  # only the main thread may say what a signal does
        # A command's status is lost where its end is ignored.
        self._restored.append((signal.SIGCHLD, signal.signal(signal.SIGCHLD, signal.SIG_DFL)))
        for number in _PASSED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._watched.add(number)
                self._restored.append((number, signal.signal(number, self._caught)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let signals do again what they did before."""
        for number, before in reversed(self._restored):
            signal.signal(number, signal.SIG_DFL if before is None else before)

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Return the return code of the command, as ``Popen`` gives it, once it has ended."""
        watched = {*self._watched, signal.SIGCHLD}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
        try:
            self._pid = process.pid
            for number in self._early:
                self._pass_on(number)
            while not _has_ended(process.pid):
                self._check_time()
                if (info := signal.sigtimedwait(watched, self._until_next())) is not None:
                    self._received(info.si_signo, by_kernel=info.si_code == _SI_KERNEL)
            if self.timed_out:
                self._send(signal.SIGKILL, to_group=True)  # and what it left behind
            self._pid = 0  # what comes from now on is noted by the handlers
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        status = process.wait()
        self.left_running = self.own_group and _has_members(process.pid)
        return status

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        if self._pid:
            self._received(number, by_kernel=True)
        else:
            self._note(number)
            self._early.append(number)

    def _received(self, number: int, *, by_kernel: bool) -> None:
        """Pass a signal on, unless the command has it already."""
        if number == signal.SIGCHLD:
            return
        self._note(number)
        # Of a terminal that is gone the kernel tells the session's leader only.
        alone = number == signal.SIGHUP and os.getsid(0) == os.getpid()
        if self.own_group or not by_kernel or alone:
            self._pass_on(number)
        if number == signal.SIGTSTP and self._pid:
            self._stop_with_it()

    def _note(self, number: int) -> None:
        if number in ENDING and self.stopped_by is None:
            self.stopped_by = number

    def _pass_on(self, number: int) -> None:
        self._send(number, to_group=number in _TO_GROUP)

    def _send(self, number: int, *, to_group: bool) -> None:
        if not self._pid:
            return
        # It may just have ended, or have become another user's (sudo).
        with suppress(ProcessLookupError, PermissionError):
            if self.own_group and to_group:
                os.killpg(self._pid, number)
            else:
                os.kill(self._pid, number)

    def _stop_with_it(self) -> None:
        """Stop as well, so that a shell sees a stopped job; returns once we are continued."""
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # a group that nobody could continue is not stopped
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
        signal.signal(signal.SIGTSTP, before)

    def _check_time(self) -> None:
        now = self._clock.monotonic()
        if self._kills_at is not None and now >= self._kills_at:
            self._send(signal.SIGKILL, to_group=True)
        elif self._kills_at is None and self._ends_at is not None and now >= self._ends_at:
            self.timed_out = True
            self._note(signal.SIGTERM)
            self._send(signal.SIGTERM, to_group=True)
            self._send(signal.SIGCONT, to_group=True)  # a stopped process hears nothing
            self._kills_at = now + self._grace

    def _until_next(self) -> float:
        """Return the seconds until the command must be looked at again."""
        due = self._ends_at if self._kills_at is None else self._kills_at
        if due is None:
            return _LOOK_SECONDS
        return min(_LOOK_SECONDS, max(0.001, due - self._clock.monotonic()))


def _has_terminal() -> bool:
    """Tell whether a terminal controls this process."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    os.close(descriptor)
    return True


def _has_ended(pid: int) -> bool:
    """Tell whether a child has ended; it is left to be waited for, so its number stays its own."""
    found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return found is not None


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
