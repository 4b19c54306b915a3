"""JSON documents as ``attest`` and ``verify`` make them; each fits the shipped schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsa_gen.report.document import MEDIA_TYPE
from tests.support.schemas import check_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    Document = dict[str, Any]

SHA256 = "a" * 64
SOURCE = "https://github.com/octo-org/app"
SIGNER = {
    "subjectAlternativeName": f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1",
    "issuer": "https://token.actions.githubusercontent.com",
    "buildSignerURI": f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1",
    "sourceRepositoryURI": SOURCE,
    "sourceRepositoryDigest": "c" * 40,
    "sourceRepositoryRef": "refs/tags/v1",
    "runInvocationURI": f"{SOURCE}/actions/runs/7/attempts/1",
}
FILE = {"target": "file", "outcome": "written", "url": "dist/app.intoto.jsonl"}
LOG = "https://rekor.sigstore.dev"
ENTRY = {
    "log": LOG,
    "index": 42,
    "url": "https://search.sigstore.dev/?logIndex=42",
    "kind": "dsse 0.0.1",
}


def subject(name: str = "app") -> Document:
    """Return one subject."""
    return {"name": name, "digest": {"sha256": SHA256}}


def attest_result(*names: str, **changes: object) -> Document:
    """Return the result of ``attest`` for subjects of these names."""
    return {
        "subjects": [subject(name) for name in names or ("app",)],
        "bundle": "dist/app.intoto.jsonl",
        "statements": 1,
        "predicateType": "https://slsa.dev/provenance/v1",
        "signer": SIGNER,
        "signedAt": "2026-01-02T03:04:05+00:00",
        "sandbox": False,
        "logEntries": [ENTRY],
        "extraLogEntries": 0,
        "publications": [FILE],
        **changes,
    }


def error(message: str = "it failed", hint: str = "mend it", reason: str = "a.b") -> Document:
    """Return one error."""
    return {"reason": reason, "message": message, "hint": hint}


def check(reason: str = "source.repository", **changes: object) -> Document:
    """Return a check that failed."""
    return {
        "rule": reason,
        "expected": "one",
        "found": "another",
        "passed": False,
        "reason": reason,
        "hint": "use the other",
        **changes,
    }


def accepted(artifact: str = "dist/app") -> Document:
    """Return the result of ``verify`` for an artifact that was accepted at level 2."""
    attestation = {
        "source": "dist/app.intoto.jsonl",
        "accepted": True,
        "checks": [],
        "signer": SIGNER,
        "sandbox": False,
        "logEntries": [ENTRY],
    }
    digest = {"sha256": SHA256}
    return {
        "artifact": artifact,
        "digest": digest,
        "verdict": "accepted",
        "level": 2,
        "attestations": [attestation],
    }


def refused(artifact: str = "dist/other", *checks: Document) -> Document:
    """Return the result of ``verify`` for an artifact that was refused."""
    attestation = {"source": "b.jsonl", "accepted": False, "checks": list(checks or (check(),))}
    return {
        **accepted(artifact),
        "verdict": "refused",
        "level": None,
        "attestations": [attestation],
    }


def undecided(artifact: str = "dist/gone") -> Document:
    """Return the result of ``verify`` for an artifact that could not be read."""
    problem = error("cannot be read", "chmod +r", "subject.unreadable")
    found = {**accepted(artifact), "verdict": "undecided", "level": None, "attestations": []}
    return {**found, "digest": {}, "error": problem}


def document(
    command: str,
    results: Sequence[Document] = (),
    errors: Sequence[Document] = (),
    exit_code: int = 0,
) -> Document:
    """Return a whole document; it fits the schema."""
    whole = {
        "mediaType": MEDIA_TYPE,
        "version": "1.0.0",
        "command": command,
        "exitCode": exit_code,
        "results": list(results),
        "errors": list(errors),
    }
    check_report(whole)
    return whole
