"""Run commands, measure them, print Markdown: what the benchmarks share.

Commands that are compared run in turns, so that whatever else the machine does hits all of
them alike; the median of their times is shown.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The command's program beside the interpreter that runs the benchmark.
SLSA_GEN: Final = str(Path(sys.executable).with_name("slsa-gen"))
SIGSTORE: Final = str(Path(sys.executable).with_name("sigstore"))


_LAUNCHER: Final = """\
import os, sys, time
began = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - began
os.write(int(sys.argv[1]), f"{seconds} {usage.ru_maxrss} {status}".encode())
"""


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds by the wall clock, peak memory, and what it printed.

    ``peak_mib`` is the resident memory of its largest process (``wait4``). A process counts
    from what the one that started it had, so each is started by a launcher of some 9 MiB.
    """

    seconds: float
    peak_mib: float
    output: bytes = field(repr=False)


def run(command: Sequence[str], *, variables: Mapping[str, str] | None = None) -> Run:
    """Run a command once.

    Raises:
        SystemExit: it failed; what it printed is shown.
    """
    surroundings = None if variables is None else dict(variables)
    reading, writing = os.pipe()
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(writing), *command]
    process = subprocess.Popen(  # noqa: S603 (the benchmarks' own commands)
        launcher,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=surroundings,
        pass_fds=[writing],
    )
    os.close(writing)
    output, _ = process.communicate()
    with os.fdopen(reading, "rb") as pipe:
        seconds, peak, status = pipe.read().decode("ascii").split()
    code = os.waitstatus_to_exitcode(int(status))
    if code != 0:
        sys.stderr.write(output.decode(errors="replace"))
        raise SystemExit(f"exit code {code} from: {' '.join(command)[:400]}")
    return Run(float(seconds), int(peak) / 1024, output)


def in_turns(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    *,
    variables: Mapping[str, str] | None = None,
) -> dict[str, Run]:
    """Run every command ``rounds`` times, in turns; return medians by name."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command, variables=variables))
    return {
        name: Run(
            statistics.median(one.seconds for one in several),
            max(one.peak_mib for one in several),
            several[-1].output,
        )
        for name, several in runs.items()
    }


def numbers(*defaults: int) -> list[int]:
    """Return the script's arguments, and the defaults for those that are not given."""
    given = [int(argument) for argument in sys.argv[1:]]
    return [*given, *defaults[len(given) :]]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def milliseconds(seconds: float) -> str:
    """Return a time for people, in milliseconds."""
    return f"{seconds * 1000:.0f} ms"
