"""Print the version, or what CHANGELOG.md says of it, for the release workflow.

Usage: ``python3 scripts/release_notes.py version`` prints the version that stands in
``slsa_gen/__init__.py``; ``… notes`` prints the changelog's section of that version. A release
without such a section is refused: whoever updates reads it. Needs nothing but an interpreter.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_VERSION = re.compile(r'^__version__ = "(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"$', re.MULTILINE)
_HEADING = re.compile(r"^## \[(?P<version>[^\]\n]+)\].*$", re.MULTILINE)


class RefusedError(Exception):
    """There is nothing of which a release can be made."""


def main(arguments: list[str]) -> int:
    """Print what was asked for; return the exit code."""
    if arguments not in (["version"], ["notes"]):
        sys.stderr.write("usage: python3 scripts/release_notes.py version|notes\n")
        return 2
    try:
        found = version(ROOT)
        print(found if arguments == ["version"] else notes(ROOT, found))
    except RefusedError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def version(root: Path) -> str:
    """Return the one version, as it stands in the package.

    Raises:
        RefusedError: there is not exactly one, or it is not one that packages carry.
    """
    text = (root / "slsa_gen" / "__init__.py").read_text(encoding="utf-8")
    found = _VERSION.findall(text)
    if len(found) != 1:
        message = f'slsa_gen/__init__.py has {len(found)} lines __version__ = "X.Y.Z": expected one'
        raise RefusedError(message)
    return str(found[0])


def notes(root: Path, wanted: str) -> str:
    """Return the changelog's section of a version, without its heading.

    Raises:
        RefusedError: there is not exactly one such section, or it is empty.
    """
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings), len(text)][1:]
    sections = [
        text[heading.end() : end].strip()
        for heading, end in zip(headings, ends, strict=True)
        if heading["version"] == wanted
    ]
    if len(sections) != 1 or not sections[0]:
        message = (
            f"CHANGELOG.md has {len(sections)} sections '## [{wanted}] - DATE' with something in"
            " them: expected one; name the section 'Unreleased' so, and begin a new one above it"
        )
        raise RefusedError(message)
    return sections[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
