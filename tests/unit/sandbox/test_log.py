"""The append-only log: proofs, durability, and several processes at once."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import ServiceError
from slsa_gen.reasons import Reason
from slsa_gen.sandbox import database, merkle
from slsa_gen.sandbox.database import Database
from slsa_gen.sandbox.folder import read_document
from slsa_gen.sandbox.log import DuplicateEntryError, TransparencyLog
from tests.unit.sandbox.test_merkle import naive_root, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slsa_gen.sandbox.log import LoggedEntry

TIME = 1_700_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a new, empty database."""
    path = tmp_path / "log.sqlite"
    database.create(path)
    return path


@pytest.fixture
def log(path: Path) -> Iterator[TransparencyLog]:
    """Return an empty log."""
    with Database(path) as opened:
        yield TransparencyLog(opened)


def holds(entry: LoggedEntry) -> bool:
    """Tell whether an entry's proof holds."""
    return entry.leaf_hash == merkle.leaf_hash(entry.body) and verify_inclusion(
        entry.leaf_hash, entry.index, entry.head.size, list(entry.path), root=entry.head.root
    )


def test_an_empty_log(log: TransparencyLog) -> None:
    """It has no entries, and the root of nothing."""
    assert log.head().size == 0
    assert log.head().root == merkle.EMPTY_ROOT
    assert log.by_index(0) is None
    assert log.by_leaf_hash(b"x" * 32) is None


def test_appended_entries_are_proved_at_once_and_later(log: TransparencyLog) -> None:
    """Each proof is against the tree that the entry was the last of, then against today's."""
    bodies = [f"body {number}".encode() for number in range(20)]
    for number, body in enumerate(bodies):
        entry = log.append(body, TIME + number)
        assert (entry.index, entry.head.size, entry.body) == (number, number + 1, body)
        assert holds(entry)
    for number, body in enumerate(bodies):
        found = log.by_index(number)
        assert found is not None
        assert found == log.by_leaf_hash(merkle.leaf_hash(body))
        assert (found.head.size, found.integrated_time) == (20, TIME + number)
        assert holds(found)
    assert log.head().root == naive_root([merkle.leaf_hash(body) for body in bodies])


def test_an_equal_body_is_refused(log: TransparencyLog) -> None:
    """Nothing changes, and the error says under which hash the body is there."""
    first = log.append(b"same", TIME)
    before = log.head()
    with pytest.raises(DuplicateEntryError) as caught:
        log.append(b"same", TIME + 5)
    assert caught.value.leaf_hash == first.leaf_hash
    assert log.head() == before


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries",
        "UPDATE entries SET integrated_time = 0",
        "DELETE FROM nodes",
        "UPDATE nodes SET hash = x'00'",
    ],
)
def test_the_log_only_grows(path: Path, log: TransparencyLog, statement: str) -> None:
    """Whoever opens the file with SQLite is held to it too."""
    log.append(b"stays", TIME)
    other = sqlite3.connect(path)
    try:
        with pytest.raises(sqlite3.IntegrityError, match="the log only grows"):
            other.execute(statement)
    finally:
        other.close()


