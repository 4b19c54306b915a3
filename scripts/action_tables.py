"""Write the inputs and outputs of the Actions into the pages that show them (``make docs``).

A page marks the place with ``<!-- inputs: action.yml -->`` or ``<!-- outputs: action.yml -->``
before a table; a test holds table and file together.
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"(?P<mark><!-- (?P<kind>inputs|outputs): (?P<file>[a-z/]*action\.yml) -->\n+)"
    r"(?P<rows>(?:\|.*\n)*)"
)


def main() -> int:
    """Rewrite the tables of every page; return the exit code."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        written = BLOCK.sub(lambda m: m["mark"] + table(ROOT / m["file"], m["kind"]), text)
        if written != text:
            page.write_text(written, encoding="utf-8")
            print(page.relative_to(ROOT))
    return 0


def table(file: Path, kind: str) -> str:
    """Return the table of one Action's inputs or outputs, in the file's own order."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))[kind]
    head = ["| input | default | what |", "|---|---|---|"]
    if kind == "outputs":
        head = ["| output | what |", "|---|---|"]
    rows = [_row(name, entry, kind) for name, entry in entries.items()]
    return "\n".join([*head, *rows]) + "\n"


def _row(name: str, entry: dict[str, object], kind: str) -> str:
    cells = [f"`{name}`"]
    if kind == "inputs":
        default = "required" if entry.get("required") else ""
        cells.append(f"`{entry['default']}`" if "default" in entry else default)
    cells.append(str(entry["description"]).strip())
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())  # noqa: TID251 (this is where the process ends)
