"""Memory stays flat: a child hashes a large file and says what it took at most."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_MIB = 1024**2
_GIB = 1024**3
#: The interpreter with this package takes 20 MiB; a file read whole would take its size.
_BOUND = 64 * _MIB
_CHILD = """
import sys
from pathlib import Path
from slsa_gen.subjects.hashing import hash_files
paths = [Path(name) for name in sys.argv[2:]]
for result in hash_files(paths, sys.argv[1].split(",")):
    print(" ".join(str(digest) for digest in result))
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def _peak(paths: list[Path], algorithms: str) -> tuple[list[str], int]:
    """Return a child's results, and its peak of memory in bytes (its own, not inherited)."""
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    run = subprocess.run(
        [sys.executable, "-c", _CHILD, algorithms, *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
    )
    *results, peak = run.stdout.splitlines()
    return results, int(peak) * 1024


def _sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_a_gibibyte_is_hashed_in_flat_memory(tmp_path: Path) -> None:
    """The digest is that of ``head -c 1G /dev/zero | sha256sum``."""
    results, peak = _peak([_sparse(tmp_path / "zeros", _GIB)], "sha256")

    assert results == ["sha256:49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"]
    assert peak < _BOUND


def test_several_files_and_algorithms_stay_flat(tmp_path: Path) -> None:
    """Four files at once, each in two algorithms."""
    paths = [_sparse(tmp_path / str(number), 96 * _MIB) for number in range(4)]

    results, peak = _peak(paths, "sha256,sha512")

    assert len(set(results)) == 1
    assert peak < _BOUND


@pytest.mark.soak
def test_ten_gibibytes_are_hashed_in_flat_memory(tmp_path: Path) -> None:
    """The same for a file that no machine of a test holds in memory twice."""
    results, peak = _peak([_sparse(tmp_path / "zeros", 10 * _GIB)], "sha256,sha512")

    assert len(results) == 1
    assert peak < _BOUND
