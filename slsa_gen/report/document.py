"""What a command did, for programs: one JSON document with a media type and a schema.

The schema ships beside this file (``schemas/report.schema.json``); a test holds every
document that the tests see against it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from slsa_gen import __version__
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.errors import SlsaGenError
    from slsa_gen.model.attestation import AttestResult, LogEntry
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.layout import Demands
    from slsa_gen.model.problem import Problem
    from slsa_gen.model.publication import Publication
    from slsa_gen.model.step import StepRecord
    from slsa_gen.model.subject import Subject
    from slsa_gen.model.verdict import (
        AttestationVerdict,
        BuildLevel,
        Check,
        Verdict,
    )

#: The media type of every document; its version changes when a reader could break.
MEDIA_TYPE: Final = "application/vnd.slsa-gen.report.v1+json"

Json = dict[str, object]


def failure(command: str, error: SlsaGenError) -> str:
    """Return the document of a command that ended with an error."""
    return _document(command, error.exit_code, [], [_error(error)])


def attested(result: AttestResult) -> str:
    """Return the document of ``attest``.

    A target that failed after the bundle was written leaves the result, and adds its error.
    """
    errors = [_problem(problem) for problem in result.problems]
    return _document("attest", result.exit_code, [_attested(result)], errors)


def layout_signed(result: AttestResult) -> str:
    """Return the document of ``layout sign``: what ``attest`` says of a bundle."""
    return _document("layout", result.exit_code, [_attested(result)], [])


def layout_checked(demands: Demands, *, expired: bool) -> str:
    """Return the document of ``layout check``: what a layout demands."""
    body: Json = {
        "layout": demands.source,
        "kind": demands.kind,
        "expires": demands.expires.isoformat(),
        "expired": expired,
        "artifact": demands.artifact,
        "steps": [
            {
                "name": step.name,
                "functionaries": list(step.people),
                "threshold": step.threshold,
                "materials": list(step.materials),
                "products": list(step.products),
                "command": list(step.command),
                "letsThrough": list(step.lets_through),
            }
            for step in demands.steps
        ],
        "inspections": [
            {"name": name, "command": list(words)} for name, words in demands.inspections
        ],
    }
    return _document("layout", 0, [body], [])


def ran(
    record: StepRecord,
    result: AttestResult | None,
    *,
    link: str | None = None,
    error: SlsaGenError | None = None,
) -> str:
    """Return the document of ``run``, whose command has ended.

    Args:
        record: The step.
        result: What was attested; None where nothing was.
        link: The path of a classic link, or None.
        error: Why a link of a command that failed could not be written, or None.
    """
    body: Json = {"step": _step(record), "attestation": None, "link": link}
    if result is not None:
        # Provenance and link speak of the same products: each is listed once.
        once = result.attestations[0].statement.subjects
        body["attestation"] = _attested(result) | {"subjects": _named(once)}
    errors = [] if error is None else [_error(error)]
    return _document("run", record.exit_status, [body], errors)


def _step(record: StepRecord) -> Json:
    return {
        "name": record.name,
        "command": list(record.command),
        "exitStatus": record.exit_status,
        "startedOn": record.started.isoformat(),
        "finishedOn": record.finished.isoformat(),
        "products": _named(record.products),
        "materials": len(record.materials) + (record.commit is not None),
        "changedMaterials": list(record.changed),
    }


def _named(subjects: Sequence[Subject]) -> list[Json]:
    return [{"name": s.name, "digest": digest_set(s.digests)} for s in subjects]


def _attested(result: AttestResult) -> Json:
    first = result.attestations[0]
    return {
        "subjects": _named([s for a in result.attestations for s in a.statement.subjects]),
        "bundle": result.file.location,
        "statements": len(result.attestations),
        "predicateType": first.statement.predicate_type,
        "signer": signer_fields(first.signer),
        "signedAt": first.signed_at.isoformat(),
        "sandbox": first.signer.issuer == SANDBOX_ISSUER,
        "logEntries": [log_entry(e) for a in result.attestations for e in a.log_entries],
        "extraLogEntries": result.extra_entries,
        "publications": [_publication(p) for p in result.publications],
    }


def verified(verdicts: Sequence[Verdict], exit_code: int) -> str:
    """Return the document of ``verify``: one result for each artifact, in order."""
    return _document("verify", exit_code, [_verdict(v) for v in verdicts], [])


def inspected(results: Sequence[Json]) -> str:
    """Return the document of ``inspect``: one result for each bundle, in order."""
    return _document("inspect", 0, results, [])


def _document(command: str, exit_code: int, results: Sequence[Json], errors: Sequence[Json]) -> str:
    text = json.dumps(
        {
            "mediaType": MEDIA_TYPE,
            "version": __version__,
            "command": command,
            "exitCode": exit_code,
            "results": list(results),
            "errors": list(errors),
        },
        ensure_ascii=True,
        indent=2,
    )
    return shown(text)


def shown(text: str) -> str:
    """Return the same JSON, with escapes for what a terminal or a workflow's runner obeys.

    ``##[``, the old form of a command, may begin anywhere in a line, and a document has no
    guard around it. Outside of JSON's texts there is nothing to escape but line ends.
    """
    plain = text.replace("##[", "#\\u0023[")
    if plain.isascii():  # JSON escapes ASCII's controls itself
        return plain
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in plain)


def _publication(publication: Publication) -> Json:
    body: Json = {
        "target": publication.target,
        "outcome": publication.outcome.value,
        "url": publication.location,
    }
    if publication.asset:
        body["asset"] = publication.asset
        body["draft"] = bool(publication.draft)
    if publication.problem is not None:
        body["reason"] = publication.problem.reason.value
    return body


def _error(error: SlsaGenError) -> Json:
    return {"reason": error.reason.value, "message": error.message, "hint": error.hint}


def _problem(problem: Problem) -> Json:
    return {"reason": problem.reason.value, "message": problem.message, "hint": problem.hint}


def digest_set(digests: Sequence[Digest]) -> dict[str, str]:
    """Return in-toto's DigestSet: algorithm to hexadecimal."""
    return {d.algorithm: d.hex for d in digests}


