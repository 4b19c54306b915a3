"""``slsa-gen inspect``: what bundles say, marked as not verified."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import CommandLine

NAME = "real-world/wrangle-python-provenance.intoto.jsonl"


def test_a_bundle_is_shown_under_a_warning(cli: CommandLine, corpus: Path) -> None:
    """For people."""
    outcome = cli("inspect", str(corpus / NAME))

    assert outcome.code == 0
    assert outcome.out.startswith("NOT VERIFIED")
    assert "TomHennen/wrangle-test" in outcome.out


def test_a_bundle_is_shown_as_a_document(cli: CommandLine, corpus: Path) -> None:
    """For programs."""
    (result,) = cli("inspect", str(corpus / NAME), "--format", "json").results

    assert result["verified"] is False
    assert result["predicate"]["buildDefinition"]["buildType"].startswith("https://actions.github")


def test_the_statement_and_the_envelope_are_exported(cli: CommandLine, corpus: Path) -> None:
    """One a line, and nothing else on standard output."""
    statement = cli("inspect", "--export", "statement", str(corpus / NAME)).out
    envelope = cli("inspect", "--export", "dsse", str(corpus / NAME)).out

    assert json.loads(statement)["_type"] == "https://in-toto.io/Statement/v1"
    assert sorted(json.loads(envelope)) == ["payload", "payloadType", "signatures"]
