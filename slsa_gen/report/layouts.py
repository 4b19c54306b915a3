"""What a layout demands, and that one was signed, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.publication import PublicationOutcome
from slsa_gen.report.text import as_path, command, printable

if TYPE_CHECKING:
    from datetime import datetime

    from slsa_gen.model.attestation import AttestResult
    from slsa_gen.model.layout import DemandedStep, Demands
    from slsa_gen.report.style import Style


def written(demands: Demands, style: Style, now: datetime) -> str:
    """Return what a layout demands.

    Args:
        demands: What it says.
        style: Colours, or none.
        now: Whether it has expired is said.
    """
    expired = f"  {style.bad('EXPIRED')}" if demands.expires <= now else ""
    count = len(demands.steps)
    steps = f"{count} step{'' if count == 1 else 's'}"
    lines = [
        f"{printable(demands.source)}: a {demands.kind} layout of {steps}",
        f"expires:   {demands.expires.isoformat()}{expired}",
        f"artifact:  a product of the step {printable(repr(demands.artifact))}",
    ]
    for step in demands.steps:
        lines += _step(step, style)
    for name, words in demands.inspections:
        lines += [
            f"inspection {printable(repr(name))}  {style.unsure('runs a command when verified')}",
            f"  command:   {command(*words)}",
        ]
    return "\n".join(lines) + "\n"


def signed(result: AttestResult, layout: str, sigstore: str, style: Style) -> str:
    """Return the report of a layout that was signed.

    Args:
        result: The bundle, and where it is.
        layout: The path of the layout.
        sigstore: The name of the Sigstore that signed, as ``--sigstore`` takes it.
        style: Colours, or none.
    """
    (attestation,) = result.attestations
    signer = attestation.signer
    reused = result.file.outcome is PublicationOutcome.REUSED
    word = style.good("already signed" if reused else "signed")
    arguments = ["slsa-gen", "verify", "ARTIFACT", "--layout", as_path(layout)]
    arguments += ["--cert-identity", signer.subject_alternative_name]
    arguments += ["--cert-oidc-issuer", signer.issuer or ""]
    if result.file.location != f"{layout}.intoto.jsonl":
        arguments += ["--bundle", as_path(result.file.location)]
    if sigstore != "public-good":
        arguments += ["--sigstore", sigstore]
    lines = [
        f"{word}  {printable(layout)}",
        f"signer:  {printable(signer.subject_alternative_name)}",
        f"issuer:  {printable(signer.issuer or '')}",
        *(
            f"log:     entry {e.index}  {printable(e.place)}".rstrip()
            for e in attestation.log_entries
        ),
        f"bundle:  {printable(result.file.location)}",
        "",
        "Whoever has the layout, its bundle and the links verifies with:",
        f"  {command(*arguments)}",
    ]
    return "\n".join(lines) + "\n"


def _step(step: DemandedStep, style: Style) -> list[str]:
    number = len(step.people)
    lines = [f"step {printable(repr(step.name))}, done by {step.threshold} of {number}:"]
    lines += [f"  {printable(one)}" for one in step.people]
    if step.command:
        lines.append(f"  command:   {command(*step.command)}")
    for side, rules in (("materials", step.materials), ("products", step.products)):
        lines += [f"  {f'{side}:':<11}{printable(rule)}" for rule in rules]
        if side in step.lets_through:
            note = style.unsure("(no DISALLOW *: whatever no rule names is let through)")
            lines.append(f"  {f'{side}:':<11}{note}")
    if step.may_lack:
        note = style.unsure("(no REQUIRE: a link that records no materials passes)")
        lines.append(f"  materials: {note}")
    return lines
