"""What a bundle says, for people and for programs; everywhere marked as not verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason
from slsa_gen.report import document
from slsa_gen.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.evidence.contents import CertificateContents, Contents
    from slsa_gen.model.statement import Statement
    from slsa_gen.report.style import Style

_WARNING: Final = "NOT VERIFIED: anybody can write anything into a bundle. To know, use verify."
_LISTED: Final = 20


def written(found: Sequence[Contents], style: Style) -> str:
    """Return what the bundles say, under a warning."""
    lines = [style.unsure(_WARNING)]
    for contents in found:
        lines += ["", *_bundle(contents, style)]
    return "\n".join(lines) + "\n"


def as_json(contents: Contents) -> dict[str, object]:
    """Return one result of the JSON document."""
    result: dict[str, object] = {
        "source": contents.source,
        "verified": False,
        "bundleVersion": contents.version,
        "logEntries": [document.log_entry(entry) for entry in contents.log_entries],
        "timestamps": [time.isoformat() if time else None for time in contents.timestamps],
    }
    if contents.envelope is not None:
        result["payloadType"] = contents.envelope.payload_type
    if contents.statement is not None:
        result["predicateType"] = contents.statement.predicate_type
        result["subjects"] = [
            {"name": s.name, "digest": document.digest_set(s.digests)}
            for s in contents.statement.subjects
        ]
        result["predicate"] = contents.statement.predicate
    if contents.message is not None:
        result["messageDigest"] = {contents.message.algorithm: contents.message.digest.hex()}
    if contents.problem:
        result["problem"] = contents.problem
    if contents.certificate is not None:
        result["certificate"] = _certificate_json(contents.certificate)
    if contents.key_hint is not None:
        result["keyHint"] = contents.key_hint
    return result


def statement_text(contents: Contents) -> str:
    """Return the statement's own bytes, as they were signed.

    Raises:
        UsageError: there is no statement in the bundle.
    """
    if contents.statement is None:
        raise _no_statement(contents)
    return contents.statement.payload.decode("utf-8")


def envelope_text(contents: Contents) -> str:
    """Return the DSSE envelope as one line of JSON.

    Raises:
        UsageError: there is no envelope in the bundle.
    """
    if contents.envelope_json is None:
        raise _no_statement(contents)
    return contents.envelope_json.decode("utf-8")


def _no_statement(contents: Contents) -> UsageError:
    return UsageError(
        f"{contents.source}: there is no statement in it to export"
        + (", but a signature over a file" if contents.message is not None else ""),
        hint=f"Look at what it holds: slsa-gen inspect {contents.source}",
        reason=Reason.USAGE_NOTHING,
    )


def _bundle(contents: Contents, style: Style) -> list[str]:
    lines = [
        f"{style.strong(printable(contents.source))}: Sigstore bundle {printable(contents.version)}"
    ]
    if contents.statement is not None:
        lines += _statement(contents.statement)
    elif contents.problem:
        lines.append(f"  statement:  cannot be read: {printable(contents.problem)}")
    if contents.message is not None:
        digest = f"{contents.message.algorithm}:{contents.message.digest.hex()}"
        lines.append(f"  signature over a file: {printable(digest)}")
    if contents.certificate is not None:
        lines += _certificate(contents.certificate)
    if contents.key_hint is not None:
        lines.append(f"  key:        {printable(contents.key_hint)}")
    for entry in contents.log_entries:
        when = f" at {entry.integrated_at.isoformat()}" if entry.integrated_at else ""
        lines.append(f"  log entry:  {entry.index} ({printable(entry.kind)}){when}")
        lines.append(f"              log {entry.log_id}")
    for time in contents.timestamps:
        lines.append(f"  timestamp:  {time.isoformat() if time else 'cannot be read'}")
    return lines


def _statement(statement: Statement) -> list[str]:
    lines = [f"  predicate:  {printable(statement.predicate_type)}"]
    for subject in statement.subjects[:_LISTED]:
        digests = " ".join(str(d) for d in subject.digests) or "(no digest that is known here)"
        lines.append(f"  subject:    {printable(subject.name)}  {printable(digests)}")
    if len(statement.subjects) > _LISTED:
        lines.append(f"              … and {len(statement.subjects) - _LISTED:,} more")
    return lines


def _certificate(certificate: CertificateContents) -> list[str]:
    lines = []
    if certificate.not_before is not None and certificate.not_after is not None:
        lines.append(
            f"  valid:      {certificate.not_before.isoformat()} to "
            f"{certificate.not_after.isoformat()}"
        )
    if certificate.problem:
        lines.append(f"  certificate: {printable(certificate.problem)}")
    if certificate.signer is not None:
        fields = document.signer_fields(certificate.signer)
        width = max(map(len, fields))
        lines.append("  certificate says:")
        lines += [f"    {name:<{width}}  {printable(value)}" for name, value in fields.items()]
    return lines


def _certificate_json(certificate: CertificateContents) -> dict[str, object]:
    result: dict[str, object] = {"fingerprint": f"sha256:{certificate.fingerprint}"}
    if certificate.not_before is not None and certificate.not_after is not None:
        result["notBefore"] = certificate.not_before.isoformat()
        result["notAfter"] = certificate.not_after.isoformat()
    if certificate.signer is not None:
        result["signer"] = document.signer_fields(certificate.signer)
    if certificate.problem:
        result["problem"] = certificate.problem
    return result
