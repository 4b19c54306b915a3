"""argparse, bent to our rules: no abbreviations, and an error is a value with a reason."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    # argparse gives the types of add_subparsers() and add_argument_group() no public names.
    Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 (see above)
    Group: TypeAlias = "argparse._ArgumentGroup"  # noqa: SLF001 (see above)


class Parser(argparse.ArgumentParser):
    """An argument parser that raises :class:`UsageError` instead of ending the process."""

    def __init__(
        self,
        *,
        prog: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
        **_ignored: object,
    ) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self._near = ""
        #: Whether what follows the first ``--`` is another program's command line: ``cmd``.
        self.takes_command = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 (as argparse)
        """Parse, and refuse here what is not known, so that the command itself says so.

        Raises:
            UsageError: something is not understood.
        """
        command: list[str] | None = None
        if self.takes_command and args is not None and "--" in args:
            place = args.index("--")
            args, command = args[:place], list(args[place + 1 :])
        parsed, unknown = super().parse_known_args(args, namespace)
        if self.takes_command:
            parsed.cmd = command
        if unknown and self.takes_command and command is None and unknown[0][:1] != "-":
            raise UsageError(
                "the command to run stands after --, and there is no -- before "
                f"{unknown[0][:100]!r}",
                hint=f"Write: {self.usage}",
                reason=Reason.USAGE_OPTION,
            )
        if unknown:
            self._near = self._close_option(unknown)
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        self._refuse_empty(parsed)
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Raise a usage error.

        Raises:
            UsageError: always.
        """
        near = f"Did you mean {self._near}? " if self._near else ""
        raise UsageError(
            message,
            hint=f"{near}Run: {self.prog} --help",
            reason=Reason.USAGE_OPTION,
        )

    def _refuse_empty(self, parsed: argparse.Namespace) -> None:
        """Refuse an empty text, which a shell makes of a variable that is not set.

        Taken for an option that is not there, it would do something else than was asked for.
        """
        for action in self._actions:
            value = getattr(parsed, action.dest, None)
            given = value if isinstance(value, list) else [value]
            # What is passed on to another command is that command's own affair.
            if "" in given and action.nargs != argparse.REMAINDER:
                name = "/".join(action.option_strings) or action.metavar
                self.error(f"argument {name}: the text is empty (is a variable not set?)")

    def _close_option(self, unknown: Sequence[str]) -> str:
        """Return the option of this command whose name is nearest to an unknown one's."""
        import difflib  # noqa: PLC0415 (only after an error)

        for argument in unknown:
            if argument.startswith("--"):
                name = argument.partition("=")[0]
                return next(iter(difflib.get_close_matches(name, self._option_string_actions)), "")
        return ""


def add_common_options(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add what every command takes: ``--format``, ``-v`` and ``-q``."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format",
        choices=formats,
        default=formats[0],
        help=f"how results are written (default: {formats[0]})",
    )
    volume = group.add_mutually_exclusive_group()
    volume.add_argument("-v", "--verbose", action="count", default=0, help="say more")
    volume.add_argument("-q", "--quiet", action="store_true", help="say only results and errors")


def seconds(text: str) -> float:
    """Read an option that is a time, for argparse."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number of seconds is expected, got {text!r}") from None
