"""A sample leaves no service and no fault out, and can be had again."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meta.repository import ROOT
from tests.support.sampling import VARIABLE, Sample

if TYPE_CHECKING:
    from pathlib import Path

PLANTED: Final = """
import pytest
@pytest.mark.sampled
@pytest.mark.parametrize("fault", range(6))
@pytest.mark.parametrize(("log", "service"), [(1, "log"), (1, "ca"), (2, "log"), (2, "ca")])
def test_grid(log, service, fault): {body}
def test_alone(): pass
"""

seeds = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)


def _grid(services: int, faults: int) -> dict[str, frozenset[tuple[str, str]]]:
    return {
        f"test_grid[{service}-{fault}]": frozenset(
            {("test_grid", f"service {service}"), ("test_grid", f"fault {fault}")}
        )
        for service, fault in product(range(services), range(faults))
    }


@given(seeds, st.integers(1, 8), st.integers(1, 8))
def test_every_value_is_met_and_no_test_is_for_nothing(
    seed: str, services: int, faults: int
) -> None:
    """As few as reach every row and every column, give or take."""
    grid = _grid(services, faults)

    chosen = Sample(seed).chosen(grid)

    assert {value for name in chosen for value in grid[name]} == set().union(*grid.values())
    assert max(services, faults) <= len(chosen) <= services + faults
    assert Sample(seed).chosen(dict(reversed(grid.items()))) == chosen


def test_another_seed_chooses_others() -> None:
    """Over some commits everything has its turn."""
    grid = _grid(7, 9)
    samples = [Sample(str(number)).chosen(grid) for number in range(60)]

    assert len({frozenset(sample) for sample in samples}) > 50
    assert set().union(*samples) == set(grid)


def test_without_a_seed_there_is_no_choice() -> None:
    """All tests, and all numbers."""
    grid = _grid(3, 3)

    assert Sample("").chosen(grid) == set(grid)
    assert Sample("").steps(5, "a", 3) == [1, 2, 3, 4]


@given(seeds, st.integers(1, 10))
def test_of_numbers_the_first_is_always_tried(seed: str, every: int) -> None:
    """And then one of so many, not always the same."""
    steps = Sample(seed).steps(40, "write", every)

    assert steps[0] == 1
    assert 2 <= steps[1] <= 1 + every
    assert {after - before for before, after in pairwise(steps[1:])} == {every}
    assert {Sample(str(n)).steps(40, "write", 5)[1] for n in range(40)} == {2, 3, 4, 5, 6}


def _run(folder: Path, body: str, *options: str, seed: str = "a") -> tuple[int, str]:
    (folder / "test_planted.py").write_text(PLANTED.format(body=body))
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = sampled: many alike\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.sampling"]
    command += ["-p", "no:cacheprovider", "--color=no", *options]
    done = subprocess.run(
        [*command, "test_planted.py"],
        cwd=folder, check=False, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath, VARIABLE: seed},
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_end_of_a_run_says_how_many_were_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """What is not marked runs anyhow; the line is a command to have the same again."""
    code, out = _run(tmp_path, "pass", *workers)

    assert code == 0, out
    (line,) = (line for line in out.splitlines() if line.startswith("a sample"))
    assert line.startswith("a sample by the seed 'a': ")
    assert line.endswith(
        " of 24 tests that are many alike; the same again: make test-stack SAMPLE=a"
    )
    assert 6 <= int(line.removeprefix("a sample by the seed 'a': ").partition(" ")[0]) <= 10
    assert "not met" not in out


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_value_of_which_no_test_ran_fails_the_run(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """A skip is not seen otherwise, and then nobody would know."""
    skipping = "fault == 3 and pytest.skip('stack: no')"

    code, out = _run(tmp_path, skipping, *workers)

    assert code == 1, out
    assert "not met at all: test_planted.py::test_grid: fault 3" in out


def test_what_was_asked_for_by_name_is_all_that_is_sampled(tmp_path: Path) -> None:
    """A person who looks at one service gets no complaint about the others."""
    code, out = _run(tmp_path, "pass", "-k", "ca and 1")

    assert code == 0, out
    assert "not met" not in out


def test_without_a_seed_nothing_is_said(tmp_path: Path) -> None:
    """All of it runs, as without the plugin."""
    code, out = _run(tmp_path, "pass", seed="")

    assert code == 0, out
    assert "25 passed" in out
    assert "sample" not in out
