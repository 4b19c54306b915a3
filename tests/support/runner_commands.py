"""How a workflow's runner reads a step's log and its files, as actions/runner does it.

Read in ``ActionCommand.cs``, ``ActionCommandManager.cs`` and ``FileCommandManager.cs`` of
actions/runner: one state of stopped commands for both streams, the old form ``##[…]`` anywhere
in a line, masks that count from the line on that tells them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The commands that the runner knows; any other ``::word::`` is text.
_KNOWN: Final = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "warning",
    }
)
_ANNOTATIONS: Final = ("error", "warning", "notice")
_STOP: Final = "stop-commands"
#: Bytes of a summary; of a larger one the runner takes nothing.
SUMMARY_BYTES: Final = 1024 * 1024


class RunnerError(Exception):
    """The runner refuses what a step wrote."""


@dataclass(frozen=True)
class Command:
    """One command that was obeyed."""

    name: str
    data: str
    properties: dict[str, str]


@dataclass
class Log:
    """A step's log as the runner makes it of what was printed.

    Attributes:
        shown: What a person sees, masked.
        obeyed: The commands that the runner obeyed, in order; masks only by their number.
        masks: The values that are hidden.
    """

    shown: list[str] = field(default_factory=list)
    obeyed: list[Command] = field(default_factory=list)
    masks: set[str] = field(default_factory=set)
    _stopped: str = ""

    @property
    def text(self) -> str:
        """Return what a person sees."""
        return "\n".join(self.shown)

    @property
    def annotations(self) -> list[Command]:
        """Return the annotations that were asked for."""
        return [c for c in self.obeyed if c.name in _ANNOTATIONS]

    @property
    def is_stopped(self) -> bool:
        """Tell whether a step left commands stopped."""
        return bool(self._stopped)

    def read(self, lines: Iterable[str]) -> None:
        """Take what a stream printed, line by line."""
        for line in lines:
            command = _parsed(line, {*_KNOWN, _STOP, self._stopped.lower()} - {""})
            if command is None or not self._obey(command):
                self._show(line)

    def _obey(self, command: Command) -> bool:
        if self._stopped:
            if command.name.lower() != self._stopped.lower():
                return False
            self._stopped = ""
            return False  # shown, like any other line
        if command.name == _STOP:
            self._stopped = command.data
            return False
        if command.name == "add-mask":
            if command.data.strip():
                self.masks.add(command.data)
            self.obeyed.append(Command("add-mask", "", {}))
            return True
        self.obeyed.append(command)
        if command.name in (*_ANNOTATIONS, "group", "endgroup"):
            self._show(f"##[{command.name}]{command.data}")
        return True

    def _show(self, line: str) -> None:
        for secret in sorted(self.masks, key=len, reverse=True):
            line = line.replace(secret, "***")
        self.shown.append(line)


def _parsed(line: str, known: set[str]) -> Command | None:
    return _parsed_new(line, known) or _parsed_old(line, known)


def _parsed_new(line: str, known: set[str]) -> Command | None:
    text = line.lstrip()
    if not text.startswith("::") or "::" not in text[2:]:
        return None
    head, _, data = text[2:].partition("::")
    name, _, told = head.partition(" ")
    if name.lower() not in known:
        return None
    pairs = (part.strip().partition("=") for part in told.split(",") if part.strip())
    properties = {key: _unescaped_property(value) for key, equals, value in pairs if equals}
    return Command(name, _unescaped(data), properties)


def _parsed_old(line: str, known: set[str]) -> Command | None:
    _, mark, rest = line.partition("##[")
    head, bracket, data = rest.partition("]")
    name, _, _ = head.partition(" ")
    if not mark or not bracket or name.lower() not in known:
        return None
    return Command(name, data, {})


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _unescaped_property(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
        text = text.replace(code, character)
    return text.replace("%25", "%")


def lines_of(stream: bytes) -> list[str]:
    """Return the lines of a stream; a carriage return alone ends one too."""
    text = stream.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text.removesuffix("\n").split("\n") if text else []


def read_outputs(content: str) -> dict[str, str]:
    """Return the pairs of a ``GITHUB_OUTPUT`` file.

    Raises:
        RunnerError: a line that is no pair, or a value without an end.
    """
    pairs: dict[str, str] = {}
    lines = iter(content.replace("\r\n", "\n").split("\n"))
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            pairs[line[:equals]] = line[equals + 1 :]
        elif heredoc > 0:
            pairs[line[:heredoc]] = _until(lines, line[heredoc + 2 :])
        else:
            raise RunnerError(f"Invalid format '{line}'")
    return pairs


def _until(lines: Iterable[str], delimiter: str) -> str:
    if not delimiter:
        raise RunnerError("Invalid format: delimiter must not be empty")
    value: list[str] = []
    for line in lines:
        if line == delimiter:
            return "\n".join(value)
        value.append(line)
    raise RunnerError(f"Invalid value. Matching delimiter not found '{delimiter}'")


def read_summary(content: bytes) -> str:
    """Return a step's summary.

    Raises:
        RunnerError: it is larger than the runner takes.
    """
    if len(content) > SUMMARY_BYTES:
        raise RunnerError(
            f"$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, "
            f"got {len(content) // 1024}k"
        )
    return content.decode("utf-8")
