"""``run`` in a tree of many files, against ``in-toto-run``: time and peak memory of both.

Usage: ``python benchmarks/run.py [COUNT] [ROUNDS]`` (100,000 files, 3 rounds unless said). The
tree is a git repository with all files committed. The command makes one file. Both are asked
for what they do by default, and for every file of the tree by its digest; ``in-toto-run``
knows only the second.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from measure import SLSA_GEN, in_turns, numbers, run, table
from scene import sandbox_variables

IN_TOTO_RUN: Final = str(Path(sys.executable).with_name("in-toto-run"))
#: Files in one folder.
_TOGETHER: Final = 1000
_KEY: Final = ("openssl", "genpkey", "-algorithm", "ed25519", "-out")
_IDENTITY: Final = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")

_RECORD: Final = """
import sys
from pathlib import Path
from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.intoto.recorder import Demands, Surroundings, record
from slsa_gen.limits import Limits
from slsa_gen.model.step import Step
from slsa_gen.subjects.progress import SilentProgress
here = Surroundings(
    Path.cwd(), None, environment.variables(), SystemClock(), Limits(), SilentProgress()
)
step = Step("build", ("sh", "-c", "echo made > app"), ("app",), tuple(sys.argv[1:]))
found = record(step, Demands(), here).record
print(len(found.materials), len(found.products))
"""


def main(count: int, rounds: int) -> None:
    """Make the tree, measure, and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "tree"
        _make_tree(tree, count)
        _git(tree, "init", "--quiet")
        _git(tree, "add", "--all")
        _git(tree, *_IDENTITY, "commit", "--quiet", "--message", "files")
        run([*_KEY, str(folder / "key.pem")])
        ours = [sys.executable, "-c", _RECORD]
        fresh = f"cd {tree} && rm -f app && exec"
        signed = [
            *(SLSA_GEN, "run", "--quiet", "--sigstore", "sandbox", "--product", "app"),
            *("--output", str(folder / "build.intoto.jsonl"), "--overwrite"),
            *("--", "sh", "-c", "echo made > app"),
        ]
        theirs = [
            *(IN_TOTO_RUN, "--step-name", "build", "--signing-key", str(folder / "key.pem")),
            *("--materials", ".", "--products", "app", "--metadata-directory", str(folder)),
            *("--run-timeout", "600", "--", "sh", "-c", "echo made > app"),
        ]
        commands = {
            "slsa-gen run, the commit (default)": signed,
            "its recording alone": ours,
            "its recording alone, every file": [*ours, "**"],
            "in-toto-run, every file": theirs,
        }
        inside = {
            what: ["sh", "-c", f'{fresh} "$@"', "sh", *command]
            for what, command in commands.items()
        }
        results = in_turns(inside, rounds, variables=sandbox_variables(folder))
    reference = results["in-toto-run, every file"]
    rows = [
        (
            what,
            f"{result.seconds:.2f} s",
            f"{reference.seconds / result.seconds:.1f}",
            f"{result.peak_mib:.0f} MiB",
        )
        for what, result in results.items()
    ]
    print(table((f"{count:,} files, median of {rounds}", "time", "times as fast", "peak"), rows))


def _make_tree(tree: Path, count: int) -> None:
    for number in range(count):
        folder = tree / f"folder-{number // _TOGETHER:04}"
        if number % _TOGETHER == 0:
            folder.mkdir(parents=True)
        (folder / f"file-{number:06}.txt").write_text(f"{number}\n" * 100)


def _git(tree: Path, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 (fixed arguments)
        ["git", *arguments],  # noqa: S607 (the machine's git)
        cwd=tree,
        check=True,
    )


if __name__ == "__main__":
    main(*numbers(100_000, 3))
