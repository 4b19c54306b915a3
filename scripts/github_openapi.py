"""Keep the part of GitHub's API description that the tests' simulator is held against.

Usage: ``github_openapi.py [--check] [--package FILE.tgz]``. GitHub's description of its REST
API comes as the npm package ``@octokit/openapi`` (13 MB of JSON). This takes the calls in
``CALLS`` out of it, without prose and examples, and writes ``tests/assets/github-openapi.json``;
``--check`` only says whether what is there is what the package gives. The package is fetched
with ``npm pack`` unless it is named; its hash is held against ``INTEGRITY`` either way.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "@octokit/openapi"
VERSION = "23.0.2"
#: The hash of the package's file, as npm writes it.
INTEGRITY = (
    "sha512-"
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
)
MEMBER = "package/generated/api.github.com.json"
LICENCE = "MIT License, Copyright (c) 2020 Octokit contributors, https://spdx.org/licenses/MIT.html"
EXTRACT = Path(__file__).resolve().parent.parent / "tests" / "assets" / "github-openapi.json"

#: What tests/support/github_api_calls.py knows; a test holds the two lists together.
CALLS = (
    "GET /repos/{owner}/{repo}/releases",
    "POST /repos/{owner}/{repo}/releases",
    "GET /repos/{owner}/{repo}/releases/tags/{tag}",
    "GET /repos/{owner}/{repo}/releases/{release_id}",
    "PATCH /repos/{owner}/{repo}/releases/{release_id}",
    "DELETE /repos/{owner}/{repo}/releases/{release_id}",
    "GET /repos/{owner}/{repo}/releases/{release_id}/assets",
    "POST /repos/{owner}/{repo}/releases/{release_id}/assets",
    "GET /repos/{owner}/{repo}/releases/assets/{asset_id}",
    "DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}",
    "POST /repos/{owner}/{repo}/releases/generate-notes",
)

#: Schemas that answers use beside those that the calls name: every refusal has one of them.
_REFUSALS = ("basic-error", "validation-error")
#: What says something to people alone.
_PROSE = frozenset({"title", "description", "example", "examples", "default", "externalDocs"})

Document = dict[str, Any]


class PackageError(Exception):
    """The package could not be fetched, or is not the one that is meant."""


def main(arguments: list[str]) -> int:
    """Write or check the extract; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; say whether it holds")
    parser.add_argument("--package", type=Path, metavar="FILE.tgz", help="instead of npm pack")
    args = parser.parse_args(arguments)
    try:
        text = extract(description(args.package))
    except PackageError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    if not args.check:
        EXTRACT.write_text(text)
    elif not EXTRACT.is_file() or EXTRACT.read_text() != text:
        sys.stderr.write(f"error: {EXTRACT.name} is not what {PACKAGE} {VERSION} gives;\n")
        sys.stderr.write("hint: run scripts/github_openapi.py and look at the difference\n")
        return 1
    print(f"{EXTRACT.name}: {len(CALLS)} calls of {PACKAGE} {VERSION}, {len(text)} bytes")
    return 0


def description(package: Path | None) -> Document:
    """Return GitHub's whole description, out of the package.

    Raises:
        PackageError: there is no package, or not this one.
    """
    with tempfile.TemporaryDirectory() as folder:
        return read_package(package or fetch(Path(folder)))


def fetch(folder: Path) -> Path:
    """Fetch the package with npm and return its file."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
    try:
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 (a fixed command)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or ""
        raise PackageError(f"npm could not fetch {PACKAGE} {VERSION}: {error} {said}") from error
    return folder / done.stdout.split()[-1]


def read_package(package: Path) -> Document:
    """Return the description from the package's file, whose hash must hold."""
    try:
        data = package.read_bytes()
    except OSError as error:
        raise PackageError(f"{package} cannot be read: {error}") from error
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != INTEGRITY:
        raise PackageError(f"{package.name} is not {PACKAGE} {VERSION}: its hash is {found}")
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise PackageError(f"{package.name} has no {MEMBER}")
        document: Document = json.load(member)
    return document


def extract(whole: Document) -> str:
    """Return the extract: each call on its own, the schemas that they share once."""
    schemas: Document = {}
    calls = {call: _operation(whole, call, schemas) for call in CALLS}
    for name in _REFUSALS:
        _schema(whole, {"$ref": f"#/components/schemas/{name}"}, schemas)
    origin = {
        "package": PACKAGE,
        "version": VERSION,
        "integrity": INTEGRITY,
        "file": MEMBER,
        "licence": LICENCE,
        "taken by": "scripts/github_openapi.py",
    }
    document = {"origin": origin, "calls": calls, "schemas": dict(sorted(schemas.items()))}
    return json.dumps(document, separators=(",", ":")) + "\n"


def _operation(whole: Document, call: str, schemas: Document) -> Document:
    """Return what a call takes and answers."""
    method, _, path = call.partition(" ")
    operation = whole["paths"][path][method.lower()]
    parameters = [_resolve(whole, parameter) for parameter in operation.get("parameters", ())]
    found: Document = {
        "parameters": [
            {
                "name": parameter["name"],
                "in": parameter["in"],
                "required": parameter.get("required", False),
                "schema": _schema(whole, parameter["schema"], schemas),
            }
            for parameter in parameters
        ],
        "responses": {
            status: _content(whole, _resolve(whole, response), schemas)
            for status, response in operation["responses"].items()
        },
    }
    if "requestBody" in operation:
        found["body"] = _content(whole, operation["requestBody"], schemas)
    return found


def _content(whole: Document, holder: Document, schemas: Document) -> Document:
    """Return media type → schema."""
    return {
        media: _schema(whole, content["schema"], schemas)
        for media, content in holder.get("content", {}).items()
    }


def _schema(whole: Document, schema: Document, schemas: Document) -> Document:
    """Return a schema without prose; what it refers to is put into ``schemas``."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in schemas:
            schemas[name] = {}  # a schema may refer to itself
            schemas[name] = _schema(whole, _resolve(whole, schema), schemas)
        return {"$ref": f"#/schemas/{name}"}
    kept: Document = {}
    for key, value in schema.items():
        if key in _PROSE or key.startswith("x-"):
            continue
        if key == "properties":  # their names are not keywords
            kept[key] = {name: _schema(whole, inner, schemas) for name, inner in value.items()}
        elif key in {"allOf", "anyOf", "oneOf"}:
            kept[key] = [_schema(whole, inner, schemas) for inner in value]
        elif key in {"items", "additionalProperties", "not"} and isinstance(value, dict):
            kept[key] = _schema(whole, value, schemas)
        else:
            kept[key] = value
    return kept


def _resolve(whole: Document, item: Document) -> Document:
    """Follow a reference, if it is one."""
    while "$ref" in item:
        found: Any = whole
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        item = found
    return item


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 (this is where the process ends)
