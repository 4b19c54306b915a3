"""Where an entry of a log can be looked at."""

from __future__ import annotations

import pytest

from slsa_gen.model.attestation import LogEntry
from tests.support.values import SIGNED_AT

OWN = "https://rekor.example.org"
TILES = "https://log2025-1.rekor.sigstore.dev"


@pytest.mark.parametrize(
    ("log", "kind", "url", "place"),
    [
        (
            "https://rekor.sigstore.dev",
            "dsse 0.0.1",
            "https://search.sigstore.dev/?logIndex=7",
            "https://search.sigstore.dev/?logIndex=7",
        ),
        (
            f"{OWN}/",
            "intoto 0.0.2",
            f"{OWN}/api/v1/log/entries?logIndex=7",
            f"{OWN}/api/v1/log/entries?logIndex=7",
        ),
        (TILES, "hashedrekord 0.0.2", "", f"of {TILES}"),
        (TILES, "dsse 0.0.2", "", f"of {TILES}"),
        ("https://sandbox.slsa-gen.invalid/rekor", "dsse 0.0.1", "", ""),
        ("", "dsse 0.0.1", "", ""),
    ],
)
def test_an_entry_has_a_page_where_its_log_shows_entries(
    log: str, kind: str, url: str, place: str
) -> None:
    """A log of version 2 serves tiles of many entries; the log's name is said instead."""
    entry = LogEntry(log, "c0" * 32, 7, kind, SIGNED_AT)

    assert (entry.url, entry.place) == (url, place)
