"""Write requirements/runtime.txt and dev.txt: each package by version and hash.

Usage: ``make lock`` (``ARGS=--upgrade`` takes the newest versions that pyproject.toml
allows). The files name no index and no address, so that they hold wherever packages come
from: the hashes say which bytes are meant.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = "requirements/runtime.txt"
DEVELOPMENT = "requirements/dev.txt"

#: Quoted in pyproject.toml's requires-python: one lock serves this version and later ones.
OLDEST_PYTHON = "3.11"


def main(extra: list[str]) -> int:
    """Compile both files; return the exit code."""
    compile_lock(RUNTIME, ["pyproject.toml", *extra])
    # The second is bound to the first: tests run with what users get.
    sources = ["pyproject.toml", "requirements/dev.in", "--constraints", RUNTIME]
    compile_lock(DEVELOPMENT, [*sources, *extra])
    return 0


def compile_lock(target: str, arguments: list[str]) -> None:
    """Resolve for every platform and write one file."""
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "compile", "--quiet", "--generate-hashes", "--universal"]
    command += ["--python-version", OLDEST_PYTHON, "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--output-file", target, *arguments]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 (made above)
    print(f"wrote {target}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
