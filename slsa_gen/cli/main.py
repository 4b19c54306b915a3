"""The entry point, and the only place that turns an error into an exit code."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen import __version__, environment
from slsa_gen.cli import attest, inspect, layout, run, sandbox, streams, verify
from slsa_gen.cli.console import Console
from slsa_gen.cli.parser import Parser
from slsa_gen.clock import SystemClock
from slsa_gen.errors import SlsaGenError
from slsa_gen.reasons import Reason
from slsa_gen.report.style import style_for
from slsa_gen.report.text import no_command, printable

if TYPE_CHECKING:
    import argparse
    import traceback
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from slsa_gen.clock import Clock
    from slsa_gen.trust.known import Repository

INTERRUPTED = 130

#: The variables that hold a secret which a command may use.
_SECRETS = (
    "GITHUB_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "SIGSTORE_ID_TOKEN",
)

_DESCRIPTION = """\
Hash what a build made, write SLSA provenance, sign it keylessly with Sigstore,
and verify it offline, with reasons."""

_EXAMPLES = """\
examples:
  slsa-gen attest dist/*                        attest files in a workflow run
  slsa-gen attest --sigstore sandbox dist/*     try it here; nothing leaves the machine
  slsa-gen verify dist/app.tar.gz --repo O/R    did it come from that repository?
  slsa-gen inspect app.tar.gz.intoto.jsonl      what does a bundle say?
  slsa-gen run --product 'dist/*' -- make       run a build step, and put it on record

exit codes: 0 done or accepted, 1 refused, 2 wrong usage, 3 could not be done or decided"""


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(prog="slsa-gen", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("--version", action="version", version=f"slsa-gen {__version__}")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    for command in (attest, verify, inspect, run, layout, sandbox):
        command.add_parser(commands)
    return parser


def main(
    argv: Sequence[str] | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    on_document: Callable[[str], None] | None = None,
    repository_of: Callable[[str], Repository | None] | None = None,
) -> int:
    """Run one command and return its exit code.

    Args:
        argv: The arguments without the program's name; the process's own when None.
        variables: The environment; the process's own when None.
        clock: The clock; the machine's when None.
        on_document: Is given the JSON document that ``--format json`` prints, whatever the
            format; a command that has none (``sandbox``, a dry run) gives none.
        repository_of: Finds a Sigstore's TUF repository by its name; when None, those that
            ship with the package.

    Returns:
        0 done or accepted, 1 refused, 2 wrong usage, 3 could not be done or decided, 130
        interrupted; a command that runs another passes its code on.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    if argv is None:
        streams.import_from_package_only()
    out, err = streams.open_stream(sys.stdout), streams.open_stream(sys.stderr)
    surroundings = environment.variables() if variables is None else variables
    console = Console(
        out=out,
        err=err,
        environment=surroundings,
        clock=clock or SystemClock(),
        style=style_for(out, surroundings),
        verbosity=_verbosity(arguments),
        on_document=on_document,
        guard=streams.CommandGuard(surroundings),
        repository_of=repository_of,
    )
    try:
        code = _run(arguments, console)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more at exit.
        err.close()
        return 3
    if argv is None and not streams.written_out(err, out) and code == 0:
        return 3
    return code


def _run(arguments: Sequence[str], console: Console) -> int:
    try:
        args = build_parser().parse_args(arguments)
        _hide_secrets(args, console)
        with _stopped(args, console):
            code: int = args.run(args, console)
            console.flush()
    except SlsaGenError as error:
        with console.guard.stopped(console.err):
            return _report(error, arguments, console)
    except KeyboardInterrupt:
        console.say("slsa-gen: interrupted; nothing half-written was left behind")
        return INTERRUPTED
    except SystemExit as end:  # argparse, after --help and --version
        return end.code if isinstance(end.code, int) else 0
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 (our own fault: said as such, never a verdict)
        with console.guard.stopped(console.err):
            return _report(_internal_error(error, console), arguments, console)
    return code


def _hide_secrets(args: argparse.Namespace, console: Console) -> None:
    """Have the runner hide what the environment holds, before anything is printed."""
    if args.command != "sandbox":
        for name in _SECRETS:
            console.hide(console.environment.get(name, ""))


def _stopped(args: argparse.Namespace, console: Console) -> AbstractContextManager[None]:
    """Guard the streams that carry other people's words as lines of text.

    A document on standard output stays a document, and what ``sandbox env`` and ``run`` run
    speaks to the runner for itself (``running`` guards what is said before and after it).
    """
    if args.command in {"sandbox", "run"}:
        return nullcontext()
    document = args.format == "json" or getattr(args, "dry_run", False)
    if document or getattr(args, "export", None):
        return console.guard.stopped(console.err)
    return console.guard.stopped(console.err, later=(console.out,))


def _report(error: SlsaGenError, arguments: Sequence[str], console: Console) -> int:
    # Imported here: --help and --version must not pay for what only errors need.
    from slsa_gen.report import document, problem  # noqa: PLC0415

    console.say(problem.written(error, style_for(console.err, console.environment)).rstrip())
    with suppress(SlsaGenError):  # standard output cannot be written to: said above
        console.document(
            lambda: document.failure(_command(arguments), error), shown=_wants_json(arguments)
        )
        console.flush()
    return error.exit_code


def _internal_error(error: Exception, console: Console) -> SlsaGenError:
    import traceback  # noqa: PLC0415 (only after a fault of ours)

    if console.verbosity > 0:
        # Its words may be somebody else's: a name, an answer.
        for line in "".join(traceback.format_exception(error)).splitlines():
            console.say(no_command(printable(line)))
    where = _place(traceback.extract_tb(error.__traceback__))
    return SlsaGenError(
        f"slsa-gen itself failed: {type(error).__name__}{where}; nothing was decided",
        hint="This is a fault of slsa-gen, not yours. Run the command again with -v and report "
        f"what it prints, with the version ({__version__}), in the project's issue tracker.",
        reason=Reason.INTERNAL_ERROR,
    )


def _place(frames: traceback.StackSummary) -> str:
    """Return where our own code was: a path below the package's parent, a line, a function."""
    package = Path(__file__).resolve().parents[1]
    for frame in reversed(frames):
        path = Path(frame.filename).resolve()
        if path.is_relative_to(package):
            return f" at {path.relative_to(package.parent)}:{frame.lineno} ({frame.name})"
    return ""


def _command(arguments: Sequence[str]) -> str:
    return next((a for a in arguments if not a.startswith("-")), "")


def _wants_json(arguments: Sequence[str]) -> bool:
    own = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    follows = "--format" in own and own[own.index("--format") + 1 :][:1] == ["json"]
    return follows or "--format=json" in own


def _verbosity(arguments: Sequence[str]) -> int:
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "-q" in own or "--quiet" in own:
        return -1
    return sum(
        1 if argument == "--verbose" else argument.count("v")
        for argument in own
        if argument == "--verbose" or (argument.startswith("-v") and set(argument[1:]) == {"v"})
    )
