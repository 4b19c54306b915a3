"""Where the identity comes from, and whom it names: a run, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.cli.instances import PUBLIC, SANDBOX
from slsa_gen.cli.signing_options import INTERACTIVE
from slsa_gen.github import run as github_run
from slsa_gen.github.context import build_context
from slsa_gen.github.oidc import FixedTokenSource, RunTokenSource, read_token_file
from slsa_gen.identity.given import persons_issuer
from slsa_gen.identity.interactive import InteractiveTokens
from slsa_gen.identity.person import person_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from slsa_gen.cli.console import Console
    from slsa_gen.identity.surroundings import Surroundings
    from slsa_gen.model.identity import BuildContext, Person
    from slsa_gen.model.instance import Issuer, SigstoreInstance
    from slsa_gen.model.token import TokenSource


@dataclass(frozen=True, slots=True)
class Identity:
    """Where tokens come from, and what their claims mean.

    ``server_url`` is the server whose run it is; empty when it is a person.
    """

    tokens: TokenSource
    server_url: str

    def context(self, claims: Mapping[str, object]) -> BuildContext | Person:
        """Return whom verified claims name.

        Raises:
            ContextError: they name nobody who can sign.
        """
        return build_context(claims, self.server_url) if self.server_url else person_of(claims)


def identity_of(
    args: argparse.Namespace,
    console: Console,
    instance: SigstoreInstance,
    variables: Mapping[str, str],
    around: Surroundings,
) -> Identity:
    """Return the identity that the options and the surroundings give.

    Raises:
        ContextError: there is none, or more than one.
        ServiceError: the Sigstore's configuration is not read.
    """
    if args.identity == INTERACTIVE:
        if args.sigstore == SANDBOX:
            return Identity(_sandboxs_own(instance, variables, around), "")
        _say_what_becomes_public(console, instance)
        return Identity(InteractiveTokens(instance, around, console.environment), "")
    runs = github_run.issuer_for(variables.get("GITHUB_SERVER_URL", ""), instance)
    read = _given(args, variables, around)
    if read is not None:
        issuer = persons_issuer(read(), runs, instance, around.clock.now(), around.limits)
        if issuer is not None:
            _say_what_becomes_public(console, instance)
            return Identity(_fixed(read, issuer, around), "")
        return Identity(_fixed(read, runs, around), runs.server_url)
    tokens = github_run.choose_token_source(
        variables, None, instance, around.http, around.clock, around.limits
    )
    return Identity(tokens, runs.server_url)


def may_be_a_persons(args: argparse.Namespace) -> bool:
    """Tell whether a person may sign whatever this command makes: not what attest says of a run."""
    return bool(args.command != "attest")


def _sandboxs_own(
    instance: SigstoreInstance, variables: Mapping[str, str], around: Surroundings
) -> TokenSource:
    """Return the tokens of the sandbox's own person, whom nobody need sign in."""
    assert instance.issuer is not None  # noqa: S101 (a sandbox has one)
    url, token = (variables[f"ACTIONS_ID_TOKEN_REQUEST_{name}"] for name in ("URL", "TOKEN"))
    return RunTokenSource(url, token, around.http, instance.issuer, around.clock, around.limits)


def _given(
    args: argparse.Namespace, variables: Mapping[str, str], around: Surroundings
) -> Callable[[], str] | None:
    """Return what reads the token that was handed in, None where none was."""
    if args.identity_token_file:
        return read_token_file(Path(args.identity_token_file), around.clock, around.limits)
    github_run.check_token_at_hand(variables, None, by_person=may_be_a_persons(args))
    given = variables.get("SIGSTORE_ID_TOKEN", "").strip()
    return (lambda: given) if given else None


def _fixed(read: Callable[[], str], issuer: Issuer, around: Surroundings) -> FixedTokenSource:
    return FixedTokenSource(read, around.http, issuer, around.clock, around.limits)


def _say_what_becomes_public(console: Console, instance: SigstoreInstance) -> None:
    """Say it before a person signs in: afterwards it cannot be taken back."""
    if instance.public_log or instance.name in PUBLIC:
        console.note(
            f"the log of {instance.name} is public: your e-mail address and what you sign will "
            "be readable by everyone, for ever"
        )
