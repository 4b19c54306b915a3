"""``slsa-gen inspect``: arguments; the work is in ``inspecting``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.cli.parser import add_common_options

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.parser import Subparsers

_DESCRIPTION = """\
Show what bundles say. Nothing is verified: anybody can write anything into a file.
To know whether it is true, use verify."""

_EXAMPLES = """\
examples:
  slsa-gen inspect app.tar.gz.intoto.jsonl
  slsa-gen inspect --export statement app.tar.gz.intoto.jsonl    the statement's own bytes
  slsa-gen inspect --export dsse app.tar.gz.intoto.jsonl         for tools that read no bundles"""


def add_parser(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "inspect",
        help="show what bundles say, without verifying it",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    parser.add_argument("bundles", nargs="+", metavar="BUNDLE", help="a bundle file")
    parser.add_argument(
        "--export",
        choices=("statement", "dsse"),
        help="print the statements, or the DSSE envelopes, one a line",
    )
    add_common_options(parser, ("human", "json"))


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; what it needs is imported only now."""
    from slsa_gen.cli.inspecting import inspect_bundles  # noqa: PLC0415 (keeps --help fast)

    return inspect_bundles(args, console)
