"""What the benchmarks of whole commands stand on: files, and a sandbox of their own."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from measure import SLSA_GEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def make_files(folder: Path, count: int) -> list[Path]:
    """Make files that differ, with names of one length; return their paths."""
    folder.mkdir(parents=True)
    paths = [folder / f"artifact-{number:06}.bin" for number in range(count)]
    for path in paths:
        path.write_text(path.name)
    return paths


def sandbox_variables(folder: Path) -> dict[str, str]:
    """Return the environment with the sandbox in a folder of its own."""
    return {**os.environ, "SLSA_GEN_SANDBOX": str(folder / "sandbox")}  # noqa: TID251 (a script)


def answer(command: list[str], variables: Mapping[str, str]) -> str:
    """Run a command and return what it prints, without the last newline."""
    result = subprocess.run(  # noqa: S603 (the benchmarks' own commands)
        command, check=True, capture_output=True, text=True, env=dict(variables)
    )
    return result.stdout.rstrip("\n")


def repository(variables: Mapping[str, str]) -> str:
    """Return the repository that the sandbox says this checkout is."""
    inside = ["sh", "-c", 'printf %s "$GITHUB_REPOSITORY"']
    return answer([SLSA_GEN, "sandbox", "env", "--", *inside], variables)
