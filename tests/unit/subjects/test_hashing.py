"""Hashing: right digests in one pass, never of a file that changes, errors as values."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from slsa_gen.subjects import hashing, source
from tests.unit.subjects.trees import SHA256_OF_NOTHING, sha256, sha512

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL = 32 * 1024
_BUFFER = 256 * 1024


class Meddler:
    """A progress that does something to a file the first time that it is told anything."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._done = False

    def advance(
        self,
        done_bytes: int,  # noqa: ARG002 (the protocol's)
        total_bytes: int,  # noqa: ARG002 (the protocol's)
        done_files: int,  # noqa: ARG002 (the protocol's)
        total_files: int,  # noqa: ARG002 (the protocol's)
    ) -> None:
        """Act once."""
        if not self._done:
            self._done = True
            self._act()


class Recorder:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, int, int]] = []

    def advance(self, done_bytes: int, total_bytes: int, done_files: int, total_files: int) -> None:
        """Keep one step."""
        self.steps.append((done_bytes, total_bytes, done_files, total_files))


def large(tmp_path: Path, size: int = 3 * _BUFFER) -> Path:
    """Write a file that is read in several parts."""
    path = tmp_path / "large"
    path.write_bytes(b"x" * size)
    return path


def job(path: Path, *algorithms: str) -> hashing.Job:
    """Return the job for a file as it is now."""
    return hashing.Job(source.locate(path), algorithms or ("sha256",))


def refusal(found: hashing.Job) -> SubjectError:
    """Return the error that is a job's result."""
    (result,) = hashing.hash_jobs([found])
    assert isinstance(result, SubjectError)
    return result


@pytest.mark.parametrize(
    "size", [0, 1, _SMALL - 1, _SMALL, _SMALL + 1, _BUFFER, _BUFFER + 1, 5 * _BUFFER - 3]
)
def test_the_digests_are_those_of_the_whole_content(tmp_path: Path, size: int) -> None:
    """At each border between the ways of reading, for one algorithm and for several."""
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    expected = [
        Digest(name, hashlib.new(name, data).hexdigest()) for name in ("sha256", "sha384", "sha512")
    ]

    assert list(hashing.hash_file(tmp_path / "file", ["sha512", "sha256", "sha384"])) == expected
    assert hashing.hash_file(tmp_path / "file", ["sha256"]) == (expected[0],)
    assert hashing.hash_file(tmp_path / "file", ("sha512", "sha512")) == (expected[2],)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3 * _SMALL), max_size=12))
def test_results_stand_in_the_order_of_the_paths(sizes: list[int]) -> None:
    """Whatever order the threads finish in."""
    with_names = [(f"{number}", size) for number, size in enumerate(sizes)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for text, size in with_names:
            (folder / text).write_bytes(text.encode() * size)
        paths = [folder / text for text, _ in with_names]

        results = hashing.hash_files(paths, ["sha256"])

    assert results == [(Digest("sha256", sha256(text * size)),) for text, size in with_names]


def test_errors_are_values_between_the_digests_of_others(tmp_path: Path) -> None:
    """So that verify can judge what is there."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    paths = [tmp_path / name for name in ("gone", "a", "folder", "pipe", "a/x")]

    gone, a, folder, pipe, below = hashing.hash_files(paths, ["sha256"])

    assert a == (Digest("sha256", sha256("a")),)
    reasons = [
        error.reason for error in (gone, folder, pipe, below) if isinstance(error, SubjectError)
    ]
    assert reasons == [
        Reason.SUBJECT_NO_MATCH,
        Reason.SUBJECT_DIRECTORY,
        Reason.SUBJECT_SPECIAL_FILE,
        Reason.SUBJECT_NO_MATCH,
    ]


def test_one_file_raises_its_error(tmp_path: Path) -> None:
    """There is nothing else to go on with."""
    with pytest.raises(SubjectError) as caught:
        hashing.hash_file(tmp_path / "gone", ["sha256"])

    assert caught.value.reason is Reason.SUBJECT_NO_MATCH


def test_a_named_file_may_be_a_link_anywhere(tmp_path: Path) -> None:
    """The user names what is to be verified; links in a circle cannot be read."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "loop").symlink_to("loop")

    assert hashing.hash_file(tmp_path / "link", ["sha256"])[0].hex == sha256("a")
    with pytest.raises(SubjectUnreadableError, match="circle"):
        hashing.hash_file(tmp_path / "loop", ["sha256"])


def test_no_files_have_no_digests() -> None:
    """An empty list is no error here."""
    assert hashing.hash_files([], ["sha256"]) == []


@pytest.mark.parametrize("algorithms", [[], ["md5"], ["sha256", "sha1"], ["shake_128"], ["SHA256"]])
def test_an_algorithm_that_is_not_taken_is_refused(tmp_path: Path, algorithms: list[str]) -> None:
    """Before anything is read."""
    with pytest.raises(SubjectError) as caught:
        hashing.hash_files([tmp_path / "gone"], algorithms)

    assert caught.value.reason is Reason.SUBJECT_DIGEST
    assert "sha256" in caught.value.hint


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"y")


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _chmod(path: Path) -> None:
    path.chmod(0o600)


