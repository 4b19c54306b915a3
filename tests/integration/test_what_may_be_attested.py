"""Which runs attest signs for: by event, by visibility, and only with a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.mistaken import OtherRunSandbox
from tests.support.sandboxes import client_config

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import CommandLine, Outcome

network = pytest.mark.network


def _attest(
    cli: CommandLine, folder: Path, changes: dict[str, str], *more: str, public_log: bool = False
) -> Outcome:
    cli.write("app")
    with OtherRunSandbox(folder, changes) as served:
        config = json.loads(client_config(served.instance()))
        if public_log:
            ended = {"start": "2021-01-01T00:00:00Z", "end": "2022-01-01T00:00:00Z"}
            public = {"url": "https://rekor.sigstore.dev", "majorApiVersion": 1}
            config["signingConfig"]["rekorTlogUrls"].append(
                {**public, "operator": "sigstore.dev", "validFor": ended}
            )
        cli.write("config.json", json.dumps(config))
        before = dict(cli.variables)
        cli.variables |= served.run_variables(cli.folder)
        try:
            return cli("attest", "--sigstore", "config.json", "app", *more)
        finally:
            cli.variables = before


@network
@pytest.mark.parametrize("event", ["create", "push", "release", "workflow_dispatch"])
def test_the_events_of_the_build_type_are_attested(
    cli: CommandLine, sandbox_folder: Path, event: str
) -> None:
    """Those for which the build type is defined."""
    outcome = _attest(cli, sandbox_folder, {"event_name": event})

    assert outcome.code == 0, outcome.err


@network
def test_another_event_is_refused_unless_it_is_allowed(
    cli: CommandLine, sandbox_folder: Path
) -> None:
    """--allow-event names it; a consumer sees it."""
    refused = _attest(cli, sandbox_folder, {"event_name": "schedule"})
    allowed = _attest(cli, sandbox_folder, {"event_name": "schedule"}, "--allow-event", "schedule")

    assert (refused.code, refused.reason) == (3, "context.event")
    assert allowed.code == 0, allowed.err
    verified = cli("verify", "app", "--sigstore", "sandbox", "--repo", "sandbox/sandbox")
    assert "event:     schedule" in verified.out


@network
def test_a_private_repository_is_not_named_in_a_public_log_unasked(
    cli: CommandLine, sandbox_folder: Path
) -> None:
    """Nothing is signed before that is allowed."""
    private = {"repository_visibility": "private"}

    refused = _attest(cli, sandbox_folder, private, public_log=True)
    allowed = _attest(cli, sandbox_folder, private, "--allow-public-log", public_log=True)

    assert (refused.code, refused.reason) == (3, "context.visibility")
    assert allowed.code == 0, allowed.err
    assert "log:     entry 0" in allowed.out


@network
def test_a_private_repository_may_use_a_log_of_its_own(
    cli: CommandLine, sandbox_folder: Path
) -> None:
    """What is not public needs no leave."""
    assert _attest(cli, sandbox_folder, {"repository_visibility": "internal"}).code == 0


@network
def test_a_claim_that_is_missing_is_named(cli: CommandLine, sandbox_folder: Path) -> None:
    """The message says which."""
    outcome = _attest(cli, sandbox_folder, {"runner_environment": ""})

    assert (outcome.code, outcome.reason) == (3, "context.claim")
    assert "runner_environment" in outcome.err


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "context.outside-run"),
        ({"GITHUB_ACTIONS": "true"}, "context.permission"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}, "context.permission"),
    ],
)
def test_without_a_token_no_service_is_asked(
    cli: CommandLine, variables: dict[str, str], reason: str
) -> None:
    """The error says what is possible instead; no socket is opened."""
    cli.write("app")
    cli.variables |= variables

    outcome = cli("attest", "app")

    assert (outcome.code, outcome.reason) == (3, reason)
    expected = "id-token: write" if variables else "--sigstore sandbox"
    assert expected in outcome.err


@network
@pytest.mark.parametrize("how", ["file", "variable"])
def test_a_token_may_be_handed_in(cli: CommandLine, sandbox_folder: Path, how: str) -> None:
    """--identity-token-file, or SIGSTORE_ID_TOKEN; verified like the runner's own."""
    cli.write("app")
    with OtherRunSandbox(sandbox_folder, {}) as served:
        cli.write("config.json", client_config(served.instance()))
        run = served.run_variables(cli.folder)
        (last,) = served._runs
        token = served._issuer.issue(last.claims, "sigstore")
        cli.variables["GITHUB_SERVER_URL"] = run["GITHUB_SERVER_URL"]
        more: tuple[str, ...] = ()
        if how == "file":
            more = ("--identity-token-file", str(cli.write("token", token)))
        else:
            cli.variables["SIGSTORE_ID_TOKEN"] = token
        good = cli("attest", "--sigstore", "config.json", "app", *more)
        forged = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
        if how == "file":
            cli.write("token", forged)
        else:
            cli.variables["SIGSTORE_ID_TOKEN"] = forged
        bad = cli("attest", "--sigstore", "config.json", "app", "--overwrite", *more)

    assert good.code == 0, good.err
    assert (bad.code, bad.reason) == (3, "context.token")
    assert token not in good.out + good.err
    assert forged not in bad.out + bad.err


@network
@pytest.mark.parametrize("ref", ["refs/heads/möwe", "refs/tags/pkg@1.0+x"])
def test_a_ref_that_no_uri_holds_is_attested_and_verified(
    cli: CommandLine, sandbox_folder: Path, ref: str
) -> None:
    """The certificate's name is escaped, its other fields are not: they are the same text."""
    workflow = f"sandbox/sandbox/.github/workflows/sandbox.yml@{ref}"
    changes = {"ref": ref, "workflow_ref": workflow, "job_workflow_ref": workflow}

    signed = _attest(cli, sandbox_folder, changes)
    verified = cli(
        *("verify", "app", "--sigstore", "sandbox", "--repo", "sandbox/sandbox"),
        *("--source-ref", ref),
    )

    assert signed.code == 0, signed.err
    assert verified.code == 0, verified.out


def test_a_mistyped_sigstore_is_told_before_anything_else(cli: CommandLine) -> None:
    """Outside a run, too: the name is what is wrong first."""
    cli.write("app")

    outcome = cli("attest", "--sigstore", "sandbx", "app")

    assert (outcome.code, outcome.reason) == (3, "trust.not-found")
    assert "sandbx" in outcome.err
