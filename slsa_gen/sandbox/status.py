"""What a sandbox holds, without serving it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slsa_gen.sandbox.database import Database
from slsa_gen.sandbox.folder import DATABASE, check_folder, is_made, read_document, require_log
from slsa_gen.sandbox.log import TransparencyLog

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.sandbox.log import TreeHead


@dataclass(frozen=True, slots=True)
class Status:
    """A sandbox: where it is, since when it is valid, what was logged, how many runs began."""

    folder: Path
    start: str
    head: TreeHead
    runs: int


def look(folder: Path) -> Status | None:
    """Return what the sandbox in a folder holds; None where there is none.

    Raises:
        ServiceError: it is damaged, or not the user's own.
    """
    if not is_made(folder):
        return None
    check_folder(folder)
    require_log(folder)
    document = read_document(folder)
    with Database(folder / DATABASE) as database:
        head = TransparencyLog(database).head()
        with database.read() as connection:
            last: int | None = connection.execute("SELECT max(run_id) FROM runs").fetchone()[0]
    return Status(folder, str(document["start"]), head, last or 0)
