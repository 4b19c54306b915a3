"""What a workflow's runner is told: commands in the log, and files for outputs and summary.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands. Every
value may be somebody else's words; nothing in it is ever taken for a command.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: A file that the runner made; opening a pipe in its place must not wait.
_APPEND: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK


def escaped(text: str) -> str:
    """Return the text as the data of a command: on one line, and as the runner reads it back."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command(name: str, data: str = "", **properties: str) -> str:
    """Return one command, as a line without its end.

    Args:
        name: Such as ``error`` or ``group``.
        data: What follows the second ``::``.
        properties: What stands before it; empty ones are left out.
    """
    told = ",".join(
        f"{key}={escaped(value).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
        if value
    )
    return f"::{name}{' ' if told else ''}{told}::{escaped(data)}"


def output(name: str, value: str) -> str:
    """Return the lines by which ``GITHUB_OUTPUT`` takes one output, of any number of lines."""
    import secrets  # noqa: PLC0415 (the command line, which needs only masks, must start fast)

    delimiter = f"end_{secrets.token_hex(16)}"
    while delimiter in value:
        delimiter = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def append(path: Path, text: str) -> None:
    """Add to a file of the runner's; a name in it that is not UTF-8 stays as it is.

    Raises:
        OSError: it cannot be written.
    """
    descriptor = os.open(path, _APPEND, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
