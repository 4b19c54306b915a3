"""What a user meets when a service itself is stopped: it has ended, or it stands still."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.between import BUDGET
from tests.stack.services.processes import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import Outcome
    from tests.stack.services.readings import Readings
    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network

#: Seconds that a command may take beyond its budget.
MARGIN: Final = 4.0
#: Seconds that a service is away where nothing tells that this was noticed.
AWAY: Final = 3.0
#: Seconds for what must succeed, also where every core is busy.
AMPLE: Final = 60
#: The reason when a service, or one behind it, is stopped.
REASONS: Final = {
    "fulcio": "signing.certificate-unreachable",
    "ct-log": "signing.certificate-unreachable",
    "rekor-v1": "signing.log-unreachable",
    "rekor-v2": "signing.log-unreachable",
    # The log of certificates needs it as well, and is asked first.
    "trillian-server": "signing.certificate-unreachable",
    "trillian-signer": "signing.log-unreachable",
    "timestamp-authority": "signing.timestamp",
}
#: Those that are asked by others: what fails is whoever asks, and in its own time.
BEHIND: Final = frozenset({"ct-log", "trillian-server", "trillian-signer"})
#: What each log is signed with; those behind the others once.
ASKED: Final = [
    *((1, name) for name in ("fulcio", "rekor-v1", "trillian-server", "trillian-signer")),
    *((2, name) for name in ("fulcio", "ct-log", "rekor-v2", "timestamp-authority")),
]
WAYS: Final = ("ended", "stands still")


@contextmanager
def _stopped(run: Run, service: str, way: str) -> Iterator[None]:
    """Stop a service for the length of a block."""
    process = run.stack.processes[service]
    if way == "ended":
        process.stop(signal.SIGTERM)
    else:
        process.halt()
    try:
        yield
    finally:
        if way == "ended":
            process.start_again()
        else:
            process.go_on()


def _attest(run: Run, budget: float) -> tuple[Outcome, float]:
    began = time.monotonic()
    outcome = run.cli(
        *("attest", "--sigstore", run.sigstore, "--retry-budget", str(budget), "app"),
    )
    return outcome, time.monotonic() - began


def _entries(run: Run) -> int:
    """Return how many entries the log has."""
    if run.log == 1:
        size = json.loads(fetch(run.stack.ports["rekor-v1"], "/api/v1/log"))["treeSize"]
        assert isinstance(size, int)
        return size
    # Version 2 leaves it to another server to read the log: it is made of files.
    checkpoint = run.stack.folder / "rekor-v2" / "checkpoint"
    return int(checkpoint.read_text().splitlines()[1])


def _check_bundle(run: Run) -> None:
    verified = run.cli(
        *("verify", "app", "--sigstore", run.sigstore, "--repo", "octo-org/octo-repo"),
        *("--cert-oidc-issuer", run.issuer),
    )
    assert verified.code == 0, verified.out


@pytest.mark.sampled
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("log", "service"), ASKED, indirect=["log"])
def test_a_stopped_service_is_an_error_in_time(
    run: Run, readings: Readings, service: str, way: str
) -> None:
    """Exit code 3 and no bundle; and with the service it works again."""
    run.cli.write("app")
    with _stopped(run, service, way):
        outcome, seconds = _attest(run, BUDGET)

    message = readings.add((f"the service {way}", service, run.log), outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, REASONS[service])
    assert seconds < BUDGET + MARGIN
    assert not list(run.cli.folder.glob("*.jsonl"))
    if way == "ended" and service not in BEHIND:
        assert "Connection refused" in message
    again, _ = _attest(run, AMPLE)
    assert again.code == 0, again.err
    _check_bundle(run)


@pytest.mark.sampled
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("log", "service"), ASKED, indirect=["log"])
def test_a_service_that_comes_back_in_time_is_enough(run: Run, service: str, way: str) -> None:
    """The command waits for it, and succeeds."""
    run.cli.write("app")
    before = _entries(run)
    command = [sys.executable, "-m", "slsa_gen", "attest", "--sigstore", run.sigstore]
    command += ["--retry-budget", str(AMPLE), "--format", "json", "app"]
    said = run.cli.folder.parent / "said.txt"
    with said.open("wb") as errors, _stopped(run, service, way):
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=run.cli.folder,
            env=run.cli.variables,
        )
        # One that has ended is seen to be away; of the others nothing is seen so soon.
        seen = way == "ended" and service not in BEHIND
        end = time.monotonic() + (AMPLE if seen else AWAY)
        while time.monotonic() < end and "trying again" not in said.read_text():
            time.sleep(0.05)
    out, _ = process.communicate(timeout=AMPLE + MARGIN)

    assert process.returncode == 0, said.read_text()
    assert not seen or "trying again" in said.read_text()
    (result,) = json.loads(out)["results"]
    assert _entries(run) - before == 1 + result["extraLogEntries"]
    _check_bundle(run)
