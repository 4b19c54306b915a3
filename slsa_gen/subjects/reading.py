"""Reading one file, once: the file that was found, and the same from beginning to end."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from slsa_gen.subjects.source import changed, not_a_file, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsa_gen.subjects.source import Source

    #: Is told of bytes and files that are done.
    Count = Callable[[int, int], None]

#: Bytes up to which a file is read in one piece.
SMALL_BYTES: Final = 32 * 1024
#: Bytes that are read at once: as hashlib.file_digest does, and measured to be the fastest.
_BUFFER_BYTES: Final = 256 * 1024
#: No link is followed, and a pipe that took the file's place does not block.
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


def digests(source: Source, algorithms: Sequence[str], count: Count) -> list[str]:
    """Return the hexadecimal digest of each algorithm, from one pass over a file.

    Args:
        source: The file as it was found.
        algorithms: Names that ``hashlib`` knows.
        count: Is told bytes and files as they are done; may raise to give up.

    Raises:
        SubjectError: what stands there now is no regular file.
        SubjectUnreadableError: it cannot be read, or is not the same from finding to end.
    """
    try:
        descriptor = os.open(source.real, _OPEN)
    except OSError as error:
        raise unreadable(source.shown, error) from error
    try:
        before = os.fstat(descriptor)
        _check_same_file(source, before)
        meter = _Meter(descriptor, before.st_size, source, count)
        hexadecimal = _read_whole(meter, algorithms)
        after = os.fstat(descriptor)
    except OSError as error:
        raise unreadable(source.shown, error) from error
    finally:
        os.close(descriptor)
    _check_unchanged(source, before, after, meter.count)
    meter.finish()
    return hexadecimal


def _check_same_file(source: Source, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise not_a_file(source.shown, status.st_mode)
    if (status.st_dev, status.st_ino) != (source.device, source.inode):
        raise changed(source.shown, "another file stands there than was found")


def _check_unchanged(
    source: Source, before: os.stat_result, after: os.stat_result, count: int
) -> None:
    if count != before.st_size or after.st_size != before.st_size:
        now = max(count, after.st_size) if count > before.st_size else after.st_size
        raise changed(source.shown, f"{before.st_size} bytes before, {now} after")
    if before.st_mtime_ns != after.st_mtime_ns:
        raise changed(source.shown, "it was written to")
    if before.st_ctime_ns != after.st_ctime_ns or before.st_ino != after.st_ino:
        raise changed(source.shown, "its owner, mode, links or content was changed")


def _read_whole(meter: _Meter, algorithms: Sequence[str]) -> list[str]:
    """Return the hexadecimal digest of each algorithm, from one pass over the file."""
    if meter.size <= SMALL_BYTES:
        data = meter.read_small()
        return [hashlib.new(name, data).hexdigest() for name in algorithms]
    if len(algorithms) == 1:
        return [hashlib.file_digest(meter, algorithms[0]).hexdigest()]
    hashes = [hashlib.new(name) for name in algorithms]
    buffer = bytearray(_BUFFER_BYTES)
    view = memoryview(buffer)
    while count := meter.readinto(buffer):
        for one in hashes:
            one.update(view[:count])
    return [one.hexdigest() for one in hashes]


class _Meter:
    """Reads a descriptor for ``hashlib.file_digest``, and counts.

    Reading ends with an error once there are more bytes than the file had when it was opened:
    a file that grows as fast as it is read would otherwise be read for ever.
    """

    def __init__(self, descriptor: int, size: int, source: Source, count: Count) -> None:
        self.size = size
        self.count = 0
        self._descriptor = descriptor
        self._source = source
        self._tell = count

    def readable(self) -> bool:
        """Tell that it can be read, as ``hashlib.file_digest`` asks."""
        return True

    def readinto(self, buffer: bytearray, /) -> int:
        """Read up to the buffer's length; 0 at the end."""
        count = os.readv(self._descriptor, [buffer])
        self.count += count
        if self.count > self.size:
            raise changed(
                self._source.shown, f"it had {self.size} bytes, and more were there to read"
            )
        self._tell(count, 0)
        return count

    def read_small(self) -> bytes:
        """Read the whole file, and a byte more if there is one."""
        data = os.read(self._descriptor, self.size + 1)
        while len(data) < self.size and (more := os.read(self._descriptor, self.size + 1)):
            data += more
        self.count = len(data)
        return data

    def finish(self) -> None:
        """Count the file as done, and its bytes where they were not counted in parts."""
        self._tell(self.count if self.size <= SMALL_BYTES else 0, 1)
