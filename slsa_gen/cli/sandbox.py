"""``slsa-gen sandbox``: arguments; the work is in ``sandboxing``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from slsa_gen.cli.parser import Parser

if TYPE_CHECKING:
    from slsa_gen.cli.console import Console
    from slsa_gen.cli.parser import Subparsers

_DESCRIPTION = """\
A Sigstore of your own: identity provider, certificate authority and log in a folder of
yours, served on loopback while a command needs it. What it signs proves nothing to
anyone else."""

_EXAMPLES = """\
examples:
  slsa-gen attest --sigstore sandbox dist/app       sign with it
  slsa-gen verify --sigstore sandbox dist/app --repo O/R
  slsa-gen sandbox env -- make release              run anything as in a workflow run
  slsa-gen sandbox trust-config                     for clients that sign and verify
  slsa-gen sandbox trusted-root --output root.json  for clients that only verify
  slsa-gen sandbox reset                            forget its keys and its log

The folder is SLSA_GEN_SANDBOX, or slsa-gen/sandbox in XDG's data folder."""


def add_parser(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "sandbox",
        help="a Sigstore of one's own on this machine, to try everything",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(
        title="actions", dest="action", metavar="ACTION", required=True, parser_class=Parser
    )
    env = actions.add_parser(
        "env",
        help="run a command with the variables of a workflow run",
        description="Run a command with the variables of a workflow run, the services at hand.\n"
        "Its exit code is passed on.",
    )
    env.add_argument(
        "cmd", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the command and its arguments"
    )
    config = actions.add_parser(
        "trust-config",
        help="print the client trust configuration, for other clients",
        description="Print the client trust configuration, for other clients. Within sandbox env\n"
        "it names the services that run there; outside, only its trusted root is of use.",
    )
    root = actions.add_parser(
        "trusted-root",
        help="print the trusted root, to verify with elsewhere",
        description="Print the trusted root: slsa-gen verify --custom-trusted-root FILE, and what\n"
        "other clients call a trusted root.",
    )
    for parser_with_output in (config, root):
        parser_with_output.add_argument(
            "--output", metavar="FILE", help="write it to a file instead"
        )
    actions.add_parser(
        "status",
        help="say where it is and what its log holds",
        description="Say where the sandbox is, since when it is valid, and what its log holds.",
    )
    actions.add_parser(
        "reset",
        help="remove its keys, certificates and log",
        description="Remove the sandbox's keys, certificates and log. What it signed is then\n"
        "nobody's any more.",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; what it needs is imported only now."""
    from slsa_gen.cli.sandboxing import run_action  # noqa: PLC0415 (keeps --help fast)

    return run_action(args, console)
