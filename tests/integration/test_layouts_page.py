"""What docs/layouts.md shows, done as it stands there."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from in_toto import rulelib

from tests.support.pages import Shell, example, text_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


def test_the_example_of_the_page_on_layouts_works_as_it_stands(
    tmp_path: Path, sandbox_folder: Path
) -> None:
    """In a shell, in an empty folder; each command ends well, and the artifact is accepted."""
    shell, shown = Shell(tmp_path, sandbox_folder), example("layouts.md", "layouts")

    done = shell.type(shown)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("root.yaml: a keyless layout of 2 steps\n")
    assert "\naccepted   app.tar " in done.stdout
    assert "\n  layout:    root.yaml\n" in done.stdout
    # A link that does not say what it began with: MATCH alone would let it through.
    _, verify = shown.rsplit("\n\n", 1)
    evil = shell.type(
        "echo evil >main.txt\n"
        "slsa-gen run --sigstore sandbox --identity interactive --step pack --no-materials "
        "--overwrite --product app.tar -- tar cf app.tar main.txt\n" + verify
    )
    assert evil.returncode == 1, evil.stderr
    assert "reason:   layout.required" in evil.stdout


def test_the_page_names_every_key_and_every_rule() -> None:
    """And no other: its tables are held against schema and package."""
    page = text_of("layouts.md")
    schema = json.loads(
        (files("slsa_gen.intoto") / "schemas" / "layout-v1.json").read_text(encoding="utf-8")
    )
    cells = "\n".join(re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE))
    named = set(re.findall(r"`([a-z-]+)`", cells))
    rules = set(re.findall(r"^\| `([A-Z]+) ", page, re.MULTILINE))

    assert named == {*schema["properties"], *schema["$defs"]["step"]["properties"]}
    assert rules == {rule.upper() for rule in rulelib.ALL_RULES}
