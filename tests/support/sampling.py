"""pytest plugin: of the tests that are many alike, runs some that a seed chooses.

``make test-stack SAMPLE=SEED`` sets the variable. Without it everything runs. A test that
stands for a whole grid (each fault at each service) is marked ``sampled``; of each grid so
many are chosen that every value of every parameter is met at least once. What is chosen
depends on the seed and on the tests' names alone, so a run can be repeated.

A value of which no test ran in the end, be it skipped, fails the run.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import pytest

from slsa_gen import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from _pytest.terminal import TerminalReporter

VARIABLE: Final = "SLSA_GEN_STACK_SAMPLE"
MARKER: Final = "sampled"
_OUTPUT: Final = "sampled"
#: What a test stands for: the names of its grid and of one of its values.
Value = tuple[str, str]


class Sample:
    """A choice that a seed makes.

    Args:
        seed: Any text; an empty one chooses everything.

    Attributes:
        values: What each test that could be chosen stands for, by its name.
    """

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.values: dict[str, frozenset[Value]] = {}
        self._ran: set[str] = set()

    def chosen(self, values: Mapping[str, frozenset[Value]]) -> set[str]:
        """Choose tests by name so that each value is met.

        Args:
            values: What each test stands for.
        """
        if not self.seed:
            return set(values)
        met: set[Value] = set()
        found = set()
        for name in sorted(values, key=self._rank):
            # One that meets nothing new is passed over, so every one here is needed.
            if not values[name] <= met:
                found.add(name)
                met |= values[name]
        return found

    def steps(self, most: int, name: str, every: int) -> list[int]:
        """Return which of the numbers from 1 to below ``most`` are tried.

        Args:
            most: What ends them.
            name: Whose they are: each name has steps of its own.
            every: In a sample, one of so many; and the first, which there always is.
        """
        if not self.seed:
            return list(range(1, most))
        start = 2 + int.from_bytes(self._rank(name)[:4], "big") % every
        return [1, *range(start, most, every)]

    def note(self, name: str) -> None:
        """Remember that a test ran."""
        self._ran.add(name)

    def unmet(self) -> list[str]:
        """Return the values for which no test ran, for people."""
        every = {value for values in self.values.values() for value in values}
        met = {value for name in self._ran for value in self.values.get(name, ())}
        return sorted(f"{grid}: {value}" for grid, value in every - met)

    def summary(self) -> str:
        """Say how many of how many were run."""
        return (
            f"a sample by the seed {self.seed!r}: {len(self._ran & self.values.keys())} of "
            f"{len(self.values)} tests that are many alike; "
            f"the same again: make test-stack SAMPLE={self.seed}"
        )

    def _rank(self, name: str) -> bytes:
        return hashlib.sha256(f"{self.seed}\0{name}".encode()).digest()


# Read when this is imported: tests see a clean environment.
SAMPLE: Final = Sample(environment.variables().get(VARIABLE, ""))


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Return the choice of this run."""
    return SAMPLE


def values_of(item: pytest.Item) -> frozenset[Value]:
    """Return what a test stands for: each parameter, and which service of which log."""
    spec = getattr(item, "callspec", None)
    grid = item.nodeid.partition("[")[0].rpartition("/")[2]
    params = {} if spec is None else spec.params
    found = {(grid, f"{name} {value}") for name, value in params.items()}
    if {"log", "service"} <= params.keys():
        # The service that is called "log" is another one with each version.
        found.add((grid, f"{params['service']} with log {params['log']}"))
    return frozenset(found or {(grid, "")})


@pytest.hookimpl(trylast=True)  # after -k and -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not chosen."""
    if not SAMPLE.seed:
        return
    marked = [item for item in items if item.get_closest_marker(MARKER) is not None]
    SAMPLE.values.update({item.nodeid: values_of(item) for item in marked})
    chosen = SAMPLE.chosen(SAMPLE.values)
    left_out = [item for item in marked if item.nodeid not in chosen]
    config.hook.pytest_deselected(items=left_out)
    names = {item.nodeid for item in left_out}
    items[:] = [item for item in items if item.nodeid not in names]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what ran: whether it passed is said elsewhere."""
    if report.when == "call" and not report.skipped:
        SAMPLE.note(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where something was not met at all; a worker only says what it collected."""
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker[_OUTPUT] = {name: [*map(list, found)] for name, found in SAMPLE.values.items()}
    elif SAMPLE.unmet() and not session.config.option.collectonly:
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (xdist has no types)
    """Take what a worker collected: each has the same."""
    for name, found in getattr(node, "workeroutput", {}).get(_OUTPUT, {}).items():
        SAMPLE.values[name] = frozenset((grid, value) for grid, value in found)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say how many were run, and what was not met."""
    if SAMPLE.values and not terminalreporter.config.option.collectonly:
        terminalreporter.section("sample")
        for line in lines(SAMPLE.summary(), SAMPLE.unmet()):
            terminalreporter.write_line(line)


def lines(summary: str, unmet: Sequence[str]) -> list[str]:
    """Return what is said at the end."""
    return [summary, *(f"not met at all: {value}" for value in unmet)]
