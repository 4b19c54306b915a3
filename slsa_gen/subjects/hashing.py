"""Hashing: one pass over each file, several files at once, and never a file that changes.

``hashlib`` releases the interpreter's lock while it hashes, so large files are spread over a
pool of threads. For small files that costs more than it brings (the threads queue for the
lock between two system calls: 100,000 files of a few KiB took 1.1 s in one thread and 1.9 s
in two), so they form one lane of their own, beside the large ones.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.model.digest import HEX_LENGTHS, Digest
from slsa_gen.reasons import Reason
from slsa_gen.subjects import source as sources
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from slsa_gen.subjects.source import Source

    Result = tuple[Digest, ...] | SubjectError

#: Bytes that are read at once: as hashlib.file_digest does, and measured to be the fastest.
_BUFFER_BYTES: Final = 256 * 1024
#: Bytes up to which a file is read in one piece, in the lane of the small ones.
_SMALL_BYTES: Final = 32 * 1024
#: Files and bytes of the large ones' batches; a batch is the work of one thread at a time.
_BATCH_FILES: Final = 64
_BATCH_BYTES: Final = 8 * 1024 * 1024
_MOST_WORKERS: Final = 16
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Job:
    """One file and the algorithms that are wanted of it."""

    source: Source
    algorithms: tuple[str, ...]


def hash_file(path: Path, algorithms: Sequence[str]) -> tuple[Digest, ...]:
    """Return the digests of one file, sorted by algorithm; links are followed.

    Raises:
        SubjectError: nothing there, no regular file, or an unknown algorithm.
        SubjectUnreadableError: it cannot be read, or changes while it is hashed.
    """
    (result,) = hash_files([path], algorithms)
    if isinstance(result, SubjectError):
        raise result
    return result


def hash_files(
    paths: Sequence[Path], algorithms: Sequence[str], *, progress: Progress | None = None
) -> list[Result]:
    """Return the digests of each file, or the error that stands for them, in the same order.

    Links are followed: for files that the user named, not for those that a glob met.

    Raises:
        SubjectError: an unknown algorithm.
    """
    wanted = checked_algorithms(algorithms)
    results: list[Result | None] = [None] * len(paths)
    jobs: list[Job] = []
    positions: list[int] = []
    for position, path in enumerate(paths):
        try:
            jobs.append(Job(sources.locate(path), wanted))
            positions.append(position)
        except SubjectError as error:
            results[position] = error
    for position, result in zip(positions, hash_jobs(jobs, progress=progress), strict=True):
        results[position] = result
    return [result for result in results if result is not None]


def checked_algorithms(algorithms: Iterable[str]) -> tuple[str, ...]:
    """Return the algorithms sorted, each once.

    Raises:
        SubjectError: none, or one that is unknown.
    """
    wanted = tuple(sorted(set(algorithms)))
    unknown = [name for name in wanted if name not in HEX_LENGTHS]
    if unknown or not wanted:
        raise SubjectError(
            f"unknown digest algorithm {shown(unknown[0])}" if unknown else "no digest algorithm",
            reason=Reason.SUBJECT_DIGEST,
            hint=f"Use one or more of: {', '.join(HEX_LENGTHS)}",
        )
    return wanted


def hash_jobs(
    jobs: Sequence[Job], *, progress: Progress | None = None, first_error_ends: bool = False
) -> list[Result]:
    """Return the result of each job, in the same order.

    Raises:
        SubjectError: the first error met, when ``first_error_ends``; it is a result otherwise.
    """
    if not jobs:
        return []
    tally = _Tally(jobs, progress or SilentProgress())
    run = _Run(jobs, tally, first_error_ends=first_error_ends)
    with _pool() as pool:
        try:
            futures = [pool.submit(run.work, batch) for batch in _batches(jobs)]
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        finally:
            tally.stop.set()
    return [result for result in run.results if result is not None]


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    workers = min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="hash")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _batches(jobs: Sequence[Job]) -> list[list[int]]:
    """Return positions of jobs: the small ones in one lane, then large ones, largest first."""
    small = [n for n, job in enumerate(jobs) if job.source.size <= _SMALL_BYTES]
    large = sorted(
        (n for n, job in enumerate(jobs) if job.source.size > _SMALL_BYTES),
        key=lambda n: -jobs[n].source.size,
    )
    batches: list[list[int]] = [small] if small else []
    room = 0
    for n in large:
        if room <= 0 or len(batches[-1]) >= _BATCH_FILES:
            batches.append([])
            room = _BATCH_BYTES
        batches[-1].append(n)
        room -= jobs[n].source.size
    return batches


class _Stopped(Exception):  # noqa: N818 (a signal between our own threads, no error)
    """Another job failed, or the user interrupted: this one is given up."""


class _Tally:
    """What all threads together have done; each step is told to the progress in order."""

    def __init__(self, jobs: Sequence[Job], progress: Progress) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._progress = progress
        self._bytes = 0
        self._files = 0
        self._total_bytes = sum(job.source.size for job in jobs)
        self._total_files = len(jobs)

    def add(self, count: int, files: int) -> None:
        """Count bytes and files as done."""
        if self.stop.is_set():
            raise _Stopped
        with self._lock:
            self._bytes += count
            self._files += files
            # A growing file counts for no more than it was found to have.
            done = min(self._bytes, self._total_bytes)
            self._progress.advance(done, self._total_bytes, self._files, self._total_files)


class _Run:
    """The jobs of one call, and the results so far."""

    def __init__(self, jobs: Sequence[Job], tally: _Tally, *, first_error_ends: bool) -> None:
        self.results: list[Result | None] = [None] * len(jobs)
        self._jobs = jobs
        self._tally = tally
        self._first_error_ends = first_error_ends

    def work(self, positions: Sequence[int]) -> None:
        """Hash the files of one batch, one after the other."""
        for position in positions:
            try:
                self.results[position] = _hash(self._jobs[position], self._tally)
            except _Stopped:
                return
            except SubjectError as error:
                if self._first_error_ends:
                    raise
                self.results[position] = error


def _hash(job: Job, tally: _Tally) -> tuple[Digest, ...]:
    source = job.source
    try:
        descriptor = os.open(source.real, _OPEN)
    except OSError as error:
        raise sources.unreadable(source.shown, error) from error
    try:
        before = os.fstat(descriptor)
        _check_same_file(source, before)
        meter = _Meter(descriptor, before.st_size, source, tally)
        hexadecimal = _read_whole(meter, job.algorithms)
        after = os.fstat(descriptor)
    except OSError as error:
        raise sources.unreadable(source.shown, error) from error
    finally:
        os.close(descriptor)
    _check_unchanged(source, before, after, meter.count)
    meter.finish()
    return tuple(Digest(name, text) for name, text in zip(job.algorithms, hexadecimal, strict=True))


def _check_same_file(source: Source, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise sources.not_a_file(source.shown, status.st_mode)
    if (status.st_dev, status.st_ino) != (source.device, source.inode):
        raise sources.changed(source.shown, "another file stands there than was found")


def _check_unchanged(
    source: Source, before: os.stat_result, after: os.stat_result, count: int
) -> None:
    if count != before.st_size or after.st_size != before.st_size:
        now = max(count, after.st_size) if count > before.st_size else after.st_size
        raise sources.changed(source.shown, f"{before.st_size} bytes before, {now} after")
    if before.st_mtime_ns != after.st_mtime_ns:
        raise sources.changed(source.shown, "it was written to")
    if before.st_ctime_ns != after.st_ctime_ns or before.st_ino != after.st_ino:
        raise sources.changed(source.shown, "its owner, mode, links or content was changed")


def _read_whole(meter: _Meter, algorithms: tuple[str, ...]) -> list[str]:
    """Return the hexadecimal digest of each algorithm, from one pass over the file."""
    if meter.size <= _SMALL_BYTES:
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

    def __init__(self, descriptor: int, size: int, source: Source, tally: _Tally) -> None:
        self.size = size
        self.count = 0
        self._descriptor = descriptor
        self._source = source
        self._tally = tally

    def readable(self) -> bool:
        """Tell that it can be read, as ``hashlib.file_digest`` asks."""
        return True

    def readinto(self, buffer: bytearray, /) -> int:
        """Read up to the buffer's length; 0 at the end."""
        count = os.readv(self._descriptor, [buffer])
        self.count += count
        if self.count > self.size:
            raise sources.changed(
                self._source.shown, f"it had {self.size} bytes, and more were there to read"
            )
        self._tally.add(count, 0)
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
        self._tally.add(self.count if self.size <= _SMALL_BYTES else 0, 1)
