"""The manual's table of who accepts what, made of what the tests saw."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.stack.services.clients import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE: Final = Path(__file__).parents[3] / "docs" / "self-hosted.md"
BEGIN: Final = "<!-- clients: written by make test-stack -->\n"
END: Final = "<!-- end of clients -->\n"
#: Where bundles are signed, in the order of the table's words.
PLACES: Final = ("Rekor v1", "Rekor v2", "sandbox")
_OURS: Final = "slsa-gen"
#: The Go modules of the clients that are built here.
_MODULES: Final = {
    "cosign": "github.com/sigstore/cosign/v3",
    "sigstore-go": "github.com/sigstore/sigstore-go",
}


class Table:
    """Collects verdicts: what was attested, where it was signed, and who accepts it.

    Args:
        rows: Everything that is to be seen, in order, each with the places that it needs.
    """

    def __init__(self, rows: Mapping[str, tuple[str, ...]]) -> None:
        self._rows = rows
        self._seen: dict[tuple[str, str], dict[str, bool]] = {}

    def record(self, row: str, place: str, accepted: Mapping[str, bool]) -> None:
        """Remember the verdicts of everyone about one bundle."""
        self._seen[row, place] = dict(accepted)

    @property
    def complete(self) -> bool:
        """Tell whether everything was seen: a part of the tests makes no table."""
        wanted = {(row, place) for row, places in self._rows.items() for place in places}
        return wanted == self._seen.keys()

    def written(self, versions: Mapping[str, str]) -> str:
        """Return the table in Markdown; ``versions`` has those of the Go modules."""
        names = [_OURS, *CLIENTS]
        heads = [_OURS, *(f"{name} {_version(name, versions)}" for name in CLIENTS)]
        lines = [
            f"| attested, signed with | {' | '.join(heads)} |",
            "|---" * (len(heads) + 1) + "|",
        ]
        for row, places in self._rows.items():
            cells = [_cell([self._seen[row, place][name] for place in places]) for name in names]
            lines.append(f"| {row}: {', '.join(places)} | {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"


def block(page: str) -> str:
    """Return what stands between the table's marks in a page."""
    return page.partition(BEGIN)[2].partition(END)[0]


def replaced(page: str, table: str) -> str:
    """Return the page with another table between its marks."""
    before, begin, rest = page.partition(BEGIN)
    assert begin, f"{PAGE.name} has no place for the table"
    return f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}"


def _cell(verdicts: list[bool]) -> str:
    if all(verdicts):
        return "accepted"
    return "mixed" if any(verdicts) else "refused"


def _version(client: str, versions: Mapping[str, str]) -> str:
    if client in _MODULES:
        return versions[_MODULES[client]].removeprefix("v")
    return version("sigstore")
