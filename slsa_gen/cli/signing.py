"""What every command that signs needs: a Sigstore, a verified identity, and a signer.

From the options of ``signing_options``. Nothing is asked of the network before
:func:`opened`; :func:`check_identity` finds beforehand what can be found without it.
"""

from __future__ import annotations

import math
import random
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.cli.identities import identity_of, may_be_a_persons
from slsa_gen.cli.instances import PUBLIC, SANDBOX, signing_instance
from slsa_gen.cli.signing_options import INTERACTIVE
from slsa_gen.errors import UsageError
from slsa_gen.github import run as github_run
from slsa_gen.github.oidc import HiddenTokens
from slsa_gen.http import HttpClient
from slsa_gen.identity.interactive import check_person_present
from slsa_gen.identity.surroundings import Surroundings
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.identity import Person
from slsa_gen.reasons import Reason
from slsa_gen.retry import Budget, Retrier
from slsa_gen.signing.sign import KeylessSigner

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from slsa_gen.cli.console import Console
    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext
    from slsa_gen.model.instance import SigstoreInstance


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, and with what.

    ``variables`` are those of the run that signs (the sandbox stands in for one); ``context``
    is the run, or the person, that the verified token names. ``budget`` is the time for services.
    """

    instance: SigstoreInstance
    variables: Mapping[str, str]
    context: BuildContext | Person
    signer: KeylessSigner
    http: HttpClient
    limits: Limits
    budget: Budget


def limits_for(args: argparse.Namespace) -> Limits:
    """Return the limits with the time budget that the options give.

    Raises:
        UsageError: it is no time.
    """
    return replace(DEFAULT_LIMITS, retry_budget_seconds=_positive(args.retry_budget))


def check_identity(args: argparse.Namespace, console: Console) -> None:
    """Make sure that somebody can sign here, as far as that is seen without the network.

    Raises:
        UsageError: a person would sign in, and a token is named too.
        ContextError: there is no run, no token and no person, or more than one of them.
    """
    if args.identity == INTERACTIVE:
        if args.identity_token_file:
            raise UsageError(
                "--identity interactive has a person sign in, and --identity-token-file names a "
                "token that is there already",
                hint="Leave one of them out. A person's token in a file needs no --identity.",
                reason=Reason.USAGE_OPTION,
            )
        if args.sigstore != SANDBOX:
            check_person_present(console.environment, terminal=console.is_terminal)
    elif args.sigstore in PUBLIC:
        github_run.check_token_at_hand(
            console.environment, _token_file(args), by_person=may_be_a_persons(args)
        )


@contextmanager
def opened(args: argparse.Namespace, console: Console, *, signs: bool = True) -> Iterator[Signing]:
    """Serve or load the Sigstore, get and verify a token, and start a signer for the block.

    Args:
        args: What ``add_signing_options`` made.
        console: The surroundings.
        signs: Start the signing process at once; a dry run needs none.

    Raises:
        UsageError: an option that has no meaning here.
        ContextError: no identity, or not one that may sign this.
        ServiceError: a service could not be reached.
    """
    limits = limits_for(args)
    check_identity(args, console)
    budget = Budget(limits.retry_budget_seconds, console.clock)
    jitter = random.SystemRandom().random
    retrier = Retrier(budget, console.clock, limits, jitter, console.note)
    with ExitStack() as stack:
        instance, variables = signing_instance(
            args.sigstore, console, stack, limits, person=args.identity == INTERACTIVE
        )
        http = HttpClient(retrier, limits, console.environment)
        around = Surroundings(http, console.clock, limits, budget, console.say)
        identity = identity_of(args, console, instance, variables, around)
        console.hide(variables.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""))
        signer = stack.enter_context(
            KeylessSigner(
                instance,
                HiddenTokens(identity.tokens, console.hide),
                retrier=retrier,
                limits=limits,
                clock=console.clock,
                environment=console.environment,
            )
        )
        if signs:
            signer.start()  # its imports pass while files are hashed
        context = identity.context(signer.token().claims)
        if not isinstance(context, Person):
            github_run.check_event(context.build_trigger, args.allow_event)
            github_run.check_visibility(context, instance, allow_public_log=args.allow_public_log)
        yield Signing(instance, variables, context, signer, http, limits, budget)


def _token_file(args: argparse.Namespace) -> Path | None:
    return Path(args.identity_token_file) if args.identity_token_file else None


def _positive(seconds: float) -> float:
    if not math.isfinite(seconds) or seconds <= 0:
        raise UsageError(
            f"--retry-budget takes a number of seconds above 0, got {seconds:g}",
            hint="Leave it out for 300 seconds.",
            reason=Reason.USAGE_OPTION,
        )
    return seconds
