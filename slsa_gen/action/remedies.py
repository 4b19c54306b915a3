"""What to do, in the words of a workflow: a step has inputs, where a command line has options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from slsa_gen.action.inputs import GITHUB_TOKEN, told_as

if TYPE_CHECKING:
    Document = dict[str, Any]

_OPTION: Final = re.compile(r"--([a-z0-9][a-z0-9-]*)")
_VARIABLE: Final = "GITHUB_TOKEN"


def told(command: str, message: str, hint: str) -> str:
    """Return a hint with what its words are called in a step.

    Args:
        command: ``attest``, ``run`` or ``verify``.
        message: What happened; its options are named where the hint names none.
        hint: What to do; what is empty stays empty.
    """
    if not hint:
        return ""
    names = _inputs(command, hint) or _inputs(command, message)
    words = [f"--{option} is the input {name}" for option, name in names.items()]
    if _VARIABLE in hint and command == "attest":
        words.append(
            f"{_VARIABLE} is the input {GITHUB_TOKEN}: leave it out, and it is the job's own token"
        )
    return f"{hint}\n(In this step {', '.join(words)}.)" if words else hint


def in_a_step(document: Document) -> Document:
    """Return a command's JSON document with the hints of its errors told so."""
    command = document["command"]
    errors = [
        error | {"hint": told(command, error["message"], error["hint"])}
        for error in document["errors"]
    ]
    return document | {"errors": errors}


def _inputs(command: str, text: str) -> dict[str, str]:
    """Return the options of a text that are inputs, each once, and what those are called."""
    names = told_as(command)
    return {option: names[option] for option in _OPTION.findall(text) if option in names}
