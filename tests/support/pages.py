"""What a page of the manual shows, done as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).parents[2]


def text_of(page: str) -> str:
    """Return a page of the manual."""
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def example(page: str, mark: str) -> str:
    """Return the one block for a shell of a page that is marked as executed by some name."""
    marked = rf"<!-- executed: {mark} -->\n```sh\n(?P<text>.*?)^```$"
    (match,) = re.finditer(marked, text_of(page), re.DOTALL | re.MULTILINE)
    return match["text"]


class Shell:
    """A shell in an empty folder, in which ``slsa-gen`` is this checkout's.

    Args:
        folder: An empty folder for the project and the program.
        sandbox: Where the sandbox is.
    """

    def __init__(self, folder: Path, sandbox: Path) -> None:
        program = folder / "bin" / "slsa-gen"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m slsa_gen "$@"\n')
        program.chmod(0o755)
        self._variables: Mapping[str, str] = {
            "PATH": f"{program.parent}:{os.defpath}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "SLSA_GEN_SANDBOX": str(sandbox),
        }
        #: Where commands are typed.
        self.folder = folder / "project"
        self.folder.mkdir()

    def type(self, text: str) -> subprocess.CompletedProcess[str]:
        """Type some lines; the first command that fails ends them."""
        return subprocess.run(
            ["sh", "-eu", "-c", text],
            cwd=self.folder,
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
        )
