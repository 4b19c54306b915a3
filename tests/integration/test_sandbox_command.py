"""``slsa-gen sandbox``: a run's variables, a configuration for others, and forgetting."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.sandboxes import make_checkout
from tests.support.temporary import take_away

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.network

ENV = ("sandbox", "env", "--")
WRITE = "import json, os, sys; json.dump(dict(os.environ), open('env.json', 'w')); sys.exit({})"


def _variables(cli: CommandLine, code: int = 0) -> tuple[int, dict[str, str]]:
    outcome = cli(*ENV, sys.executable, "-c", WRITE.format(code))
    variables = json.loads((cli.folder / "env.json").read_text())
    assert isinstance(variables, dict)
    return outcome.code, variables


def test_a_command_has_the_variables_of_a_run(cli: CommandLine) -> None:
    """Repository, ref and commit of the checkout at hand; loopback past any proxy."""
    commit = make_checkout(cli.folder, remote="https://user:secret@github.com/octo-org/octo-repo")
    cli.variables["HTTP_PROXY"] = "http://127.0.0.1:9"

    code, variables = _variables(cli)

    assert code == 0
    assert variables["GITHUB_ACTIONS"] == "true"
    assert variables["GITHUB_REPOSITORY"] == "octo-org/octo-repo"
    assert variables["GITHUB_SHA"] == commit
    assert variables["ACTIONS_ID_TOKEN_REQUEST_URL"].startswith("http://127.0.0.1:")
    assert "127.0.0.1" in variables["NO_PROXY"].split(",")
    assert "secret" not in json.dumps(variables)


def test_without_a_place_for_temporary_files_it_is_said_what_helps(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container whose root is read-only, on a machine without memory files."""
    take_away(monkeypatch, tmp_path / "absent")

    outcome = cli(*ENV, "true")

    assert (outcome.code, outcome.reason) == (3, "sandbox.folder")
    assert "docker run --tmpfs /tmp" in outcome.err


@pytest.mark.parametrize("code", [0, 1, 7])
def test_the_command_s_code_is_passed_on(cli: CommandLine, code: int) -> None:
    """Whatever it says."""
    assert _variables(cli, code)[0] == code


def test_a_command_ended_by_a_signal_says_so(cli: CommandLine) -> None:
    """As a shell does: 128 and the signal's number."""
    program = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"

    assert cli(*ENV, sys.executable, "-c", program).code == 128 + 15


def test_attest_works_within_a_run_of_the_sandbox(cli: CommandLine) -> None:
    """With the live configuration, as another client would be given it."""
    cli.write("app")
    attest = (
        "import os, subprocess, sys; sys.exit(subprocess.call([sys.executable, '-m', 'slsa_gen', "
        "'attest', '--sigstore', os.environ['SLSA_GEN_SANDBOX_TRUST_CONFIG'], 'app']))"
    )

    assert cli(*ENV, sys.executable, "-c", attest).code == 0

    verified = cli("verify", "app", "--sigstore", "sandbox", "--repo", "sandbox/sandbox")
    assert verified.code == 0, verified.out + verified.err


def test_the_configuration_within_a_run_is_the_live_one(cli: CommandLine, tmp_path: Path) -> None:
    """trust-config prints what the variable names."""
    live = tmp_path / "live.json"
    live.write_text('{"live": true}')
    cli.variables["SLSA_GEN_SANDBOX_TRUST_CONFIG"] = str(live)

    assert json.loads(cli("sandbox", "trust-config").out) == {"live": True}

    live.unlink()
    assert cli("sandbox", "trust-config").code == 2


def test_the_configuration_may_be_written_to_a_file(cli: CommandLine) -> None:
    """Standard output stays empty then."""
    outcome = cli("sandbox", "trust-config", "--output", "c.json")

    assert (outcome.code, outcome.out) == (0, "")
    assert sorted(json.loads((cli.folder / "c.json").read_text())) == [
        "mediaType",
        "signingConfig",
        "trustedRoot",
    ]
    assert cli("sandbox", "trust-config", "--output", "no/such/c.json").code == 3


def test_a_reset_forgets_keys_and_log(cli: CommandLine) -> None:
    """What was signed before is nobody's any more."""
    cli.write("app")
    cli("attest", "--sigstore", "sandbox", "app")
    verify = ("verify", "app", "--sigstore", "sandbox", "--repo", "sandbox/sandbox")
    assert cli(*verify).code == 0

    assert cli("sandbox", "reset").code == 0
    absent = cli(*verify)
    cli("attest", "--sigstore", "sandbox", "app", "--output", "new.intoto.jsonl")
    after = cli(*verify, "--bundle", "app.intoto.jsonl")

    assert absent.code == 3
    assert after.code == 1
    assert cli("sandbox", "reset").code == 0
    assert "there was no sandbox" in cli("sandbox", "reset").err


@pytest.mark.parametrize("words", [(), ("--",), ("--", "no-such-command-here")])
def test_a_command_that_cannot_be_run_is_wrong_usage(
    cli: CommandLine, words: tuple[str, ...]
) -> None:
    """It says how to write it."""
    outcome = cli("sandbox", "env", *words)

    assert (outcome.code, outcome.reason) == (2, "sandbox.command")
