"""``slsa-gen layout``: arguments; the work is in ``laying``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.cli.parser import Parser, add_common_options
from slsa_gen.cli.signing_options import add_signing_options

if TYPE_CHECKING:
    import argparse

    from slsa_gen.cli.console import Console
    from slsa_gen.cli.parser import Subparsers

_DESCRIPTION = """\
A layout says which steps must have made an artifact, and who may do each of them."""

_EXAMPLES = """\
examples:
  slsa-gen layout check root.yaml     is it a layout, and what does it demand?
  slsa-gen layout sign root.yaml      sign it keylessly: root.yaml.intoto.jsonl

slsa-gen verify ARTIFACT --layout root.yaml judges by it (docs/layouts.md)."""


def add_parser(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "layout",
        help="check or sign a layout: the steps that must have made an artifact",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(
        title="actions", dest="action", metavar="ACTION", required=True, parser_class=Parser
    )
    check = actions.add_parser(
        "check",
        help="say what a layout demands, or why it is none",
        description="Say in words what a layout demands, or why it is none. Whether anyone signed\n"
        "it is not asked.",
    )
    check.add_argument("file", metavar="FILE", help="the layout")
    add_common_options(check, ("human", "json"))
    sign = actions.add_parser(
        "sign",
        help="sign a keyless layout, and have that logged",
        description="Sign a keyless layout, have that logged, and write FILE.intoto.jsonl beside "
        "it.\nOne that does not check, or has expired, is refused.",
    )
    sign.add_argument("file", metavar="FILE", help="the layout, in YAML")
    add_signing_options(sign)
    result = sign.add_argument_group("the bundle file")
    result.add_argument("--output", metavar="PATH", help="its path (default: FILE.intoto.jsonl)")
    result.add_argument("--overwrite", action="store_true", help="replace another file there")
    add_common_options(sign, ("human", "json"))


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the command; what it needs is imported only now."""
    from slsa_gen.cli import laying  # noqa: PLC0415 (keeps --help fast)

    if args.action == "check":
        return laying.check_layout(args, console)
    return laying.sign_layout(args, console)
