"""Write what ``--help`` prints into the pages that show it (``make docs``).

A page marks the place with ``<!-- help: attest -->`` before a fenced block; a test holds
block and program together.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"(?P<mark><!-- help(?:: (?P<command>[a-z -]+))? -->\n+```[a-z]*\n)(?P<text>.*?)(?P<end>```\n)",
    re.DOTALL,
)


def main() -> int:
    """Rewrite the blocks of every page; return the exit code."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        written = BLOCK.sub(lambda m: m["mark"] + help_of(m["command"] or "") + m["end"], text)
        if written != text:
            page.write_text(written, encoding="utf-8")
            print(page.relative_to(ROOT))
    return 0


def help_of(command: str) -> str:
    """Return what a command's ``--help`` prints, 100 columns wide."""
    arguments = [sys.executable, "-m", "slsa_gen", *command.split(), "--help"]
    surroundings = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}  # noqa: TID251 (no product)
    done = subprocess.run(  # noqa: S603 (our own program)
        arguments, check=True, capture_output=True, text=True, cwd=ROOT, env=surroundings
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())  # noqa: TID251 (this is where the process ends)
