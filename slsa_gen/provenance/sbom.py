"""Software bills of materials: which format a document has, and its predicate type.

SPDX 2 (https://github.com/in-toto/attestation/blob/main/spec/predicates/spdx2.md; the
version is part of the type, as actions/attest writes it), SPDX 3 (spdx3.md there), and
CycloneDX (cyclonedx.md there). Only JSON: a predicate is a JSON object.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.provenance.documents import read_document
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slsa_gen.limits import Limits

SPDX: Final = "https://spdx.dev/Document"
SPDX_3: Final = f"{SPDX}/v3"
CYCLONEDX: Final = "https://cyclonedx.org/bom"

_SPDX_2_VERSION: Final = re.compile(r"SPDX-(2\.[0-9]{1,3})")
_SPDX_3_CONTEXT: Final = re.compile(
    r"https://spdx\.org/rdf/3\.[0-9]{1,3}(?:\.[0-9]{1,3})?/spdx-context\.jsonld"
)
_CYCLONEDX_VERSION: Final = re.compile(r"1\.[0-9]{1,3}")


def load_sbom(path: Path, limits: Limits) -> tuple[str, dict[str, object]]:
    """Return the predicate type and the document of the file that ``--sbom-path`` names.

    Raises:
        UsageError: It cannot be read, or is no SBOM of a known format.
    """
    document = read_document(path, "--sbom-path", Reason.USAGE_SBOM, limits)
    return recognise(document), document


def recognise(document: Mapping[str, object]) -> str:
    """Return the predicate type URI of an SBOM.

    Raises:
        UsageError: It is of no known format, or of two at once.
    """
    found = [uri for uri in (_spdx_2(document), _spdx_3(document), _cyclonedx(document)) if uri]
    if len(found) == 1:
        return found[0]
    shown = " and ".join(found) or "neither SPDX nor CycloneDX as far as can be seen"
    raise UsageError(
        f"--sbom-path: the document is {shown}; expected SPDX 2 JSON (spdxVersion SPDX-2.N and "
        "SPDXID SPDXRef-DOCUMENT), SPDX 3 JSON-LD (@context and @graph), or CycloneDX JSON "
        "(bomFormat CycloneDX and specVersion 1.N)",
        reason=Reason.USAGE_SBOM,
        hint=(
            "Have the SBOM written as JSON in one of these formats, or name the type yourself: "
            "--predicate-type URI --predicate-path FILE"
        ),
    )


def _spdx_2(document: Mapping[str, object]) -> str | None:
    version = document.get("spdxVersion")
    match = _SPDX_2_VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None or document.get("SPDXID") != "SPDXRef-DOCUMENT":
        return None
    return f"{SPDX}/v{match[1]}"


def _spdx_3(document: Mapping[str, object]) -> str | None:
    context = document.get("@context")
    named = isinstance(context, str) and _SPDX_3_CONTEXT.fullmatch(context)
    return SPDX_3 if named and isinstance(document.get("@graph"), list) else None


def _cyclonedx(document: Mapping[str, object]) -> str | None:
    # No serialNumber is demanded: it is optional, though actions/attest insists on one.
    version = document.get("specVersion")
    known = isinstance(version, str) and _CYCLONEDX_VERSION.fullmatch(version)
    return CYCLONEDX if known and document.get("bomFormat") == "CycloneDX" else None
