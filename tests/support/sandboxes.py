"""Sandboxes for tests: keys are made once a session, and each test gets a copy of its own.

Fixtures (in ``tests/conftest.py``; what serves needs ``@pytest.mark.network``):

``sandbox_folder``
    A folder with a fresh sandbox: keys, and an empty log. Nothing is served.
``sandbox``
    The same, served on loopback by the machine's clock.
``faulty_sandbox``
    Serves a sandbox behind a :class:`~tests.support.faults.FaultyServer`; see
    :class:`FaultySandboxes`.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from slsa_gen import strictjson
from slsa_gen.clock import SystemClock
from slsa_gen.sandbox import database, lifecycle, trust
from slsa_gen.sandbox.keys import Material
from slsa_gen.sandbox.server import Sandbox
from tests.support.faults import FaultyServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.sandbox.api import Answer, Request

#: The sandboxes of tests are this old, so that a test may turn its clock back.
AGE: Final = timedelta(days=30)
#: The repository of :func:`make_checkout`.
REPOSITORY: Final = "octo-org/octo-repo"
#: Where programs are found; nothing of the user's own.
ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def make_template(path: Path) -> None:
    """Make a sandbox to copy others from, without serving it."""
    material = Material.generate(SystemClock().now() - AGE)
    with lifecycle.in_use(path, lambda: strictjson.dumps(material.document()), database.create):
        pass


def copy_template(template: Path, path: Path) -> Path:
    """Copy a sandbox and return where the copy lies."""
    shutil.copytree(template, path)
    return path


def make_checkout(path: Path, *, remote: str = f"https://github.com/{REPOSITORY}.git") -> str:
    """Make a git checkout with one commit on ``main``, and return the commit's hash."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", *arguments],
            cwd=path,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    path.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "--message=first")
    if remote:
        git("remote", "add", "origin", remote)
    return git("rev-parse", "HEAD")


def client_config(instance: SigstoreInstance) -> str:
    """Return an instance's client trust configuration, as other programs read it."""
    assert instance.signing_config is not None
    return trust.client_config(instance.trusted_root, instance.signing_config).decode()


class ForgingSandbox(Sandbox):
    """A sandbox that signs with other keys than those it is trusted by.

    Args:
        path: The sandbox's folder.
        clock: Its clock.
        forged: Names the keys to replace by new ones: ``ct_key`` (the SCT does not hold),
            ``log_key`` (promise and checkpoint do not hold), ``intermediate_key`` (the
            chain does not hold).
    """

    def __init__(self, path: Path, clock: Clock, *, forged: str) -> None:
        super().__init__(path, clock, environment=ENVIRONMENT)
        self._forged = forged

    def _make_routes(
        self, material: Material
    ) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        other = Material.generate(SystemClock().now())
        keys = {
            "ct_key": replace(material, ct_key=other.ct_key),
            "log_key": replace(material, log_key=other.log_key),
            "intermediate_key": replace(
                material,
                intermediate_key=other.intermediate_key,
                intermediate=other.intermediate,
                root=other.root,
            ),
        }
        return super()._make_routes(keys[self._forged])


class FaultySandboxes:
    """Serves sandboxes behind faults, for the length of a test.

    Call it, then tell the server that it returns what shall go wrong::

        server = faulty_sandbox(token_seconds=3)
        server.inject(Endpoint.LOG, faults.status(503), faults.cut_after())
        instance, variables = server.instance(), server.run_variables(tmp_path)

    Args (of the call):
        clock: The sandbox's clock; :class:`~tests.support.clock.SkewedClock` makes a wrong one.
        token_seconds: How long tokens live.
        certificate_seconds: How long certificates live.
        forged: A key that it does not own up to (:class:`ForgingSandbox`).
    """

    def __init__(self, new_folder: Callable[[], Path], stack: ExitStack) -> None:
        self._new_folder = new_folder
        self._stack = stack

    def __call__(
        self,
        *,
        clock: Clock | None = None,
        token_seconds: int = 300,
        certificate_seconds: int = 600,
        forged: str = "",
    ) -> FaultyServer:
        """Serve one more sandbox and return the faulty server before it."""
        path, clock = self._new_folder(), clock or SystemClock()
        served = (
            ForgingSandbox(path, clock, forged=forged)
            if forged
            else Sandbox(
                path,
                clock,
                environment=ENVIRONMENT,
                token_seconds=token_seconds,
                certificate_seconds=certificate_seconds,
            )
        )
        return self._stack.enter_context(FaultyServer(self._stack.enter_context(served)))