def signer_fields(signer: SignerIdentity) -> dict[str, str]:
    """Return what a certificate says, under Fulcio's names for its extensions."""
    names = {
        "subjectAlternativeName": signer.subject_alternative_name,
        "issuer": signer.issuer,
        "buildSignerURI": signer.build_signer_uri,
        "buildSignerDigest": signer.build_signer_digest,
        "runnerEnvironment": signer.runner_environment,
        "sourceRepositoryURI": signer.source_repository_uri,
        "sourceRepositoryDigest": signer.source_repository_digest,
        "sourceRepositoryRef": signer.source_repository_ref,
        "sourceRepositoryIdentifier": signer.source_repository_identifier,
        "sourceRepositoryOwnerURI": signer.source_repository_owner_uri,
        "sourceRepositoryOwnerIdentifier": signer.source_repository_owner_identifier,
        "buildConfigURI": signer.build_config_uri,
        "buildConfigDigest": signer.build_config_digest,
        "buildTrigger": signer.build_trigger,
        "runInvocationURI": signer.run_invocation_uri,
        "sourceRepositoryVisibilityAtSigning": signer.source_repository_visibility_at_signing,
        "deploymentEnvironment": signer.deployment_environment,
        "tokenSubject": signer.token_subject,
    }
    return {name: value for name, value in names.items() if value is not None}


def log_entry(entry: LogEntry) -> Json:
    """Return where a log holds an entry."""
    return {"log": entry.log, "index": entry.index, "url": entry.url, "kind": entry.kind}


def _verdict(verdict: Verdict) -> Json:
    level = verdict.level
    result: Json = {
        "artifact": verdict.artifact,
        "digest": digest_set(verdict.digests),
        "verdict": verdict.outcome.value,
        "level": level.level if level is not None and verdict.outcome is Outcome.ACCEPTED else None,
        "attestations": [_attestation(a) for a in verdict.attestations],
    }
    if verdict.problem is not None:
        result["error"] = _problem(verdict.problem)
    return result


def _attestation(attestation: AttestationVerdict) -> Json:
    result: Json = {
        "source": attestation.source,
        "accepted": attestation.accepted,
        "checks": [_check(c) for c in attestation.checks],
    }
    if attestation.signer is not None:
        result["signer"] = signer_fields(attestation.signer)
        result["sandbox"] = attestation.signer.issuer == SANDBOX_ISSUER
        result["logEntries"] = [log_entry(e) for e in attestation.log_entries]
    if attestation.predicate_type is not None:
        result["predicateType"] = attestation.predicate_type
    if attestation.signed_at is not None:
        result["signedAt"] = attestation.signed_at.isoformat()
    if attestation.level is not None:
        result["buildLevel"] = _level(attestation.level)
    return result


def _check(check: Check) -> Json:
    result: Json = {
        "rule": check.rule,
        "expected": check.expected,
        "found": check.found,
        "passed": check.passed,
    }
    if check.reason is not None:
        result["reason"] = check.reason.value
        result["hint"] = check.hint
    return result


def _level(level: BuildLevel) -> Json:
    return {
        "level": level.level,
        "requirements": [
            {"name": r.name, "level": r.level, "standing": r.standing.value, "why": r.why}
            for r in level.requirements
        ],
    }
