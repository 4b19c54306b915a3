"""pytest plugin: says how many combinations of a fault and a request were tried.

A plugin, and not a hook of the folder that the tests lie in: where the tests are spread over
processes, the one that writes the summary reads no folder's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Count the tests of the release's upload under GitHub's faults that passed."""
    reports = terminalreporter.getreports("passed")
    combinations = {
        r.nodeid for r in reports if "/test_release_faults.py::test_a_fault" in r.nodeid
    }
    if combinations:
        terminalreporter.write_line(
            f"release: {len(combinations)} combinations of a fault of GitHub's and the request "
            "that it hits ended as they must"
        )
