"""Why a pattern finds no file: the likeliest cause, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown
from slsa_gen.subjects.patterns import below
from slsa_gen.subjects.source import in_a_container

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.subjects.patterns import Pattern
    from slsa_gen.subjects.source import Source


@dataclass(slots=True)
class Finding:
    """What one pattern found, and what it met besides.

    Attributes:
        files: Each file once, by its absolute path.
        skipped: Absolute paths of evidence files that it passed over.
        folders: How many folders it matched.
        excluded: Whether an exclude left something out.
    """

    files: dict[str, Source] = field(default_factory=dict)
    skipped: Sequence[str] = ()
    folders: int = 0
    excluded: bool = False


def nothing(pattern: Pattern, finding: Finding, base: str) -> SubjectError:
    """Return the error for a pattern that finds no file, with the likeliest cause."""
    text = shown(pattern.text)
    if finding.excluded:
        return SubjectError(
            f"the excludes after it leave nothing of the pattern {text}",
            reason=Reason.SUBJECT_EXCLUDED,
            hint="Take the pattern out, or narrow the excludes (the lines with '!').",
        )
    if finding.skipped:
        example = shown(below(min(finding.skipped), base))
        return SubjectError(
            f"the pattern {text} matches only evidence files, which globs pass over: "
            f"{len(finding.skipped)}, such as {example}",
            reason=Reason.SUBJECT_ONLY_EVIDENCE,
            hint=f"To attest one, name it without a wildcard: {example}",
        )
    if finding.folders:
        return SubjectError(
            f"the pattern {text} matches only folders ({finding.folders}), a subject is a file",
            reason=Reason.SUBJECT_DIRECTORY,
            hint=f"For all files in them write: {shown(pattern.text + '/**')}",
        )
    what = "no file matches the pattern" if pattern.parts else "there is no file"
    return SubjectError(
        f"{what} {text} (relative paths start at {shown(base)})",
        reason=Reason.SUBJECT_NO_MATCH,
        hint=_no_match_hint(pattern.text, base),
    )


def leading_exclude(pattern: Pattern) -> SubjectError:
    """Return the error for an exclude that no pattern stands before."""
    return SubjectError(
        f"the exclude {shown(pattern.text)} stands before every pattern, "
        "an exclude counts for the patterns before it",
        reason=Reason.SUBJECT_PATTERN,
        hint="Put a pattern before it. "
        f"A file whose name begins with '!' is written {shown('./' + pattern.text)}.",
    )


def _no_match_hint(text: str, base: str) -> str:
    """Return what is most often behind a pattern that matches nothing."""
    if text != text.strip():
        return "The pattern begins or ends with a blank, and blanks are part of a name."
    if "," in text:
        return "A comma is part of a name: write one path or pattern a line."
    if "{" in text:
        return "Braces are not expanded: write one path or pattern a line."
    if text.startswith("~"):
        return "~ is not expanded here: write the whole path, or $HOME for your shell."
    if "\\" in text:
        return "A backslash is part of a name: folders are separated by '/'."
    return in_a_container(text, base) or (
        "Did the build write it elsewhere, or under another name? Look with: ls -R"
    )
