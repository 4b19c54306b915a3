"""What a run may attest, whose token it has, and what to say where there is no run."""

from __future__ import annotations

import re
from dataclasses import replace
from textwrap import indent
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError, PermissionMissingError
from slsa_gen.github.oidc import FixedTokenSource, RunTokenSource, read_token_file
from slsa_gen.model.instance import GITHUB_ISSUER, GITHUB_SERVER, Issuer
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.github.seam import HttpGet
    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.model.token import TokenSource

#: The events for which the build type is defined.
EVENTS: Final = ("create", "release", "push", "workflow_dispatch")

#: GitHub Enterprise Cloud with data residency: SUBDOMAIN.ghe.com.
_GHE: Final = re.compile(r"https://([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.ghe\.com")
_JWKS: Final = "/.well-known/jwks"

#: What the runner gives a job that may have a token.
_REQUEST: Final = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")

_PERMISSIONS: Final = """\
permissions:
  id-token: write
  contents: read # write, with upload-assets"""

_STEP: Final = f"""\
jobs:
  build:
    runs-on: ubuntu-latest
    {_PERMISSIONS.replace(chr(10), chr(10) + "    ")}
    steps:
      # … the steps that build dist/ …
      - uses: OWNER/slsa-gen@COMMIT
        with:
          subject-path: dist/*"""

_FOR_A_RUN: Final = (
    "To try it here, with nothing leaving this machine:\n\n"
    "    slsa-gen attest --sigstore sandbox PATH\n\n"
    f"To attest for real, in a workflow:\n\n{indent(_STEP, '    ')}"
)
_FOR_ANYONE: Final = (
    "To try it here, with nothing leaving this machine, add: --sigstore sandbox\n"
    "To sign as a person, who signs in with a browser, add: --identity interactive\n"
    "To sign as a workflow's run, let a job do it that has permissions: id-token: write"
)


def choose_token_source(
    environment: Mapping[str, str],
    identity_token_file: Path | None,
    instance: SigstoreInstance,
    http: HttpGet,
    clock: Clock,
    limits: Limits,
) -> TokenSource:
    """Return where the identity token comes from: a file, SIGSTORE_ID_TOKEN, or the runner.

    Raises:
        PermissionMissingError: A job that may not have a token.
        ContextError: There is no run and no token here, a server without tokens, or a
            variable that speaks against the run's own token.
    """
    issuer = issuer_for(environment.get("GITHUB_SERVER_URL", ""), instance)
    if identity_token_file is not None:
        read = read_token_file(identity_token_file, clock, limits)
        return FixedTokenSource(read, http, issuer, clock, limits)
    check_token_at_hand(environment, identity_token_file)
    given = environment.get("SIGSTORE_ID_TOKEN", "").strip()
    if given:
        return FixedTokenSource(lambda: given, http, issuer, clock, limits)
    url, token = (environment[name] for name in _REQUEST)
    return RunTokenSource(url, token, http, issuer, clock, limits)


def check_token_at_hand(
    environment: Mapping[str, str], identity_token_file: Path | None, *, by_person: bool = False
) -> None:
    """Make sure that there is a token to be had, before anything else is asked for.

    Args:
        environment: The variables of a run, or of a terminal.
        identity_token_file: Where a token is handed in.
        by_person: Whether a person could sign this, too; the hint then says how.

    Raises:
        PermissionMissingError: A job that may not have a token.
        ContextError: There is no run and no token here, or there are two.
    """
    if identity_token_file is not None:
        return
    given = bool(environment.get("SIGSTORE_ID_TOKEN", "").strip())
    own = all(environment.get(name) for name in _REQUEST)
    if given and own:
        # Any step of the job can set the variable for those after it (GITHUB_ENV).
        raise ContextError(
            "the run has an identity token of its own, and SIGSTORE_ID_TOKEN gives another: "
            "which of them signs would be ambiguous",
            reason=Reason.CONTEXT_TOKEN_SOURCE,
            hint=(
                "To sign as this run, unset SIGSTORE_ID_TOKEN (an earlier step may have set "
                "it). To sign with a token that you fetched, name its file: "
                "--identity-token-file FILE"
            ),
        )
    if given or own:
        return
    if environment.get("GITHUB_ACTIONS") == "true":
        raise _permission_missing(environment.get("GITHUB_EVENT_NAME", ""))
    raise ContextError(
        "this is not a run of a workflow that could say what was built where: there is no "
        "ACTIONS_ID_TOKEN_REQUEST_URL, no SIGSTORE_ID_TOKEN and no --identity-token-file",
        reason=Reason.CONTEXT_OUTSIDE_RUN,
        hint=_FOR_ANYONE if by_person else _FOR_A_RUN,
    )


