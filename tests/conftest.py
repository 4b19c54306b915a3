"""What every test stands on: closed sockets, a clean environment, and shared fixtures.

* No socket opens unless the test is marked ``@pytest.mark.network``; then only loopback.
* The variables of a workflow run, of Sigstore, of proxies and of git are gone, and the home
  folder is an empty one, so that a test means the same on every machine.
* Fixtures: ``clock``, ``corpus``, ``sandbox``, ``sandbox_folder``, ``faulty_sandbox`` and
  ``github`` (``tests/support/sandboxes.py``, ``faults.py`` and ``github_api.py`` say what they
  can do).
"""

from __future__ import annotations

import itertools
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.sandbox.server import Sandbox
from tests.support import corpus as corpus_support
from tests.support import sockets
from tests.support.clock import FakeClock
from tests.support.github_api import GitHubSimulator
from tests.support.sandboxes import ENVIRONMENT, FaultySandboxes, copy_template, make_template

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite("tests.parity")

pytest_plugins = (
    "tests.support.secrets_plugin",
    "tests.support.not_run",
    "tests.support.combinations",
    "tests.support.sampling",
)

_SCRUBBED = re.compile(
    r"(GITHUB|ACTIONS|RUNNER|INPUT|SIGSTORE|TUF|GIT|XDG)_.*|CI|NETRC|NO_COLOR|FORCE_COLOR"
    r"|SLSA_GEN_(?!CORPUS$).*|(HTTPS?|ALL|NO)_PROXY|(REQUESTS|CURL)_CA_BUNDLE",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def _closed_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close the network, or keep to loopback where a test is marked so."""
    with pytest.MonkeyPatch.context() as patch:
        if request.node.get_closest_marker("network") is None:
            sockets.close_sockets(patch)
        else:
            sockets.keep_to_loopback(patch)
        yield


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that holds each test's home."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _clean_environment(_homes: Path) -> Iterator[Path]:
    """Take away what a run, a user or a machine may have set; the home is an empty folder."""
    home = Path(tempfile.mkdtemp(dir=_homes))
    with pytest.MonkeyPatch.context() as patch:
        for name in environment.variables():
            if _SCRUBBED.fullmatch(name):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield home


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real attestations; skip where it is absent."""
    folder = corpus_support.corpus_folder()
    if folder is None:
        pytest.skip(corpus_support.ABSENT)
    return folder


@pytest.fixture(scope="session")
def sandbox_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sandbox that others are copied from: its keys are made once a session."""
    folder = tmp_path_factory.mktemp("template") / "sandbox"
    make_template(folder)
    return folder


@pytest.fixture
def sandbox_folder(sandbox_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sandbox of the test's own, with an empty log, not served."""
    return copy_template(sandbox_template, tmp_path_factory.mktemp("sandbox") / "sandbox")


@pytest.fixture
def sandbox(sandbox_folder: Path) -> Iterator[Sandbox]:
    """Serve a sandbox of the test's own by the machine's clock."""
    with Sandbox(sandbox_folder, SystemClock(), environment=ENVIRONMENT) as served:
        yield served


@pytest.fixture
def faulty_sandbox(
    sandbox_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultySandboxes]:
    """Serve sandboxes behind faults: see ``tests/support/faults.py``."""
    folder = tmp_path_factory.mktemp("faulty")
    numbers = itertools.count()
    with ExitStack() as stack:
        yield FaultySandboxes(
            lambda: copy_template(sandbox_template, folder / str(next(numbers))), stack
        )


@pytest.fixture
def github() -> Iterator[GitHubSimulator]:
    """Serve GitHub's API with one public repository: see ``tests/support/github_api.py``."""
    with GitHubSimulator() as served:
        yield served
