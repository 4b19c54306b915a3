"""Write each workflow that the manual shows into a folder, so that linters can read it.

Usage: ``python scripts/example_workflows.py FOLDER``. A ```yaml block is a whole workflow, one
job, or a list of steps; the latter two get what stands around them. The Action, which has no
published name in this repository, gets a commit. Prints how many there are.
"""

import re
import sys
import textwrap
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```yaml\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)

#: In the place of ``COMMIT``: no commit of anything.
COMMIT = "0" * 39 + "1"

_HEAD = """\
name: An example of the manual
on:
  push:
    tags: ["v*"]
concurrency:
  group: example
  cancel-in-progress: false
permissions: {}
jobs:
"""
_BUILD = """\
  build:
    runs-on: ubuntu-24.04
    permissions: {}
    outputs:
      hashes: ${{ steps.hashes.outputs.hashes }}
    steps:
      - id: hashes
        run: echo "hashes=" >>"$GITHUB_OUTPUT"
"""
_STEPS = """\
  example:
    runs-on: ubuntu-24.04
    permissions:
      contents: write # to put the bundle on the release
      id-token: write # the run's identity, which signs
    steps:
"""


def main(arguments: list[str]) -> int:
    """Write the workflows; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python scripts/example_workflows.py FOLDER\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for page in pages():
        for number, text in enumerate(examples(page.read_text(encoding="utf-8")), start=1):
            (folder / f"{page.stem}-{number}.yml").write_text(text, encoding="utf-8")
            count += 1
    print(f"{count} workflows of the manual in {folder}")
    return 0 if count else 1


def pages() -> list[Path]:
    """Return the README and the pages of the manual; decisions show none."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def examples(page: str) -> list[str]:
    """Return the workflows that a page shows, each whole."""
    texts = [match["text"] for match in BLOCK.finditer(page)]
    return [whole for text in texts if (whole := completed(text))]


def completed(text: str) -> str:
    """Return a block as a whole workflow; empty when it is something else."""
    text = text.replace("@COMMIT", f"@{COMMIT}")
    document = yaml.safe_load(text)
    if isinstance(document, list):
        return _HEAD + _STEPS + textwrap.indent(text, "      ")
    if "jobs" in document:
        return text
    jobs = [job for job in document.values() if isinstance(job, dict) and "steps" in job]
    if len(jobs) == len(document) == 1:
        return _HEAD + _BUILD + textwrap.indent(text, "  ")
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
