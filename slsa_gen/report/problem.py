"""An error, for people: what happened, what to do, and the code the manual lists it under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.report.text import no_command, printable

if TYPE_CHECKING:
    from slsa_gen.errors import SlsaGenError
    from slsa_gen.model.problem import Problem
    from slsa_gen.report.style import Style


def written(error: SlsaGenError | Problem, style: Style) -> str:
    """Return the lines for one error.

    ::

        error: what happened, with got and expected
          to do: what mends it
          reason: subject.no-match
    """
    lines = [f"{style.bad('error:')} {lines_of(error.message, '       ')}"]
    if error.hint:
        lines.append(f"  {style.strong('to do:')} {lines_of(error.hint, '    ')}")
    lines.append(f"  reason: {error.reason}")
    return "\n".join(lines) + "\n"


def lines_of(text: str, indent: str) -> str:
    """Return text of one or more lines, each harmless, the further ones indented.

    No line begins with ``::``: a workflow's runner would take it for a command, blanks before
    it or not, and some of the text may be somebody else's.
    """
    first, *rest = text.splitlines() or [""]
    further = (f"{indent}{no_command(printable(line))}".rstrip() for line in rest)
    return "\n".join([printable(first), *further])
