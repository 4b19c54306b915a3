"""Fixtures of the tests against a real Sigstore; skipped where ``make test-stack`` is not."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from tests.integration.conftest import CommandLine
from tests.stack.services import builds
from tests.stack.services.clients import Clients, Question
from tests.stack.services.issuer import CLAIMS, SERVER
from tests.stack.services.stack import LOGS, Stack, brought_up, missing
from tests.support.sandboxes import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read when this is imported: tests see a clean environment.
_VARIABLES = environment.variables()
_PROVENANCE = "https://slsa.dev/provenance/v1"
_IDENTITY = f"{SERVER}/{CLAIMS['job_workflow_ref']}"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Return the running stack; skip where it is not asked for, or cannot be had."""
    if not _VARIABLES.get("SLSA_GEN_STACK"):
        pytest.skip("stack: run by make test-stack")
    lacking = missing(_VARIABLES)
    if lacking:
        pytest.skip(f"stack: {lacking}")
    folder = builds.cache_folder(_VARIABLES)
    cache = builds.Cache(folder, _VARIABLES, builds.Pins.read(), print)
    # pytest's own temporary folders are closed to other users, as whom PostgreSQL runs.
    with (
        tempfile.TemporaryDirectory(prefix="slsa-gen-stack-") as name,
        brought_up(cache, Path(name), SystemClock()) as served,
    ):
        yield served


@pytest.fixture
def clients(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Clients:
    """Return the other verifiers, with a home of their own."""
    return Clients(stack.program, tmp_path_factory.mktemp("clients"))


@pytest.fixture(params=LOGS, ids=[f"rekor-v{version}" for version in LOGS])
def log(request: pytest.FixtureRequest) -> int:
    """Return the version of the log to sign with."""
    version = request.param
    assert isinstance(version, int)
    return version


@dataclass
class Run:
    """A run in a workspace, against one log of the stack."""

    stack: Stack
    log: int
    cli: CommandLine

    @property
    def trust(self) -> str:
        """Return what ``--sigstore`` is given."""
        return str(self.stack.documents[self.log].client_config)

    def begin(self, **changes: object) -> None:
        """Begin another run; see ``Issuer.begin``."""
        self.cli.variables.update(self.stack.run(**changes))

    def attest(self, *arguments: str) -> Path:
        """Attest, and return the bundle file, whose name is ``b.intoto.jsonl``."""
        outcome = self.cli(
            "attest", "--sigstore", self.trust, "--output", "b.intoto.jsonl", *arguments
        )
        assert outcome.code == 0, outcome.err
        return self.cli.folder / "b.intoto.jsonl"

    def question(
        self, artifact: str, predicate_type: str = _PROVENANCE, identity: str = _IDENTITY
    ) -> Question:
        """Return the question about an artifact that everyone must answer with yes."""
        return Question(
            bundle=self.cli.folder / "b.intoto.jsonl",
            artifact=self.cli.folder / artifact,
            identity=identity,
            issuer=self.stack.issuer.url,
            predicate_type=predicate_type,
            trust=self.stack.documents[self.log],
        )


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
    found = Run(stack, log, CommandLine(tmp_path, variables, capsys))
    found.begin()
    return found
