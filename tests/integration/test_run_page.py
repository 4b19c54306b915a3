"""What docs/run.md shows, done as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.network

ROOT: Final = Path(__file__).parents[2]
_EXAMPLE: Final = re.compile(
    r"<!-- executed: run -->\n```sh\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


def test_the_example_of_the_page_on_run_works_as_it_stands(
    tmp_path: Path, sandbox_folder: Path
) -> None:
    """In a shell, in an empty folder; each command ends well, and the product is accepted."""
    (match,) = _EXAMPLE.finditer((ROOT / "docs" / "run.md").read_text(encoding="utf-8"))
    program = tmp_path / "bin" / "slsa-gen"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m slsa_gen "$@"\n')
    program.chmod(0o755)
    variables: Mapping[str, str] = {
        "PATH": f"{program.parent}:{os.defpath}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "SLSA_GEN_SANDBOX": str(sandbox_folder),
    }
    folder = tmp_path / "project"
    folder.mkdir()
    done = subprocess.run(
        ["sh", "-eu", "-c", match["text"]],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (folder / "dist" / "app").read_text() == "HELLO\n"
    assert "\naccepted   dist/app " in done.stdout
    assert "https://in-toto.io/attestation/link/v0.3" in done.stdout
