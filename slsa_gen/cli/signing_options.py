"""The options that say who signs, and with which Sigstore, for every command that signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.cli.parser import seconds
from slsa_gen.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    import argparse

#: Who signs: the workflow's run (or whose token is handed in), or a person who signs in now.
RUN: Final = "run"
INTERACTIVE: Final = "interactive"


def add_signing_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that :func:`slsa_gen.cli.signing.opened` reads."""
    group = parser.add_argument_group("signing")
    group.add_argument(
        "--sigstore",
        default="public-good",
        metavar="NAME|FILE",
        help="public-good (default), staging, sandbox, or a client trust configuration",
    )
    group.add_argument(
        "--identity",
        choices=(RUN, INTERACTIVE),
        default=RUN,
        help="run (default): the workflow's run signs; interactive: a person who signs in with a "
        "browser, or with a code to type where there is none",
    )
    group.add_argument(
        "--identity-token-file",
        metavar="FILE",
        help="read the identity token from a file (else: SIGSTORE_ID_TOKEN, or the run's own)",
    )
    group.add_argument(
        "--allow-event",
        action="append",
        default=[],
        metavar="NAME",
        help="attest on this event too; create, push, release and workflow_dispatch always may",
    )
    group.add_argument(
        "--allow-public-log",
        action="store_true",
        help="sign for a repository that is not public, although its name becomes readable by all",
    )
    group.add_argument(
        "--retry-budget",
        type=seconds,
        default=DEFAULT_LIMITS.retry_budget_seconds,
        metavar="SECONDS",
        help="time for all attempts at all services together (default: 300)",
    )
