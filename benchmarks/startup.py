"""How long ``slsa-gen`` takes to say what it is, against an interpreter that does nothing.

Usage: ``python benchmarks/startup.py [ROUNDS]``.
"""

from __future__ import annotations

import sys

from measure import SLSA_GEN, in_turns, milliseconds, numbers, run, table

_LOADED = """
import sys
before = set(sys.modules)
from slsa_gen.cli.main import main
main([{option!r}])
new = set(sys.modules) - before
foreign = {{name.partition(".")[0] for name in new}} - set(sys.stdlib_module_names)
print(f"{{len(new)}} modules; packages that are not Python's own: {{', '.join(sorted(foreign))}}")
"""


def main(rounds: int) -> None:
    """Measure and print."""
    nothing = "python -c pass"
    commands = {
        nothing: [sys.executable, "-c", "pass"],
        "slsa-gen --version": [SLSA_GEN, "--version"],
        "slsa-gen --help": [SLSA_GEN, "--help"],
        "slsa-gen verify --help": [SLSA_GEN, "verify", "--help"],
    }
    results = in_turns(commands, rounds)
    floor = results[nothing].seconds
    rows = [
        (name, milliseconds(result.seconds), milliseconds(result.seconds - floor))
        for name, result in results.items()
    ]
    print(table(("command", f"median of {rounds}", "more than nothing"), rows))
    for option in ("--version", "--help"):
        printed = run([sys.executable, "-c", _LOADED.format(option=option)]).output.decode()
        print(f"\n{option}: {printed.splitlines()[-1]}")


if __name__ == "__main__":
    main(*numbers(20))
