"""Says at the end of a run which tests did not run on this machine, and how to run them.

A plugin of pytest (``tests/conftest.py`` names it). A test that needs more than Python skips
with a reason that begins with the name of its group, as ``container: …``; a test of the full
counts is left out by its marker.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from _pytest.terminal import TerminalReporter


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that need the same thing.

    Args:
        name: The group's name; reasons of its skips begin with it, or its marker is called so.
        needs: What a machine must have.
        command: What runs them.
    """

    name: str
    needs: str
    command: str


GROUPS: Final = (
    Group("container", "a container engine and root", "make test-container"),
    Group("runner", "act, a container engine and root", "make e2e"),
    Group("builds", "the network, Go and npm", "make test-builds"),
    Group("stack", "Go and services that are built from source", "make test-stack"),
    Group("no corpus", "the real attestations", "SLSA_GEN_CORPUS=FOLDER make test"),
    Group("soak", "minutes, and 10 GiB of disk", "make soak"),
)
_OUTPUT: Final = "left_out"

_left_out: Counter[str] = Counter()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what is left out by a marker."""
    for item in items:
        for group in GROUPS:
            if item.get_closest_marker(group.name) is not None:
                _left_out[group.name] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand a worker's numbers on."""
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker[_OUTPUT] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (xdist has no types)
    """Take a worker's numbers: each has collected, and left out, the same."""
    for name, count in getattr(node, "workeroutput", {}).get(_OUTPUT, {}).items():
        _left_out[name] = max(_left_out[name], count)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say what did not run."""
    skipped = [reason_of(report) for report in terminalreporter.stats.get("skipped", ())]
    lines = summary(skipped, _left_out)
    if lines:
        terminalreporter.section("not run here")
        for line in lines:
            terminalreporter.write_line(line)


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why something was skipped."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def summary(skipped: Iterable[str], left_out: Counter[str]) -> list[str]:
    """Return a line for each group and each other reason; none when everything ran."""
    counts = Counter(left_out)
    others: Counter[str] = Counter()
    for reason in skipped:
        name = next((group.name for group in GROUPS if reason.startswith(group.name)), "")
        if name:
            counts[name] += 1
        else:
            others[reason] += 1
    lines = [
        f"{group.name + ':':11}{_tests(counts[group.name])}; needs {group.needs}: {group.command}"
        for group in GROUPS
        if counts[group.name]
    ]
    lines += [f"{'other:':11}{_tests(count)}; {reason}" for reason, count in sorted(others.items())]
    return lines


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count:,} tests"
