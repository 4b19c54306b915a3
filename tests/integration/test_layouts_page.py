"""What docs/layouts.md shows, done as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from in_toto import rulelib

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.network

ROOT: Final = Path(__file__).parents[2]
_EXAMPLE: Final = re.compile(
    r"<!-- executed: layouts -->\n```sh\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


def test_the_example_of_the_page_on_layouts_works_as_it_stands(
    tmp_path: Path, sandbox_folder: Path
) -> None:
    """In a shell, in an empty folder; each command ends well, and the artifact is accepted."""
    (match,) = _EXAMPLE.finditer((ROOT / "docs" / "layouts.md").read_text(encoding="utf-8"))
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

    def typed(text: str) -> subprocess.CompletedProcess[str]:
        words = ["sh", "-eu", "-c", text]
        return subprocess.run(
            words, cwd=folder, env=variables, capture_output=True, text=True, check=False
        )

    done = typed(match["text"])

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("root.yaml: a keyless layout of 2 steps\n")
    assert "\naccepted   app.tar " in done.stdout
    assert "\n  layout:    root.yaml\n" in done.stdout
    # A link that does not say what it began with: MATCH alone would let it through.
    _, verify = match["text"].rsplit("\n\n", 1)
    evil = typed(
        "echo evil >main.txt\n"
        "slsa-gen run --sigstore sandbox --identity interactive --step pack --no-materials "
        "--overwrite --product app.tar -- tar cf app.tar main.txt\n" + verify
    )
    assert evil.returncode == 1, evil.stderr
    assert "reason:   layout.required" in evil.stdout


def test_the_page_names_every_key_and_every_rule() -> None:
    """And no other: its tables are held against schema and package."""
    page = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
    schema = json.loads(
        (ROOT / "slsa_gen" / "intoto" / "schemas" / "layout-v1.json").read_text(encoding="utf-8")
    )
    cells = "\n".join(re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE))
    named = set(re.findall(r"`([a-z-]+)`", cells))
    rules = set(re.findall(r"^\| `([A-Z]+) ", page, re.MULTILINE))

    assert named == {*schema["properties"], *schema["$defs"]["step"]["properties"]}
    assert rules == {rule.upper() for rule in rulelib.ALL_RULES}