def test_a_failed_transaction_changes_nothing(path: Path, log: TransparencyLog) -> None:
    """An entry whose nodes cannot be written is not in the log either."""
    log.append(b"one", TIME)
    blocked = sqlite3.connect(path, isolation_level=None)
    blocked.execute(
        "CREATE TRIGGER full BEFORE INSERT ON nodes BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    with pytest.raises(ServiceError) as caught:
        log.append(b"two", TIME)
    blocked.execute("DROP TRIGGER full")
    blocked.close()
    assert caught.value.reason is Reason.SANDBOX_DAMAGED
    assert "disk full" in caught.value.message
    assert log.head().size == 1
    assert holds(log.append(b"two", TIME))


def test_a_busy_file_is_said_to_be_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction of another process that does not end is no damage."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with Database(path) as opened, pytest.raises(ServiceError) as caught:
            TransparencyLog(opened).append(b"late", TIME)
    finally:
        other.close()
    assert caught.value.reason is Reason.SANDBOX_BUSY


def test_another_layout_is_refused(path: Path) -> None:
    """A file of a later version is left alone."""
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(ServiceError, match="layout 99, expected 1") as caught:
        Database(path)
    assert caught.value.reason is Reason.SANDBOX_DAMAGED


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    """Garbage is damage, with the way out."""
    path.write_bytes(b"garbage " * 1000)
    with pytest.raises(ServiceError, match="file is not a database") as caught:
        Database(path)
    assert "slsa-gen sandbox reset" in caught.value.hint


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR | 1 << 8,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    ],
)
def test_what_the_machine_refuses_is_no_damage(log: TransparencyLog, path: Path, code: int) -> None:
    """Nobody is told to remove good keys because a disk is full or a file may not be opened."""
    error = sqlite3.OperationalError("refused")
    error.sqlite_errorcode = code
    with Database(path) as opened, pytest.raises(ServiceError) as caught, opened.read():
        raise error
    assert caught.value.reason is Reason.SANDBOX_FOLDER
    assert caught.value.hint == ("Look at free disk space, permissions and open files (ulimit -n).")
    assert log.head().size == 0


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EMFILE, Reason.SANDBOX_FOLDER),
        (errno.EACCES, Reason.SANDBOX_FOLDER),
        (errno.EIO, Reason.SANDBOX_FOLDER),
        (errno.ELOOP, Reason.SANDBOX_DAMAGED),
    ],
)
def test_keys_that_the_machine_does_not_open_are_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: Reason
) -> None:
    """The same for the file of the keys; a link in its place is damage."""

    def refuse(*_arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ServiceError, match="its keys cannot be read") as caught:
        read_document(tmp_path)
    assert caught.value.reason is reason
    assert ("sandbox reset" in caught.value.hint) is (reason is Reason.SANDBOX_DAMAGED)


def test_a_missing_file_is_not_made_anew(tmp_path: Path) -> None:
    """An empty log under old keys would be a second history."""
    with pytest.raises(ServiceError, match="cannot be opened"):
        Database(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_its_owners_alone(path: Path, log: TransparencyLog) -> None:
    """So are those that SQLite adds beside it."""
    log.append(b"x", TIME)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3


def test_a_database_is_made_once(path: Path) -> None:
    """An existing file is never overwritten."""
    with pytest.raises(FileExistsError):
        database.create(path)


def test_a_database_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """SQLite's own words are in the message."""
    path = tmp_path / "log.sqlite"
    (tmp_path / "log.sqlite-wal").mkdir()  # SQLite wants a file there
    with pytest.raises(ServiceError, match="could not be made") as caught:
        database.create(path)
    assert caught.value.reason is Reason.SANDBOX_FOLDER


def spawn(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that appends."""
    command = [sys.executable, "-m", "tests.unit.sandbox.appender", str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def whole(path: Path) -> dict[int, str]:
    """Check every entry and every root of a log, and return its bodies by index."""
    with Database(path) as opened:
        log = TransparencyLog(opened)
        size = log.head().size
        entries = [log.by_index(index) for index in range(size)]
        assert all(entry is not None and holds(entry) for entry in entries)
        leaves = [entry.leaf_hash for entry in entries if entry is not None]
        assert log.head().root == naive_root(leaves)
        return {e.index: e.body.decode() for e in entries if e is not None}


def told(output: str) -> dict[int, str]:
    """Return what a process was told is in the log; a line that was cut was not told."""
    lines = [line.split() for line in output.split("\n")[:-1]]
    return {int(index): body for index, body in lines}


def test_two_processes_at_once_leave_the_log_whole(path: Path) -> None:
    """Each entry of both is there once, where the process was told."""
    processes = [spawn(path, name, 200) for name in ("a", "b")]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    bodies = whole(path)
    assert len(bodies) == 400
    assert {**told(outputs[0]), **told(outputs[1])} == bodies


def test_killed_processes_leave_the_log_whole(path: Path) -> None:
    """Whatever a process was told before it was killed is in the log, and nothing is torn."""
    known: dict[int, str] = {}
    for attempt in range(2):
        processes = [spawn(path, f"{name}{attempt}", 100_000) for name in ("a", "b")]
        for process in processes:
            assert process.stdout is not None
            lines = random.randint(1, 20)  # noqa: S311 (when to kill is no secret)
            known |= told("".join(process.stdout.readline() for _ in range(lines)))
        for process in processes:
            process.kill()
            with process:
                assert process.stdout is not None
                # communicate() would begin behind what readline() holds, in the midst of a line.
                known |= told(process.stdout.read())
        bodies = whole(path)
        assert {index: bodies[index] for index in known} == known
    with Database(path) as opened:
        assert holds(TransparencyLog(opened).append(b"after all that", TIME))
