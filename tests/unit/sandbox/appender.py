"""A process that appends to a log until it is done, or killed: ``appender.py FILE NAME COUNT``.

It says each entry that it was told is in the log, so that the test can hold the log to it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from slsa_gen.sandbox.database import Database
from slsa_gen.sandbox.log import TransparencyLog


def main(path: str, name: str, count: str) -> None:
    """Append ``NAME-0``, ``NAME-1`` … and print ``INDEX NAME-n`` after each."""
    with Database(Path(path)) as database:
        log = TransparencyLog(database)
        for number in range(int(count)):
            body = f"{name}-{number}"
            entry = log.append(body.encode(), 1_700_000_000)
            sys.stdout.write(f"{entry.index} {body}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
