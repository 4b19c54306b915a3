"""Where ``attest`` publishes, from options, the verified token, and two variables."""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.cli.console import Console
from slsa_gen.cli.targets import check_options, release_plan
from slsa_gen.errors import ContextError, PermissionMissingError, UsageError
from slsa_gen.http import HttpClient
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.reasons import Reason
from slsa_gen.report.style import style_for
from slsa_gen.retry import Budget, Retrier
from tests.support.clock import FakeClock
from tests.support.values import CONTEXT

if TYPE_CHECKING:
    from slsa_gen.model.identity import BuildContext

VARIABLES = {"GITHUB_TOKEN": "ghs_x", "GITHUB_REPOSITORY": "evil/elsewhere"}
SANDBOX = replace(
    CONTEXT,
    issuer=SANDBOX_ISSUER,
    source_repository_uri="https://sandbox.slsa-gen.invalid/sandbox/sandbox",
)


def _console(variables: dict[str, str]) -> Console:
    out, err = io.StringIO(), io.StringIO()
    return Console(out, err, variables, FakeClock(), style_for(out, variables))


def _plan(
    context: BuildContext = CONTEXT, *, upload: bool = True, tag: str | None = None, **more: str
) -> tuple[str, str, str] | None:
    """Return tag, API and repository of the plan."""
    console = _console({**VARIABLES, **more})
    args = argparse.Namespace(upload_assets=upload, upload_tag_name=tag)
    retrier = Retrier(Budget(1.0, console.clock), console.clock, DEFAULT_LIMITS)
    plan = release_plan(args, context, console, HttpClient(retrier, DEFAULT_LIMITS), DEFAULT_LIMITS)
    return None if plan is None else (plan.tag, plan.api.hosts.api, plan.api.repository)


def test_repository_tag_and_host_come_from_the_verified_token() -> None:
    """GITHUB_REPOSITORY, which an earlier step could set, is not looked at."""
    assert _plan() == ("v1.2.3", "https://api.github.com", "octo/app")


def test_nothing_is_planned_unasked() -> None:
    """A token at hand is no wish."""
    assert _plan(upload=False) is None


def test_a_tag_may_be_named() -> None:
    """For a run on a branch."""
    branch = replace(CONTEXT, source_repository_ref="refs/heads/main")
    assert _plan(branch, tag="v9") == ("v9", "https://api.github.com", "octo/app")
    with pytest.raises(UsageError) as caught:
        _plan(branch)
    assert caught.value.reason is Reason.RELEASE_TAG


def test_a_tag_without_an_upload_is_refused() -> None:
    """An option that has no effect was meant otherwise."""
    with pytest.raises(UsageError, match="nothing is to be uploaded"):
        check_options(argparse.Namespace(upload_assets=False, upload_tag_name="v1"))
    check_options(argparse.Namespace(upload_assets=True, upload_tag_name="v1"))
    check_options(argparse.Namespace(upload_assets=False, upload_tag_name=None))


def test_another_api_host_gets_no_token() -> None:
    """Only the one that follows, or this machine."""
    with pytest.raises(ContextError) as caught:
        _plan(GITHUB_API_URL="https://evil.example")

    assert caught.value.reason is Reason.RELEASE_API_URL
    here = _plan(GITHUB_API_URL="http://127.0.0.1:8")
    assert here == ("v1.2.3", "http://127.0.0.1:8", "octo/app")


@pytest.mark.parametrize("token", ["", "  "])
def test_a_missing_token_is_told_with_what_to_write(token: str) -> None:
    """The permission is needed as well."""
    with pytest.raises(PermissionMissingError) as caught:
        _plan(GITHUB_TOKEN=token)

    assert caught.value.reason is Reason.RELEASE_TOKEN
    assert "GITHUB_TOKEN: ${{ github.token }}" in caught.value.hint
    assert "contents: write" in caught.value.hint


@pytest.mark.parametrize("api_url", ["", "https://api.github.com", "https://evil.example"])
def test_a_sandbox_s_bundle_does_not_leave_this_machine(api_url: str) -> None:
    """It proves nothing to anyone else."""
    with pytest.raises(UsageError) as caught:
        _plan(SANDBOX, GITHUB_API_URL=api_url)

    assert caught.value.reason is Reason.RELEASE_SANDBOX


def test_a_sandbox_s_bundle_goes_to_an_api_on_this_machine() -> None:
    """A simulator, to try it."""
    plan = _plan(SANDBOX, GITHUB_API_URL="http://[::1]:8")
    assert plan == ("v1.2.3", "http://[::1]:8", "sandbox/sandbox")


@pytest.mark.parametrize(("name", "noted"), [("a.intoto.jsonl", False), ("a b.intoto.jsonl", True)])
def test_a_name_that_github_would_change_is_told_beforehand(name: str, *, noted: bool) -> None:
    """The file keeps its own."""
    console = _console(VARIABLES)
    args = argparse.Namespace(upload_assets=True, upload_tag_name=None)
    retrier = Retrier(Budget(1.0, console.clock), console.clock, DEFAULT_LIMITS)
    http = HttpClient(retrier, DEFAULT_LIMITS)
    plan = release_plan(args, CONTEXT, console, http, DEFAULT_LIMITS)
    assert plan is not None

    plan.target(Path("dist") / name, console, DEFAULT_LIMITS)

    assert isinstance(console.err, io.StringIO)
    assert ("is called 'a.b.intoto.jsonl'" in console.err.getvalue()) is noted
