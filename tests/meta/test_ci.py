"""The gates themselves: a gate that cannot fail holds nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.meta.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_CASE = '<testcase classname="tests.test_a" name="{}">{}</testcase>'
_SKIPPED = '<skipped type="pytest.skip" message="{}">where</skipped>'


def _judge(folder: Path, cases: str, *options: str) -> subprocess.CompletedProcess[str]:
    report = folder / "report.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    command = [sys.executable, str(ROOT / "scripts" / "junit.py"), str(report), *options]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_report_in_which_all_ran_is_accepted(tmp_path: Path) -> None:
    """Nothing was skipped, so there is nothing to say."""
    result = _judge(tmp_path, _CASE.format("test_b", ""))

    assert (result.returncode, result.stderr) == (0, "")


def test_a_skipped_test_fails_the_run_and_is_named(tmp_path: Path) -> None:
    """A test that did not run has not passed."""
    result = _judge(tmp_path, _CASE.format("test_b", _SKIPPED.format("no corpus")))

    assert result.returncode == 1
    assert "skipped: tests.test_a.test_b: no corpus" in result.stderr


def test_a_skip_that_was_named_is_allowed(tmp_path: Path) -> None:
    """Only the skips whose reason has the word, and no others."""
    cases = _CASE.format("test_b", _SKIPPED.format("no corpus"))

    assert _judge(tmp_path, cases, "--may-skip", "corpus").returncode == 0
    assert _judge(tmp_path, cases, "--may-skip", "strace").returncode == 1


@pytest.mark.parametrize("cases", ["", _CASE.format("test_b", "")])
def test_a_report_without_the_tests_that_were_asked_for_fails(tmp_path: Path, cases: str) -> None:
    """No test is no success."""
    assert _judge(tmp_path, cases, "--ran", "corpus").returncode == 1


def _run_ci(folder: Path, *parts: str, without: str = "") -> subprocess.CompletedProcess[str]:
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    shutil.rmtree(folder / ".ci" / "parts")
    (folder / ".ci" / "parts").mkdir()
    (folder / ".ci" / "parts" / "good").write_text("true\n")
    (folder / ".ci" / "parts" / "bad").write_text("false\necho not reached\n")
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "CI_WITHOUT": without}
    command = ["bash", str(folder / ".ci" / "run"), *parts]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=variables)


def test_ci_passes_when_every_part_passes(tmp_path: Path) -> None:
    """The last line says so, and how many parts there were."""
    result = _run_ci(tmp_path, "good", "good 3.13")

    assert result.returncode == 0
    assert result.stdout.splitlines()[-1].startswith("CI passed")
    assert result.stdout.splitlines()[-1].endswith("2 parts")


@pytest.mark.parametrize("part", ["bad", "not-there"])
def test_ci_fails_when_a_part_fails_or_is_not_there(tmp_path: Path, part: str) -> None:
    """The others still run, so that one run tells everything."""
    result = _run_ci(tmp_path, part, "good")

    assert result.returncode == 1
    assert "not reached" not in result.stdout
    assert "=== good" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(f"1 of 2 parts: {part}")


def test_ci_says_which_part_was_left_out(tmp_path: Path) -> None:
    """Leaving a part out is possible by name only, and seen in the summary."""
    result = _run_ci(tmp_path, "bad", "good", without="bad")

    assert result.returncode == 0
    assert "left out by CI_WITHOUT" in result.stdout
