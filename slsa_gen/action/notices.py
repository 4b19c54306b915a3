"""Errors as annotations: what happened and what to do, where a maintainer looks first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slsa_gen.action import remedies
from slsa_gen.github import runner
from slsa_gen.report.problem import lines_of
from slsa_gen.report.refusals import reasons
from slsa_gen.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    Document = dict[str, Any]

#: GitHub shows so many annotations of one kind for a step, and leaves out the others.
_SHOWN: Final = 10
#: The runner cuts an annotation's message here; the remedy must not be what is cut away.
_MESSAGE: Final = 4000
_REASONS: Final = 3


def written(document: Document) -> list[str]:
    """Return the commands, a line each, for what was not done or not accepted.

    Args:
        document: The command's JSON document, parsed.
    """
    told = list(_annotations(document))
    if len(told) > _SHOWN:
        kept = _SHOWN - 1
        more = runner.command(
            "error",
            f"… and {len(told) - kept:,} more: the log and the job's summary name them all",
            title=f"slsa-gen {document['command']}",
        )
        return [*told[:kept], more]
    return told


def _annotations(document: Document) -> Iterator[str]:
    name = document["command"]
    for error in document["errors"]:
        yield _error(name, error["reason"], error["message"], error["hint"])
    if name != "verify":
        return
    for result in document["results"]:
        if result["verdict"] != "accepted":
            yield _refused(result)


def _refused(result: Document) -> str:
    found = list(reasons(result))
    message = f"{result['artifact']!r} was {_word(result['verdict'])}\n" + "\n".join(
        one.told for one in found[:_REASONS]
    )
    if len(found) > _REASONS:
        message += f"\n… and {len(found) - _REASONS} more reasons, which the log lists"
    hint = next((one.hint for one in found if one.hint), "")
    return _error("verify", found[0].reason if found else "refused", message, hint)


def _word(verdict: str) -> str:
    return "not decided" if verdict == "undecided" else str(verdict)


def _error(command: str, reason: str, message: str, hint: str) -> str:
    remedy = f"\nTo do: {lines_of(remedies.told(command, message, hint), '')}" if hint else ""
    room = max(_MESSAGE - len(remedy), 0)
    told = lines_of(message, "")
    if len(told) > room:
        told = f"{told[: room - 1]}…"
    return runner.command(
        "error", f"{told}{remedy}"[:_MESSAGE], title=f"slsa-gen {command}: {printable(reason)}"
    )
