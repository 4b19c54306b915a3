"""What the log holds an entry of is never lost: the bundle is kept, and the error says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.sandbox import status as sandbox_status
from tests.support.faults import Endpoint
from tests.support.sandboxes import client_config
from tests.support.wrongs import pass_on, status

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine, Outcome
    from tests.support.faults import FaultyServer
    from tests.support.sandboxes import FaultySandboxes
    from tests.support.wrongs import Exchange

pytestmark = pytest.mark.network


def _prepare(cli: CommandLine, server: FaultyServer) -> None:
    # Only the log stands behind the faults: an issuer's keys must be of the issuer's own origin.
    config = json.loads(client_config(server.sandbox.instance()))
    for log in config["signingConfig"]["rekorTlogUrls"]:
        log["url"] = log["url"].replace(server.sandbox.base_url, server.base_url)
    cli.write("config.json", json.dumps(config))
    cli.variables |= server.sandbox.run_variables(cli.folder)


def _log_size(server: FaultyServer) -> int:
    found = sandbox_status.look(server.sandbox.folder)
    assert found is not None
    return found.head.size


def _saved(outcome: Outcome) -> list[bytes]:
    """Return the lines of the file that the message names, and take it away."""
    (message,) = (line for line in outcome.err.splitlines() if line.startswith("error: "))
    path = Path(message.rpartition("saved as ")[2].strip("'"))
    lines = path.read_bytes().splitlines()
    path.unlink()
    return lines


def test_a_bundle_whose_place_is_taken_while_it_is_signed(
    cli: CommandLine, faulty_sandbox: FaultySandboxes
) -> None:
    """The other file stays, and the bundle that was kept verifies."""
    server = faulty_sandbox()
    _prepare(cli, server)
    cli.write("a")
    there = cli.folder / "a.intoto.jsonl"

    def take_the_place(exchange: Exchange) -> None:
        there.write_bytes(b"theirs")
        pass_on(exchange)

    server.inject(Endpoint.LOG, take_the_place)

    outcome = cli("attest", "--sigstore", "config.json", "a")

    assert (outcome.code, outcome.reason) == (2, "usage.output-exists"), outcome.err
    assert "the log holds an entry of each signed statement" in outcome.err
    assert there.read_bytes() == b"theirs"
    assert _log_size(server) == 1
    (line,) = _saved(outcome)
    cli.write("kept.jsonl", line)
    kept = cli(
        *("verify", "a", "--bundle", "kept.jsonl", "--repo", "sandbox/sandbox"),
        *("--sigstore", "config.json"),
    )
    assert kept.code == 0, kept.err + kept.out


def test_the_first_statements_when_a_later_one_is_refused(
    cli: CommandLine, faulty_sandbox: FaultySandboxes
) -> None:
    """As many lines are kept as the log has entries."""
    server = faulty_sandbox()
    _prepare(cli, server)
    cli.write("SUMS", "".join(f"{n:064x}  f{n}\n" for n in range(1025)))
    server.inject(Endpoint.LOG, pass_on)
    server.always(Endpoint.LOG, status(400))

    outcome = cli("attest", "--sigstore", "config.json", "--subject-checksums", "SUMS")

    assert (outcome.code, outcome.reason) == (3, "signing.log-refused"), outcome.err
    assert "; 1 of 2 statements were signed and logged, and saved as " in outcome.err
    assert _log_size(server) == 1
    (line,) = _saved(outcome)
    assert "dsseEnvelope" in json.loads(line)
    assert not list(cli.folder.glob("*.intoto.jsonl"))
