"""The suite of ``tests/parity`` on the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER
from tests.parity.attesting import Attesting, RefusingInputs
from tests.parity.laying_out import LayingOut
from tests.parity.place import PRINTED, SIGSTORE, Place, Signed, file_name
from tests.parity.recording import Recording
from tests.parity.verifying import Verifying
from tests.support.sandboxes import client_config, make_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsa_gen.sandbox.server import Sandbox
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.network


@pytest.fixture(scope="session")
def signed() -> dict[str, Signed]:
    """Return where it is kept what was signed once for all."""
    return {}


@pytest.fixture
def place(
    request: pytest.FixtureRequest, cli: CommandLine, sandbox: Sandbox, signed: dict[str, Signed]
) -> Iterator[Place]:
    """Return a run's checkout whose Sigstore is a sandbox, named by a file."""
    commit = make_checkout(cli.folder)
    cli.write(SIGSTORE, client_config(sandbox.instance()))
    names = {
        SANDBOX_ISSUER: "<issuer>",
        f"{SANDBOX_SERVER}/octo-": "<server>/octo-",
        f"{SANDBOX_SERVER}/fulcio": "<authority>",
        f"{SANDBOX_SERVER}/ct": "<certificate log>",
        f"{SANDBOX_SERVER}/rekor": "<log>",
        sandbox.base_url: "<log>",
        commit: "<commit>",
        str(cli.folder): "<folder>",
    }
    found = Place(
        cli,
        SANDBOX_ISSUER,
        SANDBOX_SERVER,
        names,
        lambda: sandbox.run_variables(cli.folder),
        signed,
    )
    found.begin()
    yield found
    found.end(file_name(request.node))


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


def test_every_printed_text_belongs_to_a_test() -> None:
    """None is left of a test that is gone."""
    suite = (Attesting, RefusingInputs, Verifying, Recording, LayingOut)
    tests = {name.removeprefix("test_") for cls in suite for name in dir(cls)}

    files = {path.name.removesuffix(".txt").partition("-")[0] for path in PRINTED.iterdir()}

    assert files - tests == set()
