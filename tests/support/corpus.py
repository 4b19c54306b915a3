"""Where the real attestations lie that the project must judge rightly (CONTRIBUTING.md)."""

from __future__ import annotations

from pathlib import Path

from slsa_gen import environment

ABSENT = (
    "no corpus of real attestations: it is looked for in ../shared/corpus and where "
    "SLSA_GEN_CORPUS points"
)


def corpus_folder() -> Path | None:
    """Return the corpus, or None where there is none.

    Usable while tests are collected; a test itself takes the ``corpus`` fixture.
    """
    named = environment.variables().get("SLSA_GEN_CORPUS")
    root = Path(__file__).resolve().parents[2]
    folder = Path(named) if named else root.parent / "shared" / "corpus"
    return folder if folder.is_dir() else None
