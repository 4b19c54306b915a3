"""What inspect shows: everything, and never as if it were true."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import UsageError
from slsa_gen.evidence.contents import describe
from slsa_gen.evidence.read import read_file
from slsa_gen.report import contents, document
from slsa_gen.report.style import Style
from tests.support.schemas import check_report

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.evidence.contents import Contents


@pytest.fixture
def wrangle(corpus: Path) -> Contents:
    """Return a real bundle's contents."""
    (evidence,) = read_file(corpus / "real-world/wrangle-python-provenance.intoto.jsonl")
    return describe(evidence)


def test_the_warning_stands_first(wrangle: Contents) -> None:
    """Nobody reads further without it."""
    text = contents.written([wrangle], Style())

    assert text.startswith("NOT VERIFIED: ")
    assert "sourceRepositoryURI" in text
    assert "https://slsa.dev/provenance/v1" in text


def test_the_document_fits_its_schema_and_says_not_verified(wrangle: Contents) -> None:
    """A program sees it, too."""
    report = json.loads(document.inspected([contents.as_json(wrangle)]))

    check_report(report)
    assert report["results"][0]["verified"] is False


def test_the_statement_is_exported_byte_for_byte(wrangle: Contents) -> None:
    """Nothing is encoded anew."""
    assert wrangle.envelope is not None
    assert contents.statement_text(wrangle).encode() == wrangle.envelope.payload


def test_the_envelope_is_exported_as_one_line(wrangle: Contents) -> None:
    """For tools that read DSSE and no bundles."""
    envelope = json.loads(contents.envelope_text(wrangle))

    assert sorted(envelope) == ["payload", "payloadType", "signatures"]
    assert "\n" not in contents.envelope_text(wrangle)


def test_a_signature_over_a_file_has_no_statement_to_export(corpus: Path) -> None:
    """It is shown, and the export says why there is none."""
    (evidence,) = read_file(corpus / "sigstore-conformance/happy-path-v0.2/bundle.sigstore.json")
    found = describe(evidence)

    assert "signature over a file: " in contents.written([found], Style())
    check_report(json.loads(document.inspected([contents.as_json(found)])))
    for export in (contents.statement_text, contents.envelope_text):
        with pytest.raises(UsageError) as caught:
            export(found)
        assert "a signature over a file" in caught.value.message
