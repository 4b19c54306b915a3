"""A process that makes or finds a sandbox: ``starter.py FOLDER``, once its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from slsa_gen import strictjson
from slsa_gen.clock import SystemClock
from slsa_gen.sandbox import database, lifecycle
from slsa_gen.sandbox.keys import Material


def make() -> bytes:
    """Return new material."""
    return strictjson.dumps(Material.generate(SystemClock().now()).document())


def main(folder: str) -> None:
    """Say that it is ready, wait, begin, and print which sandbox it got."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    with lifecycle.in_use(Path(folder), make, database.create) as document:
        sys.stdout.write(f"{document['treeId']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