def _truncate(path: Path) -> None:
    os.truncate(path, 10)


@pytest.mark.parametrize("algorithms", [("sha256",), ("sha256", "sha512")])
@pytest.mark.parametrize(
    ("meddle", "what"),
    [
        (_append, "more were there to read"),
        (_rewrite, "it was written to"),
        (_touch, "it was written to"),
        (_chmod, "its owner, mode"),
        (_truncate, "bytes before, 10 after"),
    ],
)
def test_a_file_that_changes_while_it_is_hashed_is_refused(
    tmp_path: Path, meddle: Callable[[Path], None], what: str, algorithms: tuple[str, ...]
) -> None:
    """Longer, shorter, rewritten, or with another time of change: what is its digest?"""
    path = large(tmp_path)

    (result,) = hashing.hash_jobs([job(path, *algorithms)], progress=Meddler(lambda: meddle(path)))

    assert isinstance(result, SubjectUnreadableError)
    assert result.reason is Reason.SUBJECT_CHANGED
    assert what in result.message
    assert result.exit_code == 3


def test_a_file_that_grows_for_ever_ends(tmp_path: Path) -> None:
    """Reading stops with the size that the file had when it was opened."""
    path = large(tmp_path)

    class Writer(Recorder):
        def advance(self, *numbers: int) -> None:
            """Write as much as is read."""
            with path.open("ab") as file:
                file.write(b"x" * _BUFFER)
            super().advance(*numbers)

    writer = Writer()
    (result,) = hashing.hash_jobs([job(path)], progress=writer)

    assert isinstance(result, SubjectUnreadableError)
    assert len(writer.steps) == 3


def test_another_file_in_the_place_of_the_one_found_is_refused(tmp_path: Path) -> None:
    """By a rename between finding and opening, with the same content even."""
    path = tmp_path / "app"
    path.write_text("app")
    found = job(path)
    (tmp_path / "new").write_text("app")
    (tmp_path / "new").rename(path)

    error = refusal(found)

    assert error.reason is Reason.SUBJECT_CHANGED
    assert "another file" in error.message


def test_a_link_in_the_place_of_the_file_found_is_not_followed(tmp_path: Path) -> None:
    """Else a file from anywhere could be hashed in its name, also the same one."""
    path = tmp_path / "app"
    path.write_text("app")
    found = job(path)
    path.rename(tmp_path / "other")
    path.symlink_to("other")

    error = refusal(found)

    assert isinstance(error, SubjectUnreadableError)


