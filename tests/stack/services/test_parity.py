"""The suite of ``tests/parity`` on the real services, with either log."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from slsa_gen.sandbox.checkout import read_checkout
from slsa_gen.sandbox.run import Run as SandboxRun
from tests.parity.attesting import Attesting, RefusingInputs
from tests.parity.laying_out import LayingOut
from tests.parity.place import SIGSTORE, Place, Signed, file_name
from tests.parity.recording import Recording
from tests.parity.verifying import Verifying
from tests.stack.services.issuer import SERVER
from tests.stack.services.processes import HOST
from tests.support.sandboxes import ENVIRONMENT, make_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stack.services.runs import Run

pytestmark = pytest.mark.network


@pytest.fixture(scope="session")
def signed() -> dict[int, dict[str, Signed]]:
    """Return where it is kept what was signed once for all, for each log."""
    return {}


@pytest.fixture
def place(
    request: pytest.FixtureRequest, run: Run, signed: dict[int, dict[str, Signed]]
) -> Iterator[Place]:
    """Return a run's checkout whose Sigstore is the real one: a run like the sandbox's."""
    cli, ports = run.cli, run.stack.ports
    commit = make_checkout(cli.folder)
    cli.write(SIGSTORE, run.documents.client_config.read_bytes())
    names = {
        run.issuer: "<issuer>",
        f"{SERVER}/octo-": "<server>/octo-",
        _url(ports["fulcio"]): "<authority>",
        f"{_url(ports['ct-log'])}/ct": "<certificate log>",
        _url(ports[f"rekor-v{run.log}"]): "<log>",
        f"{_url(ports['timestamp-authority'])}/api/v1/timestamp": "<timestamp authority>",
        commit: "<commit>",
        str(cli.folder): "<folder>",
    }
    numbers = itertools.count(1)

    def begin() -> dict[str, str]:
        claims = SandboxRun(next(numbers), read_checkout(cli.folder, ENVIRONMENT)).claims
        return run.stack.run(**claims)

    found = Place(cli, run.issuer, SERVER, names, begin, signed.setdefault(run.log, {}))
    found.begin()
    yield found
    found.end(file_name(request.node))


def _url(port: int) -> str:
    return f"http://{HOST}:{port}"


class TestAttesting(Attesting):
    """What is attested."""


class TestRefusingInputs(RefusingInputs):
    """What is not."""


class TestVerifying(Verifying):
    """Verdicts, and what a bundle says."""


class TestRecording(Recording):
    """Commands that are run, and what is on record of them."""


class TestLayingOut(LayingOut):
    """Layouts, and verdicts by them."""
