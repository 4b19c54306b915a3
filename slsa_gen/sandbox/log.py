"""The append-only log: bodies in, indices and inclusion proofs out.

An entry is on the disk before anybody is told of it, and its proof, the root and the size
come from one state of the file, also with several processes at work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slsa_gen.sandbox import merkle

if TYPE_CHECKING:
    import sqlite3

    from slsa_gen.sandbox.database import Database


@dataclass(frozen=True, slots=True)
class TreeHead:
    """How many entries the log has, and the root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry and its proof against one tree head. ``integrated_time`` is in Unix seconds."""

    index: int
    leaf_hash: bytes
    integrated_time: int
    body: bytes = field(repr=False)
    head: TreeHead
    path: tuple[bytes, ...]


class DuplicateEntryError(Exception):
    """The log already holds an equal body.

    Args:
        leaf_hash: The hash under which it does.
    """

    def __init__(self, leaf_hash: bytes) -> None:
        super().__init__(leaf_hash.hex())
        self.leaf_hash = leaf_hash


class TransparencyLog:
    """The log in a database file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, body: bytes, integrated_time: int) -> LoggedEntry:
        """Add a body and return it with its proof.

        Raises:
            DuplicateEntryError: an equal body is there already; nothing changed.
            ServiceError: the file cannot be written; nothing changed.
        """
        leaf = merkle.leaf_hash(body)
        with self._database.write() as connection:
            known = connection.execute("SELECT 1 FROM entries WHERE leaf_hash = ?", (leaf,))
            if known.fetchone():
                raise DuplicateEntryError(leaf)
            nodes = _Nodes(connection)
            index = _size(connection)
            connection.execute(
                "INSERT INTO entries (log_index, leaf_hash, integrated_time, body) "
                "VALUES (?, ?, ?, ?)",
                (index, leaf, integrated_time, body),
            )
            for node in merkle.completed(index, leaf, nodes.get):
                nodes.put(*node)
            return _proved(connection, index, leaf, integrated_time, body)

    def by_index(self, index: int) -> LoggedEntry | None:
        """Return the entry at an index, proved against the tree as it is now."""
        return self._find("log_index = ?", index)

    def by_leaf_hash(self, leaf_hash: bytes) -> LoggedEntry | None:
        """Return the entry with a leaf hash, proved against the tree as it is now."""
        return self._find("leaf_hash = ?", leaf_hash)

    def head(self) -> TreeHead:
        """Return the tree as it is now."""
        with self._database.read() as connection:
            return _head(connection)

    def _find(self, condition: str, value: int | bytes) -> LoggedEntry | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT log_index, leaf_hash, integrated_time, body FROM entries "  # noqa: S608 (the condition is one of two constants)
                f"WHERE {condition}",
                (value,),
            ).fetchone()
            return _proved(connection, *row) if row else None


class _Nodes:
    """The complete nodes of the tree, in the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, level: int, position: int) -> bytes:
        row = self._connection.execute(
            "SELECT hash FROM nodes WHERE level = ? AND position = ?", (level, position)
        ).fetchone()
        return bytes(row[0])

    def put(self, level: int, position: int, value: bytes) -> None:
        self._connection.execute(
            "INSERT INTO nodes (level, position, hash) VALUES (?, ?, ?)", (level, position, value)
        )


def _size(connection: sqlite3.Connection) -> int:
    # The last index, not a count: a count walks through the whole table.
    last: int | None = connection.execute("SELECT max(log_index) FROM entries").fetchone()[0]
    return 0 if last is None else last + 1


def _head(connection: sqlite3.Connection) -> TreeHead:
    size = _size(connection)
    return TreeHead(size, merkle.root(size, _Nodes(connection).get))


def _proved(
    connection: sqlite3.Connection, index: int, leaf: bytes, integrated_time: int, body: bytes
) -> LoggedEntry:
    head = _head(connection)
    path = tuple(merkle.inclusion_path(index, head.size, _Nodes(connection).get))
    return LoggedEntry(index, leaf, integrated_time, body, head, path)