def test_a_folder_on_the_way_that_became_a_link_is_noticed(tmp_path: Path) -> None:
    """The path is the same, the file is not."""
    for name in ("dist", "evil"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app").write_text("app")
    found = job(tmp_path / "dist" / "app")
    (tmp_path / "dist").rename(tmp_path / "old")
    (tmp_path / "dist").symlink_to("evil")

    assert refusal(found).reason is Reason.SUBJECT_CHANGED


def test_a_pipe_in_the_place_of_the_file_found_does_not_block(tmp_path: Path) -> None:
    """Opening it in the usual way would wait for its writer."""
    path = tmp_path / "app"
    path.write_text("app")
    found = job(path)
    path.unlink()
    os.mkfifo(path)

    assert refusal(found).reason is Reason.SUBJECT_SPECIAL_FILE


def test_a_file_that_is_gone_by_then_is_an_error_of_its_own(tmp_path: Path) -> None:
    """Found, then removed before it was opened."""
    path = tmp_path / "app"
    path.write_text("app")
    found = job(path)
    path.unlink()

    error = refusal(found)

    assert isinstance(error, SubjectUnreadableError)
    assert error.reason is Reason.SUBJECT_VANISHED


def test_a_file_whose_reading_fails_is_an_error_of_its_own() -> None:
    """``/proc/self/mem`` is a regular file whose beginning no one may read."""
    if not Path("/proc/self/mem").exists():
        pytest.skip("no /proc here")
    with pytest.raises(SubjectUnreadableError) as caught:
        hashing.hash_file(Path("/proc/self/mem"), ["sha256"])

    assert caught.value.reason is Reason.SUBJECT_UNREADABLE


def test_a_file_that_has_more_than_its_size_says_is_refused() -> None:
    """Files of ``/proc`` have the size 0 and content all the same."""
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    with pytest.raises(SubjectUnreadableError, match="0 bytes before, 1 after"):
        hashing.hash_file(Path("/proc/self/status"), ["sha256"])


def test_a_socket_is_no_file(tmp_path: Path) -> None:
    """It cannot even be opened."""
    os.mknod(tmp_path / "socket", 0o140600)

    with pytest.raises(SubjectError, match="is a socket"):
        hashing.hash_file(tmp_path / "socket", ["sha256"])


@pytest.mark.parametrize("sizes", [(3, 3), (3, 5 * _BUFFER), (5 * _BUFFER, 5 * _BUFFER), (0,)])
def test_progress_is_told_in_order_and_to_the_end(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    """Bytes and files only ever grow, and end at the total."""
    paths = []
    for number, size in enumerate(sizes):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(b"x" * size)
    recorder = Recorder()

    hashing.hash_files(paths, ["sha256"], progress=recorder)

    assert recorder.steps == sorted(recorder.steps)
    assert recorder.steps[-1] == (sum(sizes), sum(sizes), len(sizes), len(sizes))


def test_the_first_error_ends_the_work_when_asked(tmp_path: Path) -> None:
    """An hour of hashing is not worth it once the answer is an error."""
    jobs = []
    for number in range(200):
        path = tmp_path / str(number)
        path.write_bytes(b"x" * (_SMALL + number))
        jobs.append(job(path))
    for number in range(200):
        (tmp_path / str(number)).unlink()

    with pytest.raises(SubjectUnreadableError) as caught:
        hashing.hash_jobs(jobs, first_error_ends=True)

    assert caught.value.reason is Reason.SUBJECT_VANISHED


def _fail() -> None:
    raise ZeroDivisionError


def test_a_fault_ends_the_threads_soon(sparse: Path) -> None:
    """A fault in one thread waits for no large file and leaves no thread behind."""
    before = threading.active_count()

    with pytest.raises(ZeroDivisionError):
        hashing.hash_jobs([job(sparse), job(sparse), job(sparse)], progress=Meddler(_fail))

    assert threading.active_count() == before


#: In a process of its own, with the handler that a terminal's process has: one that a shell
#: starts in the background ignores the signal, and so does all that it starts.
_INTERRUPTED = """
import signal
import sys
from pathlib import Path
from slsa_gen.subjects import hashing

signal.signal(signal.SIGINT, signal.default_int_handler)

class Announced:
    def advance(self, *_numbers):
        if not hasattr(self, "told"):
            self.told = True
            print("hashing", flush=True)

try:
    hashing.hash_files([Path(sys.argv[1])] * 3, ["sha256"], progress=Announced())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_ends_the_threads_soon(sparse: Path) -> None:
    """Ctrl-C waits for no large file."""
    command = [sys.executable, "-c", _INTERRUPTED, str(sparse)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hashing\n"
        process.send_signal(signal.SIGINT)
        try:
            told, _ = process.communicate(timeout=60)
        finally:
            process.kill()

    assert told == "interrupted\n"
    assert process.returncode == 0


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    """Return a file that nobody hashes to its end."""
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1024**4)
    return path


def test_large_files_are_hashed_at_the_same_time(tmp_path: Path) -> None:
    """While one waits in its progress, another is read."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor only")
    jobs = [job(large_file) for large_file in _two_large(tmp_path)]
    names = set()
    together = threading.Event()

    class Watcher(Recorder):
        def advance(self, *numbers: int) -> None:
            """Note the thread."""
            names.add(threading.current_thread().name)
            if len(names) == 2:
                together.set()
            super().advance(*numbers)

    hashing.hash_jobs(jobs, progress=Watcher())

    assert together.is_set()


def _two_large(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        with path.open("wb") as file:
            file.truncate(40 * 1024**2)
    return paths


def test_an_empty_file_has_the_digest_of_nothing(tmp_path: Path) -> None:
    """Emptiness is content."""
    (tmp_path / "empty").touch()

    assert hashing.hash_file(tmp_path / "empty", ["sha256"])[0].hex == SHA256_OF_NOTHING


def test_a_hard_link_is_a_file_like_any_other(tmp_path: Path) -> None:
    """Two names for one file have one digest."""
    (tmp_path / "a").write_text("a")
    os.link(tmp_path / "a", tmp_path / "b")

    one, other = hashing.hash_files([tmp_path / "a", tmp_path / "b"], ["sha512"])

    assert one == other == (Digest("sha512", sha512("a")),)
