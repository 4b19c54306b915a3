"""What ``verify`` found, for people: a line for what is accepted, the reasons for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.model.verdict import Outcome, Standing
from slsa_gen.report.problem import lines_of
from slsa_gen.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.verdict import AttestationVerdict, BuildLevel, Check, Verdict
    from slsa_gen.report.style import Style


def written(
    verdict: Verdict, style: Style, *, in_full: bool = True, every_check: bool = False
) -> str:
    """Return the report on one artifact.

    Args:
        verdict: What became of it.
        style: Colours, or none.
        in_full: Whether an accepted artifact is told in full, and not in one line; a refusal
            always says why.
        every_check: Whether checks that passed are listed too.
    """
    lines = _verdict(verdict, style, in_full=in_full or every_check, every_check=every_check)
    return "\n".join(lines) + "\n"


def summary(counts: Mapping[Outcome, int]) -> str:
    """Return the last line of a call with several artifacts."""
    told = [f"{counts[outcome]:,} {outcome.value}" for outcome in Outcome if counts.get(outcome)]
    return f"{sum(counts.values()):,} artifacts: {', '.join(told)}\n"


def _verdict(verdict: Verdict, style: Style, *, in_full: bool, every_check: bool) -> list[str]:
    lines = [_headline(verdict, style)]
    if verdict.problem is not None:
        lines.append(f"  {lines_of(verdict.problem.message, '  ')}")
        if verdict.problem.hint:
            lines.append(f"  to do: {lines_of(verdict.problem.hint, '         ')}")
        lines.append(f"  reason: {verdict.problem.reason}")
    if verdict.outcome is Outcome.ACCEPTED and not in_full:
        return lines
    for attestation in verdict.attestations:
        if verdict.outcome is Outcome.ACCEPTED and not attestation.accepted and not every_check:
            continue
        lines += _attestation(attestation, style, every_check=every_check)
    return lines


def _headline(verdict: Verdict, style: Style) -> str:
    word = {
        Outcome.ACCEPTED: style.good("accepted "),
        Outcome.REFUSED: style.bad("REFUSED  "),
        Outcome.UNDECIDED: style.unsure("UNDECIDED"),
    }[verdict.outcome]
    level = verdict.level
    said = "" if level is None else f"  {_level_name(level)}"
    if any(a.accepted and _by_sandbox(a) for a in verdict.attestations):
        said = "  sandbox: proves nothing to anyone else"
    digest = next(iter(verdict.digests), None)
    shown = "" if digest is None or str(digest) == verdict.artifact else f"  {digest}"
    return f"{word}  {printable(verdict.artifact)}{shown}{said}"


def _by_sandbox(attestation: AttestationVerdict) -> bool:
    return attestation.signer is not None and attestation.signer.issuer == SANDBOX_ISSUER


def _attestation(attestation: AttestationVerdict, style: Style, *, every_check: bool) -> list[str]:
    by_layout = any(check.rule.startswith("layout.") for check in attestation.checks)
    word = "layout:    " if by_layout else "bundle:    "
    lines = [f"  {word}{printable(attestation.source)}"]
    signer = attestation.signer
    if signer is not None:
        lines.append(f"  signer:    {printable(signer.subject_alternative_name)}")
        lines.append(f"  issuer:    {printable(signer.issuer or '(none)')}")
        if signer.source_repository_uri:
            lines.append(
                f"  source:    {printable(signer.source_repository_uri)} at "
                f"{printable(signer.source_repository_digest or '?')} "
                f"({printable(signer.source_repository_ref or '?')})"
            )
        if signer.build_trigger:
            lines.append(f"  event:     {printable(signer.build_trigger)}")
    if attestation.predicate_type is not None:
        lines.append(f"  predicate: {printable(attestation.predicate_type)}")
    if attestation.signed_at is not None:
        lines.append(f"  signed:    {attestation.signed_at.isoformat()}")
    lines += [
        f"  log entry: {e.index}  {printable(e.place)}".rstrip() for e in attestation.log_entries
    ]
    if by_layout and attestation.accepted and not every_check:
        lines += _steps(attestation)
    for check in attestation.checks:
        if every_check or not check.passed:
            lines += _check(check, style)
    if attestation.accepted and attestation.level is not None:
        lines += _level(attestation.level, style)
    return lines


def _steps(attestation: AttestationVerdict) -> list[str]:
    """Return who did each step of a layout that holds, and how much was held against it."""
    rules = sum(check.rule == "layout.artifact-rule" for check in attestation.checks)
    lines = []
    for check in attestation.checks:
        if check.rule == "layout.threshold":
            step = check.expected.rpartition(": ")[0].removeprefix("step ")
            who = check.found.partition("; ")[0]  # and not whose links were passed over
            lines.append(f"  step:      {printable(step)} by {printable(who)}")
    return [*lines, f"  rules:     {rules:,}, and all hold"]


def _check(check: Check, style: Style) -> list[str]:
    mark = style.good("ok    ") if check.passed else style.bad("failed")
    lines = [
        f"  {mark} {printable(check.rule)}",
        f"           expected: {printable(check.expected)}",
        f"           found:    {printable(check.found)}",
    ]
    if check.passed:
        return lines
    if check.hint:
        # Hints of checks may repeat what a bundle says: one line, whatever is in it.
        lines.append(f"           to do:    {printable(check.hint)}")
    lines.append(f"           reason:   {check.reason}")
    return lines


def _level_name(level: BuildLevel) -> str:
    return f"SLSA Build L{level.level}" if level.level else "no SLSA Build level"


def _level(level: BuildLevel, style: Style) -> list[str]:
    marks = {
        Standing.PROVED: style.good("proved        "),
        Standing.CLAIMED: style.unsure("claimed       "),
        Standing.UNSEEN: style.unsure("cannot be seen"),
        Standing.VIOLATED: style.bad("violated      "),
    }
    lines = [f"  level:     {style.strong(_level_name(level))}, because"]
    lines += [
        f"    {marks[r.standing]}  {r.name} (L{r.level}): {printable(r.why)}"
        for r in level.requirements
    ]
    return lines
