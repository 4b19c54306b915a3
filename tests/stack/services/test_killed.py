"""Killed at any moment, a run leaves no half-written bundle, and the next one succeeds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.stack.services.between import between, services
from tests.stack.services.stack import LOGS
from tests.support.wrongs import pass_on

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stack.services.runs import Run
    from tests.support.sampling import Sample
    from tests.support.wrongs import Exchange

pytestmark = pytest.mark.network

_SECONDS: Final = 120.0
#: A run makes at most so many of each call in any one thread.
_MOST: Final = 40
#: In a sample, a run is killed at the first call and then at one of so many.
_EVERY: Final = 6
#: The system calls at which a run is killed: pipes and the file, its place, and the services.
CALLS: Final = ("connect", "write", "fsync", "link", "unlink", "sendto")
#: What a run asks, with either log, and whether the service has acted when the run is killed.
MOMENTS: Final = [
    (log, service, acted) for log in LOGS for service in services(log) for acted in (False, True)
]


def _command(config: Path) -> list[str]:
    return [sys.executable, "-m", "slsa_gen", "attest", "--sigstore", str(config), "app"]


def _check_what_is_left(run: Run, config: Path) -> None:
    """See that the bundle is whole or not there, and that the next run has it."""
    bundle = run.cli.folder / "app.intoto.jsonl"
    verify = (
        *("verify", "app", "--sigstore", str(config), "--cert-oidc-issuer", run.issuer),
        *("--repo", "octo-org/octo-repo"),
    )
    if bundle.exists():
        assert run.cli(*verify).code == 0
    again = run.cli("attest", "--sigstore", str(config), "app")
    assert again.code == 0, again.err
    assert run.cli(*verify).code == 0
    bundle.unlink()


@pytest.mark.skipif(shutil.which("strace") is None, reason="stack: there is no strace")
@pytest.mark.sampled
@pytest.mark.parametrize("call", CALLS)
def test_killed_at_each_system_call(run: Run, sample: Sample, call: str) -> None:
    """The first of a kind, the second, and so on, until a run makes no more of them."""
    run.cli.write("app")
    config = run.documents.client_config
    traced = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}"]
    for number in sample.steps(_MOST, f"{call} {run.log}", _EVERY):
        inject = ["-e", f"inject={call}:signal=KILL:when={number}"]
        done = subprocess.run(
            [*traced, *inject, *_command(config)],
            check=False,
            capture_output=True,
            timeout=_SECONDS,
            cwd=run.cli.folder,
            env=run.cli.variables,
        )
        if done.returncode == 0:
            assert number > 1, "nothing was killed"
            return
        _check_what_is_left(run, config)
    pytest.fail(f"a run makes {_MOST} calls of {call} and more")


@pytest.mark.sampled
@pytest.mark.parametrize(("log", "service", "acted"), MOMENTS, indirect=["log"])
def test_killed_while_a_service_is_asked(run: Run, service: str, *, acted: bool) -> None:
    """Before the service acts, or after it and before its answer arrives."""
    with between(run) as there:
        process = subprocess.Popen(
            _command(there.config),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=run.cli.folder,
            env=run.cli.variables,
        )

        def kill(exchange: Exchange) -> None:
            if acted:
                exchange.ask()
            os.kill(process.pid, signal.SIGKILL)
            process.wait(_SECONDS)
            exchange.cut()

        there.proxies[service].inject(kill)
        assert process.wait(_SECONDS) == -signal.SIGKILL
        there.proxies[service].always(pass_on)
        assert not (run.cli.folder / "app.intoto.jsonl").exists()
        _check_what_is_left(run, there.config)
