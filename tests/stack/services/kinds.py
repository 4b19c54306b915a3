"""What is attested, so that every verifier sees each kind of statement that we write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.stack.services.runs import PROVENANCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stack.services.runs import Workspace

CUSTOM: Final = "https://example.com/custom/v1"
SPDX: Final = "https://spdx.dev/Document/v2.3"
CYCLONEDX: Final = "https://cyclonedx.org/bom"
#: What a name may hold that shells, JSON and terminals each read in their own way.
_ODD_NAME: Final = "my \"app\" 'v1' \u00fcber \u6f22\u5b57 \U0001f600.tar.gz"
_NUMBERS: Final = '{"big": 123456789012345678901234567890, "small": 1e-9, "one": 1.0, "half": 0.5}'


def _one(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write("app")
    workspace.attest("app")
    return "app", PROVENANCE


def _two_digests(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write("app")
    workspace.attest("--sha512", "app")
    return "app", PROVENANCE


def _many(workspace: Workspace) -> tuple[str, str]:
    for number in range(1024):
        workspace.cli.write(f"dist/part-{number:04}", f"{number}\n")
    workspace.attest("dist/*")
    return "dist/part-0777", PROVENANCE


def _odd_name(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write(_ODD_NAME)
    workspace.attest(_ODD_NAME)
    return _ODD_NAME, PROVENANCE


def _numbers(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write("app")
    workspace.attest("--predicate-type", CUSTOM, "--predicate", _NUMBERS, "app")
    return "app", CUSTOM


def _spdx(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write("app")
    document = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "app"}
    workspace.cli.write("sbom.json", json.dumps(document))
    workspace.attest("--sbom-path", "sbom.json", "app")
    return "app", SPDX


def _cyclonedx(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write("app")
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    workspace.cli.write("bom.json", json.dumps(document))
    workspace.attest("--sbom-path", "bom.json", "app")
    return "app", CYCLONEDX


def _custom(workspace: Workspace) -> tuple[str, str]:
    workspace.cli.write("app")
    workspace.attest("--predicate-type", CUSTOM, "--predicate", '{"tests": "passed"}', "app")
    return "app", CUSTOM


#: Each signs a bundle, and returns an artifact of it and the predicate's type.
KINDS: Final[dict[str, Callable[[Workspace], tuple[str, str]]]] = {
    "provenance": _one,
    "provenance, two digests": _two_digests,
    "provenance, 1,024 subjects": _many,
    "provenance, an odd name": _odd_name,
    "predicate with large integers and floats": _numbers,
    "SBOM, SPDX": _spdx,
    "SBOM, CycloneDX": _cyclonedx,
    "predicate of one's own": _custom,
}
