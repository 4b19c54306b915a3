"""What ``attest`` did, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.model.instance import IMPLIED_ISSUERS
from slsa_gen.model.publication import PublicationOutcome
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX
from slsa_gen.report.text import as_path, command, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.attestation import Attestation, AttestResult
    from slsa_gen.model.identity import SignerIdentity
    from slsa_gen.model.publication import Publication
    from slsa_gen.model.subject import Subject
    from slsa_gen.report.style import Style

#: Subjects and log entries that are listed before the rest is only counted.
_LISTED: Final = 20


def written(
    result: AttestResult, files: Sequence[str], sigstore: str, style: Style, *, instead: str = ""
) -> str:
    """Return the report of one run.

    Args:
        result: What was attested.
        files: Paths of the files that were hashed, as a person would type them.
        sigstore: The name of the Sigstore that signed, as ``--sigstore`` takes it.
        style: Colours, or none.
        instead: Words to end with, ``{bundle}`` in them, where nothing of it is to be verified.
    """
    first = result.attestations[0]
    subjects = [s for a in result.attestations for s in a.statement.subjects]
    lines = [
        _headline(result, len(subjects), style),
        *_subject_lines(subjects),
        f"signer:  {printable(first.signer.subject_alternative_name)}",
        f"issuer:  {printable(first.signer.issuer or '')}",
    ]
    if first.signer.source_repository_digest:
        lines.append(
            f"source:  {printable(first.signer.source_repository_uri or '')} at "
            f"{printable(first.signer.source_repository_digest)} "
            f"({printable(first.signer.source_repository_ref or '')})"
        )
    lines += _log_lines(result)
    lines.append(f"bundle:  {printable(result.file.location)}")
    for publication in result.publications[1:]:
        lines += _publication_lines(publication, first.signer, style)
    if instead:
        lines += ["", instead.format(bundle=command(as_path(result.file.location)))]
    else:
        lines += _how_to_verify(result, files, sigstore)
    return "\n".join(lines) + "\n"


def _headline(result: AttestResult, count: int, style: Style) -> str:
    # What one target already had went to the others as it is: nothing was signed anew.
    reused = any(p.outcome is PublicationOutcome.REUSED for p in result.publications)
    kind = result.attestations[0].statement.predicate_type
    said = "already attested" if reused else "attested"
    statements = len(result.attestations)
    parts = "" if statements == 1 else f" in {statements} statements"
    subjects = "1 subject" if count == 1 else f"{count:,} subjects"
    return f"{style.good(said)} {subjects}{parts}: {printable(kind)}"


def _subject_lines(subjects: Sequence[Subject]) -> list[str]:
    lines = [
        f"  {digest}  {printable(subject.name)}"
        for subject in subjects[:_LISTED]
        for digest in subject.digests
    ]
    if len(subjects) > _LISTED:
        lines.append(f"  … and {len(subjects) - _LISTED:,} more")
    return lines


def _log_lines(result: AttestResult) -> list[str]:
    entries = [entry for a in result.attestations for entry in a.log_entries]
    lines = [f"log:     entry {e.index}  {printable(e.place)}".rstrip() for e in entries[:3]]
    if len(entries) > len(lines):
        lines.append(f"         … and {len(entries) - len(lines)} more entries")
    if result.extra_entries:
        lines.append(
            f"         The log holds {result.extra_entries} further "
            f"{'entry' if result.extra_entries == 1 else 'entries'} of these statements: an "
            "answer was lost after the log had accepted. They do no harm."
        )
    return lines


def _publication_lines(publication: Publication, signer: SignerIdentity, style: Style) -> list[str]:
    """Return what became of a target besides the file, and what is still to be done."""
    label = f"{publication.target + ':':<9}"
    if publication.problem is not None:
        return [f"{label}{style.bad('failed')} ({publication.problem.reason}): see the error"]
    said = {
        PublicationOutcome.REUSED: "already there",
        PublicationOutcome.PUBLISHED: "uploaded",
    }.get(publication.outcome, publication.outcome.value)
    lines = [f"{label}{said}: {printable(publication.asset)}  {printable(publication.location)}"]
    if publication.draft:
        repository = _path_of(signer.source_repository_uri)
        host = (signer.source_repository_uri or "").split("/")[2:3]
        if host and host[0].endswith(".ghe.com"):
            repository = f"{host[0]}/{repository}"
        then = command(
            *("gh", "release", "edit", publication.draft, "--draft=false", "--repo", repository)
        )
        lines.append(f"         The release is a draft. To publish it: {then}")
    return lines


def _how_to_verify(result: AttestResult, files: Sequence[str], sigstore: str) -> list[str]:
    arguments = verify_arguments(result.attestations[0], files, result.file.location)
    if sigstore != "public-good":
        arguments += ["--sigstore", sigstore]
    return ["", "Anyone who has the file and the bundle verifies with:", f"  {command(*arguments)}"]


def verify_arguments(attestation: Attestation, files: Sequence[str], bundle: str) -> list[str]:
    """Return the command with which a user verifies one of the subjects."""
    subject = attestation.statement.subjects[0]
    artifact = as_path(files[0]) if files else str(subject.digests[0])
    arguments = ["slsa-gen", "verify", artifact]
    if not files or bundle != f"{files[0]}.intoto.jsonl":
        arguments += ["--bundle", as_path(bundle)]
    signer = attestation.signer
    predicate_type = attestation.statement.predicate_type
    repository = _path_of(signer.source_repository_uri)
    if not repository:  # a person's: there is no run whose predicate would go without saying
        arguments += ["--cert-identity", signer.subject_alternative_name]
        arguments += ["--cert-oidc-issuer", signer.issuer or ""]
        return [*arguments, "--predicate-type", predicate_type]
    arguments += ["--repo", repository]
    if not _inside(signer.build_signer_uri, signer.source_repository_uri):
        arguments += ["--signer-repo", "/".join(_path_of(signer.build_signer_uri).split("/")[:2])]
    if signer.issuer and signer.issuer not in IMPLIED_ISSUERS:
        arguments += ["--cert-oidc-issuer", signer.issuer]
    if not predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        arguments += ["--predicate-type", predicate_type]
    return arguments


def _path_of(uri: str | None) -> str:
    return "/".join((uri or "").split("/")[3:])


def _inside(uri: str | None, repository: str | None) -> bool:
    return (uri or "").lower().startswith(f"{repository}/".lower())
