"""Fixtures of the tests against a real Sigstore; skipped where ``make test-stack`` is not."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER
from tests.integration.conftest import CommandLine
from tests.stack.services import builds, people
from tests.stack.services.clients import Clients
from tests.stack.services.issuer import CLAIMS, SERVER
from tests.stack.services.kinds import KINDS
from tests.stack.services.readings import Readings
from tests.stack.services.runs import Run, Workspace
from tests.stack.services.stack import LOGS
from tests.stack.services.table import PAGE, PLACES, Table, block, replaced
from tests.stack.services.trust import Documents
from tests.stack.services.wrong import WRONG
from tests.support.sandboxes import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stack.services.people import SignIn
    from tests.stack.services.stack import Stack

# Read when this is imported: tests see a clean environment.
_VARIABLES = environment.variables()


@pytest.fixture
def clients(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Clients:
    """Return the other verifiers, with a home of their own."""
    return Clients(stack.program, tmp_path_factory.mktemp("clients"))


@pytest.fixture
def validator(stack: Stack) -> Path:
    """Return the program that holds statements against in-toto's own validators."""
    return stack.validator


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    """Collect verdicts; the manual's table must say the same once all were heard.

    With ``SLSA_GEN_STACK=write`` it is written into the manual instead.
    """
    kinds: dict[str, tuple[str, ...]] = dict.fromkeys(KINDS, PLACES)
    wrong = {f"{part} ({reason})": PLACES[:2] for part, (_, reason) in WRONG.items()}
    found = Table({**kinds, **wrong})
    yield found
    if not found.complete:
        return
    page, written = PAGE.read_text(encoding="utf-8"), found.written(builds.Pins.read().versions)
    if _VARIABLES["SLSA_GEN_STACK"] == "write":
        PAGE.write_text(replaced(page, written), encoding="utf-8")
    else:
        assert block(page) == written, "write it anew: SLSA_GEN_STACK=write make test-stack"


@pytest.fixture(scope="session")
def readings() -> Iterator[Readings]:
    """Collect what users read of failures, for the file that ``SLSA_GEN_STACK_READINGS`` names."""
    found = Readings()
    yield found
    if file := _VARIABLES.get("SLSA_GEN_STACK_READINGS"):
        Path(file).write_text(found.written(), encoding="utf-8")


@pytest.fixture(params=LOGS, ids=[f"rekor-v{version}" for version in LOGS])
def log(request: pytest.FixtureRequest) -> int:
    """Return the version of the log to sign with."""
    version = request.param
    assert isinstance(version, int)
    return version


@pytest.fixture
def run(
    stack: Stack,
    log: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return a run with an empty workspace."""
    monkeypatch.chdir(tmp_path)
    variables = {**ENVIRONMENT, "HOME": str(tmp_path), "GITHUB_WORKSPACE": str(tmp_path)}
    documents = stack.documents[log]
    found = Run(
        CommandLine(tmp_path, variables, capsys),
        sigstore=str(documents.client_config),
        documents=documents,
        issuer=stack.issuer.url,
        identity=f"{SERVER}/{CLAIMS['job_workflow_ref']}",
        stack=stack,
        log=log,
    )
    found.begin()
    return found


@pytest.fixture(scope="session")
def sign_in(stack: Stack) -> Iterator[SignIn]:
    """Serve the provider and its authority; skip where there is no Node."""
    lacking = people.missing()
    if lacking:
        pytest.skip(f"stack: {lacking}")
    program = people.installed(builds.cache_folder(_VARIABLES), _VARIABLES)
    with (
        tempfile.TemporaryDirectory(prefix="slsa-gen-people-") as name,
        people.serving(stack, program, Path(name)) as served,
    ):
        yield served


@pytest.fixture
def person(
    stack: Stack,
    sign_in: SignIn,
    log: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Workspace:
    """Return a person's folder, with a file to vouch for."""
    monkeypatch.chdir(tmp_path)
    documents = sign_in.documents[log]
    trusted = {"REQUESTS_CA_BUNDLE": str(stack.ca_bundle), "SSL_CERT_FILE": str(stack.ca_bundle)}
    cli = CommandLine(tmp_path, {**ENVIRONMENT, "HOME": str(tmp_path), **trusted}, capsys)
    cli.write("app")
    return Workspace(cli, str(documents.client_config), documents, sign_in.issuer, people.EMAIL)


@pytest.fixture
def sandboxed(
    sandbox_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Workspace:
    """Return an empty folder in which the sandbox signs, and its documents for others."""
    monkeypatch.chdir(tmp_path)
    variables = {**ENVIRONMENT, "HOME": str(tmp_path), "SLSA_GEN_SANDBOX": str(sandbox_folder)}
    cli = CommandLine(tmp_path, variables, capsys)
    # Made with the folder's first use, and printed alone: not in a run, so without guards.
    cli.write("first")
    assert cli("attest", "--sigstore", "sandbox", "first").code == 0
    config = cli.write("trust-config.json", cli("sandbox", "trust-config").out)
    root = cli.write("trusted-root.json", cli("sandbox", "trusted-root").out)
    return Workspace(
        cli,
        sigstore="sandbox",
        documents=Documents(root, config, config),
        issuer=SANDBOX_ISSUER,
        identity=f"{SANDBOX_SERVER}/sandbox/sandbox/.github/workflows/sandbox.yml@refs/heads/main",
    )
