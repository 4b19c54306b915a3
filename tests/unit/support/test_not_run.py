"""What did not run is said, with what would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.meta.repository import ROOT
from tests.support import not_run

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = """
import pytest
def test_engine(): pytest.skip("container: no engine")
def test_runner(): pytest.skip("runner: no act")
def test_else(): pytest.skip("one processor only")
@pytest.mark.soak
def test_long(): pass
def test_fine(): pass
"""


def test_a_run_in_which_all_ran_says_nothing() -> None:
    """There is no block then."""
    assert not_run.summary([], Counter()) == []


def test_each_group_has_a_line_with_its_command() -> None:
    """In the order of the list; other reasons come last."""
    reasons = ["no /proc here", "container: a", "container: b", "no corpus of real attestations"]

    assert not_run.summary(reasons, Counter(soak=1_200)) == [
        "container: 2 tests; needs a container engine and root: make test-container",
        "no corpus: 1 test; needs the real attestations: SLSA_GEN_CORPUS=FOLDER make test",
        "soak:      1,200 tests; needs minutes, and 10 GiB of disk: make soak",
        "other:     1 test; no /proc here",
    ]


def test_each_command_is_one_of_the_makefile() -> None:
    """What is said can be typed."""
    targets = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert {group.command.rpartition(" ")[2] for group in not_run.GROUPS} <= set(targets)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_end_of_a_run_says_what_did_not_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Skipped and deselected tests alike, in one process or in several; the run has passed."""
    (tmp_path / "test_planted.py").write_text(PLANTED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = soak: long\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.not_run"]
    command += ["-p", "no:cacheprovider", "--color=no", "-m", "not soak", *workers]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}

    done = subprocess.run(
        [*command, "test_planted.py"],
        cwd=tmp_path, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    block = done.stdout.partition("not run here")[2].splitlines()[1:5]
    assert block == [
        "container: 1 test; needs a container engine and root: make test-container",
        "runner:    1 test; needs act, a container engine and root: make e2e",
        "soak:      1 test; needs minutes, and 10 GiB of disk: make soak",
        "other:     1 test; one processor only",
    ]
