"""SBOMs: recognised by what they say they are, else refused with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.provenance.sbom import load_sbom, recognise
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

SPDX_2: Final = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT"}
SPDX_3: Final = {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}
CYCLONEDX: Final = {"bomFormat": "CycloneDX", "specVersion": "1.6"}


@pytest.mark.parametrize(
    ("document", "uri"),
    [
        (SPDX_2, "https://spdx.dev/Document/v2.3"),
        ({**SPDX_2, "spdxVersion": "SPDX-2.2"}, "https://spdx.dev/Document/v2.2"),
        (SPDX_3, "https://spdx.dev/Document/v3"),
        (
            {**SPDX_3, "@context": "https://spdx.org/rdf/3.1/spdx-context.jsonld"},
            "https://spdx.dev/Document/v3",
        ),
        (CYCLONEDX, "https://cyclonedx.org/bom"),
        ({**CYCLONEDX, "specVersion": "1.2", "components": []}, "https://cyclonedx.org/bom"),
    ],
)
def test_an_sbom_is_recognised(document: dict[str, object], uri: str) -> None:
    """The predicate type is that of in-toto's predicates, and of actions/attest."""
    assert uri == recognise(document)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"spdxVersion": "SPDX-2.3"},
        {**SPDX_2, "SPDXID": "SPDXRef-Package"},
        {**SPDX_2, "spdxVersion": "SPDX-3.0"},
        {**SPDX_2, "spdxVersion": "2.3"},
        {**SPDX_2, "spdxVersion": "SPDX-2.3\n"},
        {**SPDX_2, "spdxVersion": "SPDX-2.3/../../x"},
        {**SPDX_2, "spdxVersion": 2.3},
        {**SPDX_3, "@graph": {}},
        {**SPDX_3, "@context": ["https://spdx.org/rdf/3.0.1/spdx-context.jsonld"]},
        {**SPDX_3, "@context": "https://example.com/spdx-context.jsonld"},
        {"bomFormat": "CycloneDX"},
        {**CYCLONEDX, "bomFormat": "cyclonedx"},
        {**CYCLONEDX, "specVersion": 1.6},
        {**CYCLONEDX, "specVersion": "2.0"},
    ],
)
def test_anything_else_is_refused(document: dict[str, object]) -> None:
    """A document that is almost an SBOM is none; the hint says what else can be done."""
    with pytest.raises(UsageError, match="neither SPDX nor CycloneDX") as caught:
        recognise(document)

    assert caught.value.reason == Reason.USAGE_SBOM
    assert "--predicate-type URI --predicate-path FILE" in caught.value.hint


def test_two_formats_at_once_are_refused() -> None:
    """A document that is both would be read differently by each reader."""
    with pytest.raises(UsageError, match=r"v2.3 and https://cyclonedx.org/bom; expected"):
        recognise({**SPDX_2, **CYCLONEDX})


def test_an_sbom_is_read_from_its_file(tmp_path: Path) -> None:
    """The type and the document, unchanged."""
    path = tmp_path / "sbom.json"
    document = {**CYCLONEDX, "components": [{"name": "é"}]}
    path.write_text(json.dumps(document))

    assert load_sbom(path, DEFAULT_LIMITS) == ("https://cyclonedx.org/bom", document)


@pytest.mark.parametrize("content", ["", "SPDXVersion: SPDX-2.3\n", "<bom/>", "[]"])
def test_what_is_no_json_is_refused(tmp_path: Path, content: str) -> None:
    """SPDX's tag-value form and CycloneDX's XML are no predicates."""
    path = tmp_path / "sbom"
    path.write_text(content)

    with pytest.raises(UsageError, match="--sbom-path: the file") as caught:
        load_sbom(path, DEFAULT_LIMITS)

    assert caught.value.reason == Reason.USAGE_SBOM


@given(st.dictionaries(st.sampled_from([*SPDX_2, *SPDX_3, *CYCLONEDX]), st.text(max_size=5)))
def test_no_garbage_is_an_sbom(document: dict[str, object]) -> None:
    """Members of the right names with any text are refused."""
    with pytest.raises(UsageError):
        recognise(document)
