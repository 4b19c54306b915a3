"""How fast files are hashed, against ``sha256sum`` and ``openssl dgst``, in one run.

Usage: ``python benchmarks/hashing.py [MIB] [ROUNDS]``: four files of MIB mebibytes each
(1024 unless said). They are read once before, so that all find them in memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from measure import in_turns, numbers, run, table

FILES: Final = 4
MIB: Final = 1024 * 1024

_OURS = """
import sys
from pathlib import Path
from slsa_gen.subjects.hashing import hash_files
for digests in hash_files([Path(name) for name in sys.argv[2:]], tuple(sys.argv[1].split(","))):
    print(*digests)
"""


def main(mib: int, rounds: int) -> None:
    """Make the files, measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        names = [str(_make(Path(folder) / f"file{number}", mib)) for number in range(FILES)]
        ours = [sys.executable, "-c", _OURS]
        spread = ["xargs", "-P", str(os.cpu_count()), "-n", "1", "sha256sum"]
        commands = {
            "sha256sum": ["sha256sum", *names],
            "openssl dgst -sha256": ["openssl", "dgst", "-sha256", *names],
            "sha256sum, one process a processor": [
                "sh", "-c", f'printf "%s\\n" "$@" | {" ".join(spread)}', "sh", *names
            ],
            "slsa-gen, sha256": [*ours, "sha256", *names],
            "slsa-gen, sha256 and sha512 in one pass": [*ours, "sha256,sha512", *names],
        }  # fmt: skip
        run(["sha256sum", *names])
        results = in_turns(commands, rounds)
    reference = results["sha256sum"].seconds
    rows = [
        (
            name,
            f"{result.seconds:.2f} s",
            f"{FILES * mib / result.seconds:.0f} MiB/s",
            f"{reference / result.seconds:.2f}",
            f"{result.peak_mib:.0f} MiB",
        )
        for name, result in results.items()
    ]
    head = (f"{FILES} x {mib} MiB, median of {rounds}", "time", "speed", "x sha256sum", "peak")
    print(table(head, rows))


def _make(path: Path, mib: int) -> Path:
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for number in range(mib):
            file.write(number.to_bytes(8, "big") + block[8:])
    return path


if __name__ == "__main__":
    main(*numbers(1024, 3))
