"""PostgreSQL in a folder of its own, with Trillian's tables in it.

It refuses to run as root, so root runs it as another user, to whom its folder then belongs.
Nothing in it outlives the stack, so nothing is synchronised to the disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.stack.services.processes import HOST, StartError, running

if TYPE_CHECKING:
    from contextlib import ExitStack

#: The role and the database; anybody on this machine may connect.
ROLE: Final = "trillian"
#: Where Debian puts the programs of each version.
_DEBIAN: Final = Path("/usr/lib/postgresql")
_USERS: Final = ("postgres", "nobody")


def programs() -> Path | None:
    """Return the folder with the newest PostgreSQL's programs, or None without any."""
    found = [path.parent for path in _DEBIAN.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb"), shutil.which("postgres")
    return Path(on_path[0]).parent if on_path[0] and on_path[1] else None


def start(stack: ExitStack, folder: Path, port: int, schema: Path) -> str:
    """Run PostgreSQL until the stack is closed.

    Args:
        stack: Ends it.
        folder: An empty folder that it may have; its parents are open to other users.
        port: Where it listens.
        schema: Trillian's tables, in SQL.

    Returns:
        The database as a ``postgresql://`` URI.

    Raises:
        StartError: it does not start.
    """
    binaries = programs()
    if binaries is None:
        raise StartError("there is no PostgreSQL on this machine")
    data, user = folder / "data", _other_user(folder)
    _run([*user, binaries / "initdb", "-D", data, "-U", ROLE, "-A", "trust", "--no-sync"])
    settings = {
        "listen_addresses": HOST,
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    process = stack.enter_context(
        running(
            "postgres",
            [*user, binaries / "postgres", "-D", data, *options],
            folder,
            number=signal.SIGQUIT,
        )
    )
    ready: list[str | Path] = [
        binaries / "pg_isready",
        "-q",
        "-h",
        HOST,
        "-p",
        str(port),
        "-U",
        ROLE,
    ]
    process.wait_for(lambda: subprocess.run(ready, check=False).returncode == 0)
    connected = ["-h", HOST, "-p", str(port), "-U", ROLE]
    _run([binaries / "createdb", *connected, ROLE])
    _run([binaries / "psql", *connected, "-q", "-v", "ON_ERROR_STOP=1", "-d", ROLE, "-f", schema])
    return f"postgresql://{ROLE}@{HOST}:{port}/{ROLE}?sslmode=disable"


def _other_user(folder: Path) -> list[str]:
    """Return what runs a command as somebody who is not root; nothing where nobody is."""
    if os.geteuid() != 0:
        return []
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in _USERS if name in known)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return [
        "setpriv",
        f"--reuid={entry.pw_uid}",
        f"--regid={entry.pw_gid}",
        "--clear-groups",
        "--pdeathsig",
        "KILL",
    ]


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise StartError(f"`{command[-1]}` of PostgreSQL failed: {done.stderr.strip()}")
