"""The child: reads frames, signs, writes frames; nothing of it outlives its parent.

The pipes carry everything: the configuration, the token, the statement, the bundle. Nothing
secret is in its arguments or its environment. Its memory is limited around each request, so
that a service's answer of any size (also one that is small only while compressed) ends in an
error and not in a full machine. When the parent ends, in whatever way, the pipe does, and
with it this process, also in the middle of a request.
"""

from __future__ import annotations

import logging
import os
import queue
import resource
import sys
import threading
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import requests.sessions

from slsa_gen.limits import MIB
from slsa_gen.signing.keyless import Keyless
from slsa_gen.signing.protocol import Frame, ProtocolError, read_frame, write_frame
from slsa_gen.signing.report import describe

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes of address space above what the process has when a request begins: room for
#: answers, and for the allocator's arenas.
ROOM: Final = 96 * MIB
#: Bytes of address space for each byte of a statement (9.3 are needed at 16 MiB).
ROOM_PER_BYTE: Final = 12
_FRAME_BYTES: Final = 64 * MIB
_UNLIMITED: Final = resource.RLIM_INFINITY


def main() -> int:
    """Serve requests until the parent closes the pipe."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not get between the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    # A crash must not leave a core file with a token in it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # sigstore's sessions would follow a redirect and send the statement on.
    requests.sessions.DEFAULT_REDIRECT_LIMIT = 0
    frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, frames), daemon=True).start()
    write_frame(answers, Frame({"event": "ready"}))
    worker = Worker()
    while True:
        write_frame(answers, worker.answer(frames.get()))


def _read(stream: IO[bytes], frames: queue.SimpleQueue[Frame]) -> None:
    """Hand frames on; end the process when there are no more, whatever it is doing."""
    try:
        while (frame := read_frame(stream, _FRAME_BYTES)) is not None:
            frames.put(frame)
    except (ProtocolError, OSError):
        os._exit(2)
    os._exit(0)


class Worker:
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._keyless: Keyless | None = None

    def answer(self, frame: Frame) -> Frame:
        """Do what the frame asks; a failure is an answer too."""
        limit_memory(ROOM + ROOM_PER_BYTE * len(frame.body))
        try:
            body = self._do(frame)
            return Frame({"ok": True}, body)
        except BaseException as error:  # noqa: BLE001 (errors of many foreign types escape)
            report = describe(error)
        finally:
            limit_memory(None)
        return Frame({"ok": False, **report})

    def _do(self, frame: Frame) -> bytes:
        asked: dict[str, Callable[[bytes], bytes]] = {
            "configure": self._configure,
            "certify": self._certify,
            "sign": self._sign,
        }
        return asked[frame.text("ask")](frame.body)

    def _configure(self, body: bytes) -> bytes:
        self._keyless = Keyless(body.decode("utf-8"))
        return b""

    def _certify(self, body: bytes) -> bytes:
        self._ready().certify(body.decode("utf-8"))
        return b""

    def _sign(self, body: bytes) -> bytes:
        return self._ready().sign(body)

    def _ready(self) -> Keyless:
        if self._keyless is None:
            raise ValueError("not configured yet")
        return self._keyless


def limit_memory(room: int | None) -> None:
    """Allow so many more bytes of address space than are in use; None lifts the limit.

    Where the kernel does not say what is in use (not Linux), nothing is limited: there the
    deadline alone holds.
    """
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if room is None:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        return
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return
    wanted = pages * resource.getpagesize() + room
    if hard == _UNLIMITED or wanted < hard:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
