"""``slsa-gen run``: arguments; the work is in ``running``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.cli.parser import add_common_options, seconds
from slsa_gen.cli.signing_options import add_signing_options

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.parser import Subparsers

_DESCRIPTION = """\
Run one step of a build, and put on record what it started from and what it made: an
in-toto link and SLSA provenance, signed keylessly, logged, verified, and written beside
the products. The command's exit status is passed on; when it fails nothing is attested."""

_EXAMPLES = """\
examples:
  slsa-gen run --product 'dist/*' -- make dist
  slsa-gen run --step build --product dist/app --material 'src/**' -- go build -o dist/app
  slsa-gen run --sigstore sandbox --product out -- cc -o out main.c     try it here
  slsa-gen run --link-format classic --signing-key KEY --product out -- make out

Everything after -- is the command, as it would be typed without slsa-gen. It is not run by a
shell: for pipes and variables write -- sh -c 'COMMAND'."""

_USAGE = "slsa-gen run --product PATTERN [OPTION ...] -- COMMAND [ARGUMENT ...]"


def add_parser(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run",
        help="run a build step, and put it on record: an in-toto link and provenance",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.usage = _USAGE
    parser.takes_command = True
    parser.set_defaults(run=run)
    _add_step(parser)
    _add_result(parser)
    add_signing_options(parser)
    add_common_options(parser, ("human", "json"))


def _add_step(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the step")
    group.add_argument(
        "--step", metavar="NAME", help="its name in layouts (default: the program's name)"
    )
    group.add_argument(
        "--product",
        action="append",
        default=[],
        metavar="PATTERN",
        help="a file, or a pattern of files, that the command makes: * within a folder, ** across "
        "folders, !PATTERN takes away; may be given several times",
    )
    group.add_argument(
        "--material",
        action="append",
        default=[],
        metavar="PATTERN",
        help="files that it starts from, likewise (default: the git commit, every file that "
        "differs from it, and lock files)",
    )
    group.add_argument(
        "--no-materials",
        action="store_true",
        help="it starts from no file that is here, as a download or a clone does",
    )
    group.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="NAME",
        help="record the value of this variable in the link; no other is recorded",
    )
    group.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        help="end the command when it takes longer (default: it may take as long as it likes)",
    )
    group.add_argument(
        "--allow-unchanged",
        action="store_true",
        help="take products also where the command left them as they were",
    )
    group.add_argument(
        "--keep-failed",
        action="store_true",
        help="write a link, and no provenance, also when the command fails",
    )


def _add_result(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the record")
    group.add_argument(
        "--link-format",
        choices=("attestation", "classic"),
        default="attestation",
        help="attestation (default): link and provenance, signed keylessly; classic: a link alone, "
        "signed by a key, for in-toto-verify",
    )
    group.add_argument(
        "--signing-key", metavar="FILE", help="the private key of a classic link, in PEM"
    )
    group.add_argument(
        "--output",
        metavar="PATH",
        help="the record's file or folder (default: STEP.intoto.jsonl in the products' common "
        "folder; a classic link STEP.KEYID.link in this one)",
    )
    group.add_argument("--overwrite", action="store_true", help="replace another file there")


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; what it needs is imported only now."""
    from slsa_gen.cli.running import run_step  # noqa: PLC0415 (keeps --help fast)

    return run_step(args, console)
