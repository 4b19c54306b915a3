"""Text from outside, made harmless for a terminal, a shell and a log."""

from __future__ import annotations

import re
import shlex
import unicodedata
from typing import Final

# Controls, format characters (among them those that turn text around) and line ends.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN: Final = re.compile(r"[ -~]*")


def printable(text: str) -> str:
    r"""Return the text with every character that could steer a terminal written as an escape.

    An ESC becomes the four characters ``\x1b``; letters of any script stay. ``##[``, with
    which a workflow's runner lets a command begin anywhere in a line, is broken up.
    """
    text = text.replace("##[", "##\\x5b")
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNSAFE
        else character
        for character in text
    )


def no_command(line: str) -> str:
    r"""Return a line that a workflow's runner does not take for a command.

    One that begins with ``::`` (blanks before it do not count) begins with ``\x3a:`` instead.
    """
    text = line.lstrip()
    return line.replace("::", "\\x3a:", 1) if text.startswith("::") else line


def quoted(argument: str) -> str:
    """Return the text as one argument of a POSIX shell, fit to be pasted.

    Characters that could steer a terminal are written in the shell's ``$'…'`` form.
    """
    if printable(argument) == argument:
        return shlex.quote(argument)
    body = "".join(_ansi_c(character) for character in argument)
    return f"$'{body}'"


def command(*arguments: str) -> str:
    """Return a command line that can be pasted into a POSIX shell."""
    return " ".join(quoted(argument) for argument in arguments)


def as_path(path: str) -> str:
    """Return a path as an argument that is taken for nothing else: no option, no digest."""
    is_plain = not path.startswith("-") and ":" not in path.partition("/")[0]
    return path if is_plain else f"./{path}"


def _ansi_c(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if unicodedata.category(character) not in _UNSAFE:
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
