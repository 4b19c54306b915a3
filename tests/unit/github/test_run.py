"""What a run may attest, where its token comes from, and what is said without a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.errors import ContextError, PermissionMissingError
from slsa_gen.github.context import build_context
from slsa_gen.github.oidc import FixedTokenSource, RunTokenSource
from slsa_gen.github.run import (
    EVENTS,
    check_event,
    check_token_at_hand,
    check_visibility,
    choose_token_source,
    issuer_for,
)
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import (
    GITHUB_ISSUER,
    GITHUB_SERVER,
    SANDBOX_ISSUER,
    SANDBOX_SERVER,
    InstanceKind,
    Issuer,
    SigstoreInstance,
)
from slsa_gen.reasons import Reason
from tests.support.clock import FakeClock
from tests.unit.github.claims import CLAIMS
from tests.unit.github.tokens import (
    JWKS_URL,
    NOW,
    FakeHttp,
    claims_now,
    jwks,
    make_token,
    rsa_jwk,
    rsa_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from slsa_gen.model.token import TokenSource

PUBLIC: Final = SigstoreInstance("public-good", InstanceKind.PUBLIC_GOOD, b"{}")
SANDBOX: Final = SigstoreInstance(
    "sandbox",
    InstanceKind.SANDBOX,
    b"{}",
    issuer=Issuer(SANDBOX_ISSUER, SANDBOX_SERVER, jwks=b"{}"),
    public_log=False,
)
KEYS: Final = jwks(rsa_jwk(rsa_key("issuer")))
RUN: Final = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": GITHUB_SERVER,
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://runner.example/token?v=1",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
}
CONTEXT: Final = build_context(CLAIMS, GITHUB_SERVER)


def _choose(
    environment: dict[str, str],
    file: Path | None = None,
    instance: SigstoreInstance = PUBLIC,
    http: FakeHttp | None = None,
) -> TokenSource:
    client = http or FakeHttp({JWKS_URL: [KEYS]})
    return choose_token_source(environment, file, instance, client, FakeClock(NOW), DEFAULT_LIMITS)


def test_a_run_asks_its_runner() -> None:
    """With the permission, the runner is where tokens come from."""
    url = "https://runner.example/token?v=1&audience=sigstore"
    http = FakeHttp({url: [b'{"value":"' + make_token().encode() + b'"}'], JWKS_URL: [KEYS]})

    source = _choose(RUN, http=http)

    assert isinstance(source, RunTokenSource)
    assert claims_now() == source.fetch().claims


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {**RUN, "ACTIONS_ID_TOKEN_REQUEST_URL": ""},
        {**RUN, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": ""},
    ],
)
def test_a_variable_hands_in_a_token_where_the_run_has_none(variables: dict[str, str]) -> None:
    """SIGSTORE_ID_TOKEN, as sigstore's own clients read it."""
    raw = make_token()

    source = _choose({**variables, "SIGSTORE_ID_TOKEN": f" {raw}\n"})

    assert isinstance(source, FixedTokenSource)
    assert raw == source.fetch().raw


@pytest.mark.parametrize("check", [_choose, lambda e: check_token_at_hand(e, None)])
def test_a_variable_never_takes_the_place_of_the_runs_own_identity(
    check: Callable[[dict[str, str]], object],
) -> None:
    """An earlier step can set it for those after it; blank is as good as unset."""
    raw = make_token()

    with pytest.raises(ContextError, match="would be ambiguous") as caught:
        check({**RUN, "SIGSTORE_ID_TOKEN": raw})

    assert caught.value.reason is Reason.CONTEXT_TOKEN_SOURCE
    assert "unset SIGSTORE_ID_TOKEN" in caught.value.hint
    assert "--identity-token-file FILE" in caught.value.hint
    assert raw not in f"{caught.value} {caught.value.hint}"
    check({**RUN, "SIGSTORE_ID_TOKEN": " "})


def test_a_file_comes_before_everything(tmp_path: Path) -> None:
    """What was said on the command line counts most."""
    raw = make_token()
    path = tmp_path / "token"
    path.write_text(raw)

    assert raw == _choose({**RUN, "SIGSTORE_ID_TOKEN": "other"}, path).fetch().raw


@pytest.mark.parametrize(
    "missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
)
def test_a_job_without_the_permission_is_told_what_to_paste(missing: str) -> None:
    """The hint is the YAML that gives the permission."""
    with pytest.raises(PermissionMissingError, match="the job has no identity token") as caught:
        _choose({**RUN, missing: ""})

    assert caught.value.reason == Reason.CONTEXT_PERMISSION
    assert (
        "    permissions:\n      id-token: write\n      contents: read # write, with upload-assets"
        in caught.value.hint
    )
    assert "fork" not in caught.value.hint
    assert "request-token" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "pull_request_review"])
