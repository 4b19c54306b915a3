"""No token leaves a run: not by output, files, arguments, or what is said at the most detail.

What the other tests leave behind is searched as well (``tests/support/secrets.py``); here the
command runs as a process of its own, and everything about it is looked at.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.github_api_calls import Call
from tests.support.github_api_faults import refused
from tests.support.processes import ProcessListings
from tests.support.sandboxes import client_config, make_checkout
from tests.support.secrets import LEDGER, Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.sandbox.server import Sandbox
    from tests.integration.conftest import CommandLine
    from tests.support.github_api import GitHubSimulator

pytestmark = pytest.mark.network


@pytest.fixture
def variables(cli: CommandLine, sandbox: Sandbox, github: GitHubSimulator) -> dict[str, str]:
    """Return the environment of a run whose tokens are all known here."""
    make_checkout(cli.folder)
    cli.write("config.json", client_config(sandbox.instance()))
    cli.write("dist/app.tar.gz")
    summary = {name: str(cli.write(name.lower(), "")) for name in ("GITHUB_STEP_SUMMARY",)}
    run = {**cli.variables, **sandbox.run_variables(cli.folder), **github.variables, **summary}
    LEDGER.register_variables(run)
    return run


def _attest(folder: Path, variables: dict[str, str], *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "slsa_gen", "attest", "--sigstore", "config.json"]
    return subprocess.Popen(
        [*command, "dist/app.tar.gz", "-v", *more],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_no_process_shows_a_token_in_its_arguments(
    cli: CommandLine, variables: dict[str, str]
) -> None:
    """Neither the command nor the child that signs, from their start to their end."""
    with ProcessListings() as listings:
        out, err = _attest(cli.folder, variables).communicate(timeout=60)

    ours = [command for command in listings.seen if "slsa_gen" in command]
    assert "bundle:" in out, err
    assert any("attest --sigstore config.json" in command for command in ours)
    assert len(ours) >= 2, "the child that signs was not seen"
    assert LEDGER.found() == []


def test_an_upload_shows_no_token(
    cli: CommandLine, variables: dict[str, str], github: GitHubSimulator
) -> None:
    """The token goes to the API and nowhere else."""
    github.add_release("v1.0.0", draft=True)
    upload = ("--upload-assets", "--upload-tag-name", "v1.0.0")

    process = _attest(cli.folder, variables, *upload)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert "v1.0.0" in out
    assert all(seen.token == github.token for seen in github.requests)
    assert github.downloads == []
    assert LEDGER.found() == []


def test_a_service_that_repeats_the_token_does_not_make_us_print_it(
    cli: CommandLine, variables: dict[str, str], github: GitHubSimulator
) -> None:
    """Not in the error, and not at the most detail."""
    github.add_release("v1.0.0", draft=True)
    github.always(Call.UPLOAD, refused(422, f"your token {github.token} is odd"))

    process = _attest(cli.folder, variables, "--upload-assets", "--upload-tag-name", "v1.0.0")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "is odd" in err
    assert LEDGER.found() == []


@pytest.mark.shows_tokens("a process is started with a token among its arguments")
def test_a_token_in_the_arguments_of_a_process_is_seen() -> None:
    """The watching itself finds what it looks for."""
    ledger = Ledger()
    token = "planted-" + "0123456789abcdef"
    ledger.register(token, "planted")

    with ProcessListings(ledger) as listings:
        command = [sys.executable, "-c", "import time; time.sleep(0.5)", token]
        subprocess.run(command, check=True)

    assert ledger.findings
    assert listings.samples > 0
