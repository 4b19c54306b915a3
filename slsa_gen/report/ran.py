"""What ``run`` put on record, for people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slsa_gen.report import attested
from slsa_gen.report.text import command, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.attestation import AttestResult
    from slsa_gen.model.step import StepRecord
    from slsa_gen.report.style import Style

#: Characters of a command that are shown; the link holds all of it.
_SHOWN: int = 200
#: What a command that failed left is nothing to be handed on, so no command verifies it.
_FAILED: str = (
    "The command failed: there is no provenance, and no layout counts this link. To read it:\n"
    "  slsa-gen inspect {bundle} --export statement"
)


def written(
    record: StepRecord, result: AttestResult, files: Sequence[str], sigstore: str, style: Style
) -> str:
    """Return the report of one step whose statements were signed.

    Args:
        record: The step.
        result: What was attested: provenance and link, or a link alone where it failed.
        files: Paths of its products, as a person would type them.
        sigstore: The name of the Sigstore that signed, as ``--sigstore`` takes it.
        style: Colours, or none.
    """
    first, *further = result.attestations
    lines = [*_step_lines(record)]
    for attestation in further:
        entries = ", ".join(f"entry {e.index}" for e in attestation.log_entries)
        lines.append(f"link:    {attestation.statement.predicate_type} (log: {entries})")
    text = attested.written(
        replace(result, attestations=(first,)),
        files,
        sigstore,
        style,
        instead=_FAILED if record.exit_status else "",
    )
    return "\n".join([*lines, text])


def classic(record: StepRecord, path: str, key_id: str, style: Style) -> str:
    """Return the report of one step whose classic link was written.

    Args:
        record: The step.
        path: The link's file.
        key_id: The id of the key that signed it.
        style: Colours, or none.
    """
    products = "1 product" if len(record.products) == 1 else f"{len(record.products):,} products"
    return "\n".join(
        [
            *_step_lines(record),
            f"{style.good('recorded')} {products} in a classic link, and in nothing else",
            f"signer:  key {printable(key_id)}",
            f"link:    {printable(path)}",
        ]
    )


def _step_lines(record: StepRecord) -> list[str]:
    words = command(*record.command)
    shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
    return [
        f"step:    {printable(record.name)}: {printable(shown)}",
        f"status:  {record.exit_status}",
        f"from:    {_materials(record)}",
    ]


def _materials(record: StepRecord) -> str:
    count = len(record.materials)
    files = "1 file" if count == 1 else f"{count:,} files"
    if record.commit is None:
        return files
    said = f"commit {record.commit.digest}"
    if count:
        said += f" and {files} (changed since, or lock files)"
    return f"{said}, without {len(record.deleted):,} of its files" if record.deleted else said