def issuer_for(server_url: str, instance: SigstoreInstance) -> Issuer:
    """Return whose tokens are taken, decided before any token is seen.

    Args:
        server_url: GITHUB_SERVER_URL, or empty where it is not set.
        instance: The Sigstore that is signed with; one that names an issuer decides alone.

    Returns:
        The issuer, with the server's URL filled in.

    Raises:
        ContextError: A server that issues no tokens, or not the one that the instance names.
    """
    server = server_url.rstrip("/")
    named = instance.issuer
    if named is None or not named.server_url:
        github = _github_issuer(server or GITHUB_SERVER)
        return github if named is None else replace(named, server_url=github.server_url)
    if server and server != named.server_url:
        raise _server_error(
            server,
            f"{instance.name} takes the tokens of {named.server_url} only",
            "Leave --sigstore away to sign for this server with the public Sigstore.",
        )
    return named


def check_event(event: str, allowed: Collection[str] = ()) -> None:
    """Make sure that the build type is defined for the event, or that the user allows it.

    Args:
        event: What triggered the run, from the verified token.
        allowed: The names given with ``--allow-event``.

    Raises:
        ContextError: It is neither.
    """
    if event in EVENTS or event in allowed:
        return
    raise ContextError(
        f"the run was triggered by {event!r}; provenance of this build type is defined for "
        f"{', '.join(EVENTS)}",
        reason=Reason.CONTEXT_EVENT,
        hint=(
            "When what such a run builds is decided by nobody from outside (a schedule, say), "
            f"allow it:\n\n    slsa-gen attest --allow-event {event} …"
        ),
    )


def check_visibility(
    context: BuildContext, instance: SigstoreInstance, *, allow_public_log: bool
) -> None:
    """Make sure that the name of a repository that is not public does not become public.

    Raises:
        ContextError: The log is public, the repository is not, and nobody allowed it.
    """
    visibility = context.source_repository_visibility_at_signing
    if visibility == "public" or not instance.public_log or allow_public_log:
        return
    raise ContextError(
        f"the repository {context.source_repository_uri} is {visibility}, and the log of "
        f"{instance.name} is public: its name, workflow and commit would be readable by "
        "everyone, for ever",
        reason=Reason.CONTEXT_VISIBILITY,
        hint=(
            "When that may be, allow it:\n\n    slsa-gen attest --allow-public-log …\n\n"
            "Otherwise name a Sigstore of your own with --sigstore FILE."
        ),
    )


def _github_issuer(server: str) -> Issuer:
    if server == GITHUB_SERVER:
        return Issuer(GITHUB_ISSUER, GITHUB_SERVER, jwks_url=f"{GITHUB_ISSUER}{_JWKS}")
    match = _GHE.fullmatch(server)
    if match:
        issuer = f"https://token.actions.{match[1]}.ghe.com"
        return Issuer(issuer, server, jwks_url=f"{issuer}{_JWKS}")
    raise _server_error(
        server,
        f"keyless signing is possible on {GITHUB_SERVER} and https://*.ghe.com; a GitHub "
        "Enterprise Server has no identity that a public Sigstore accepts",
        "Build and attest on github.com, or name a Sigstore of your own that takes this "
        "server's tokens with --sigstore FILE.",
    )


def _server_error(server: str, why: str, hint: str) -> ContextError:
    return ContextError(
        f"GITHUB_SERVER_URL is {harmless(server, 100)!r}: {why}",
        reason=Reason.CONTEXT_SERVER,
        hint=hint,
    )


def _permission_missing(event: str) -> PermissionMissingError:
    fork = ""
    if event.startswith("pull_request"):
        fork = (
            "\n\nA run for a pull request from a fork never gets a token, whatever its "
            "permissions say. Attest on push, or on release, after the merge."
        )
    return PermissionMissingError(
        "the job has no identity token: the runner gave no ACTIONS_ID_TOKEN_REQUEST_URL and "
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        reason=Reason.CONTEXT_PERMISSION,
        hint=(
            "Give the job the permission, in its workflow (and in each workflow that calls "
            f"it):\n\n{indent(_PERMISSIONS, '    ')}{fork}"
        ),
    )
