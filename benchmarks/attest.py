"""``attest --sigstore sandbox`` over more and more files: time and peak memory of each.

Usage: ``python benchmarks/attest.py [COUNT…]`` (1, 1,000, 3,000 and 100,000 unless said).
Files are small (their name), so that it is the number that is measured.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import SLSA_GEN, numbers, run, table
from scene import make_files, sandbox_variables


def main(counts: list[int]) -> None:
    """Measure and print."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_files(folder / "files", count)
            output = folder / "provenance.intoto.jsonl"
            result = run(
                [
                    *(SLSA_GEN, "attest", "--quiet", "--sigstore", "sandbox"),
                    *("--output", str(output), str(folder / "files" / "*")),
                ],
                variables=sandbox_variables(folder),
            )
            bundles = output.read_bytes().splitlines()
            rows.append(
                (
                    f"{count:,}",
                    f"{result.seconds:.2f} s",
                    f"{result.peak_mib:.0f} MiB",
                    f"{len(bundles)}",
                    f"{output.stat().st_size / 1024:,.0f} KiB",
                )
            )
    print(table(("files", "time", "peak", "bundles", "size of the bundle file"), rows))


if __name__ == "__main__":
    main(numbers() or [1, 1_000, 3_000, 100_000])