def test_a_pull_request_is_told_about_forks(event: str) -> None:
    """No permission helps a pull request from a fork."""
    with pytest.raises(PermissionMissingError) as caught:
        _choose({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event})

    assert "a pull request from a fork never gets a token" in caught.value.hint


def test_outside_a_run_it_says_what_is_possible() -> None:
    """The sandbox to try it, a workflow step to do it."""
    with pytest.raises(ContextError, match="not a run of a workflow") as caught:
        _choose({})

    assert caught.value.reason == Reason.CONTEXT_OUTSIDE_RUN
    assert not isinstance(caught.value, PermissionMissingError)
    assert "slsa-gen attest --sigstore sandbox PATH" in caught.value.hint
    assert "uses: OWNER/slsa-gen@COMMIT" in caught.value.hint
    assert "id-token: write" in caught.value.hint


@pytest.mark.parametrize(
    ("server", "issuer"),
    [
        ("", GITHUB_ISSUER),
        (GITHUB_SERVER, GITHUB_ISSUER),
        (f"{GITHUB_SERVER}/", GITHUB_ISSUER),
        ("https://octo-corp.ghe.com", "https://token.actions.octo-corp.ghe.com"),
    ],
)
def test_the_server_decides_the_issuer(server: str, issuer: str) -> None:
    """github.com and each company's ghe.com have an issuer of their own, with its keys."""
    found = issuer_for(server, PUBLIC)

    assert issuer == found.issuer
    assert f"{issuer}/.well-known/jwks" == found.jwks_url
    assert (server.rstrip("/") or GITHUB_SERVER) == found.server_url


@pytest.mark.parametrize(
    "server",
    [
        "https://github.example.com",
        "http://github.com",
        "https://ghe.com",
        "https://a.b.ghe.com",
        "https://octo.ghe.com.attacker.example",
        "https://octo.ghe.com\n",
        "https://github.com.attacker.example",
        SANDBOX_SERVER,
    ],
)
def test_another_server_has_no_keyless_identity(server: str) -> None:
    """A GitHub Enterprise Server is told so, before anything is asked."""
    with pytest.raises(ContextError, match="GitHub Enterprise Server has no identity") as caught:
        issuer_for(server, PUBLIC)

    assert caught.value.reason == Reason.CONTEXT_SERVER
    assert caught.value.message.isprintable()


def test_an_instance_that_names_an_issuer_decides() -> None:
    """The sandbox takes its own tokens and no others."""
    assert SANDBOX.issuer == issuer_for(SANDBOX_SERVER, SANDBOX)
    assert SANDBOX.issuer == issuer_for("", SANDBOX)
    with pytest.raises(ContextError, match="sandbox takes the tokens of https://sandbox"):
        issuer_for(GITHUB_SERVER, SANDBOX)


def test_an_instance_may_leave_the_server_to_github() -> None:
    """A configuration that names an issuer, but no server, is one for GitHub's servers."""
    named = replace(SANDBOX, issuer=Issuer("https://oidc.example", "", discovery_url="x"))

    found = issuer_for("https://octo.ghe.com", named)

    assert found.issuer == "https://oidc.example"
    assert found.server_url == "https://octo.ghe.com"
    assert issuer_for("", named).server_url == GITHUB_SERVER


@pytest.mark.parametrize("event", EVENTS)
def test_the_build_types_events_are_allowed(event: str) -> None:
    """Those that the specification names need no option."""
    check_event(event)


@pytest.mark.parametrize("event", ["schedule", "pull_request", "pull_request_target", "Push", ""])
def test_other_events_need_a_word(event: str) -> None:
    """Every other event is refused, unless it is named itself."""
    with pytest.raises(ContextError, match="create, release, push, workflow_dispatch") as caught:
        check_event(event, ["other"])

    assert caught.value.reason == Reason.CONTEXT_EVENT
    assert f"--allow-event {event}" in caught.value.hint
    check_event(event, ["other", event])


@pytest.mark.parametrize("visibility", ["private", "internal"])
def test_a_private_repository_needs_a_word_for_a_public_log(visibility: str) -> None:
    """Its name would be public for ever; a log of one's own is another matter."""
    context = replace(CONTEXT, source_repository_visibility_at_signing=visibility)

    with pytest.raises(ContextError, match=f"is {visibility}, and the log of") as caught:
        check_visibility(context, PUBLIC, allow_public_log=False)

    assert caught.value.reason == Reason.CONTEXT_VISIBILITY
    assert "--allow-public-log" in caught.value.hint
    check_visibility(context, PUBLIC, allow_public_log=True)
    check_visibility(context, SANDBOX, allow_public_log=False)


def test_a_public_repository_may_be_logged() -> None:
    """What is public already can be logged publicly."""
    check_visibility(CONTEXT, PUBLIC, allow_public_log=False)
