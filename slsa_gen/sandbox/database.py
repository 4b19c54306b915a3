"""The sandbox's SQLite file: opened, laid out, and used in transactions that are durable.

Several processes may use one file; SQLite's locks keep them apart. Within one process a
lock of our own does, so that one connection serves all threads.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final, Self

from slsa_gen.errors import ServiceError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

#: The layout of the tables, in ``PRAGMA user_version``.
LAYOUT: Final = 1
#: Seconds to wait for another process's transaction.
BUSY_SECONDS: Final = 30.0
#: What the machine refuses: the file may be whole, so nobody is advised to remove it.
_NO_DAMAGE: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

# Entries and nodes are only ever added: the triggers hold whoever opens the file to it.
_SCHEMA: Final = f"""
CREATE TABLE entries (
    log_index INTEGER PRIMARY KEY,
    leaf_hash BLOB NOT NULL UNIQUE,
    integrated_time INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, position)
) WITHOUT ROWID;
CREATE TABLE runs (run_id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER nodes_stay BEFORE UPDATE ON nodes
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER nodes_remain BEFORE DELETE ON nodes
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
PRAGMA user_version = {LAYOUT};
"""


class Database:
    """One connection to the file.

    Args:
        path: The file, made by :func:`create`.

    Raises:
        ServiceError: it is absent, damaged, or of another layout.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        try:
            self._connection = _connect(path)
        except sqlite3.Error as error:
            raise _failed(path, "its log cannot be opened", error) from error
        try:
            with self.read() as connection:
                layout = connection.execute("PRAGMA user_version").fetchone()[0]
            if layout != LAYOUT:
                raise damaged(path.parent, f"its log has layout {layout}, expected {LAYOUT}")
        except ServiceError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a transaction that is under way is rolled back."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that nobody else's write comes between; durable when it ends.

        Raises:
            ServiceError: the file is busy for too long, full or damaged; nothing changed.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that sees one state of the file throughout.

        Raises:
            ServiceError: the file cannot be read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute(begin)
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise _failed(self._path, "its log failed", error) from error


def create(path: Path) -> None:
    """Make an empty file that only its owner may read.

    Raises:
        ServiceError: it cannot be written.
        FileExistsError: there is one already.
    """
    # SQLite gives the files that it adds beside this one the same permissions.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(_connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
    except sqlite3.Error as error:
        raise ServiceError(
            f"the sandbox's log {str(path)!r} could not be made: {error}",
            reason=Reason.SANDBOX_FOLDER,
            hint="Is the disk full, or a network disk? "
            "Name another folder: SLSA_GEN_SANDBOX=FOLDER",
        ) from error


def damaged(folder: Path, why: str) -> ServiceError:
    """Return the error for a sandbox that cannot be used any more as it is."""
    return ServiceError(
        f"the sandbox in {str(folder)!r} cannot be used: {why}",
        reason=Reason.SANDBOX_DAMAGED,
        hint="What it signed cannot be verified without its keys and its log. To begin anew: "
        "slsa-gen sandbox reset",
    )


def out_of_reach(folder: Path, why: str) -> ServiceError:
    """Return the error for a sandbox that is whole, but that the machine does not let us use."""
    return ServiceError(
        f"the sandbox in {str(folder)!r} cannot be used: {why}",
        reason=Reason.SANDBOX_FOLDER,
        hint="Look at free disk space, permissions and open files (ulimit -n).",
    )


def _failed(path: Path, what: str, error: sqlite3.Error) -> ServiceError:
    folder = path.parent
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return ServiceError(
            f"the log of the sandbox in {str(folder)!r} was in use by another command for "
            f"{BUSY_SECONDS:.0f} s",
            reason=Reason.SANDBOX_BUSY,
            hint="Wait until it has ended. For a sandbox of its own: SLSA_GEN_SANDBOX=FOLDER",
        )
    if code in _NO_DAMAGE and not _is_gone(path):
        return out_of_reach(folder, f"{what} ({error})")
    return damaged(folder, f"{what} ({error})")


def _is_gone(path: Path) -> bool:
    try:
        path.lstat()
    except OSError as error:  # a folder that may not be looked into says nothing of the file
        return isinstance(error, FileNotFoundError)
    return False


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        # FULL: a commit has reached the disk when it returns (in WAL mode NORMAL has not).
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
