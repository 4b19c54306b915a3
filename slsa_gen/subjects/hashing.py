"""Hashing: one pass over each file, several files at once, and never a file that changes.

``hashlib`` releases the interpreter's lock while it hashes, so large files are spread over a
pool of threads. For small files that costs more than it brings (the threads queue for the
lock between two system calls: 100,000 files of a few KiB took 1.1 s in one thread and 1.9 s
in two), so they form one lane of their own, beside the large ones.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SubjectError
from slsa_gen.model.digest import HEX_LENGTHS, Digest
from slsa_gen.reasons import Reason
from slsa_gen.subjects import reading
from slsa_gen.subjects import source as sources
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from slsa_gen.subjects.source import Source

    Result = tuple[Digest, ...] | SubjectError

#: Files and bytes of the large ones' batches; a batch is the work of one thread at a time.
_BATCH_FILES: Final = 64
_BATCH_BYTES: Final = 8 * 1024 * 1024
_MOST_WORKERS: Final = 16


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
    small = [n for n, job in enumerate(jobs) if job.source.size <= reading.SMALL_BYTES]
    large = sorted(
        (n for n, job in enumerate(jobs) if job.source.size > reading.SMALL_BYTES),
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
                self.results[position] = self._digest(self._jobs[position])
            except _Stopped:
                return
            except SubjectError as error:
                if self._first_error_ends:
                    raise
                self.results[position] = error

    def _digest(self, job: Job) -> tuple[Digest, ...]:
        hexadecimal = reading.digests(job.source, job.algorithms, self._tally.add)
        return tuple(
            Digest(name, text) for name, text in zip(job.algorithms, hexadecimal, strict=True)
        )
