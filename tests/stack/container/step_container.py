"""Runs an action's container with Docker, as actions/runner does (``ContainerActionHandler``)."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from slsa_gen import environment
from tests.stack.container import engine
from tests.support.runner import Ended

if TYPE_CHECKING:
    from tests.support.runner import Container

_SECONDS: Final = 120.0
#: What Docker's client itself needs; everything else in its environment is the step's.
_CLIENT: Final = ("PATH", "DOCKER_HOST")


class DockerBackend:
    """A backend of :class:`tests.support.runner.Runner`.

    Variables go by name, and their values through the environment of Docker's client, so
    that no value shows in a list of processes, and one that is too long fails to start it.
    """

    root = ""

    def run(self, container: Container) -> Ended:
        """Run the image under test in place of the one that the action would build."""
        options = ["--rm", "--workdir", container.folder, "--entrypoint", container.entrypoint]
        if os.geteuid() != 0:
            # The runner leaves it to be root; the test must be able to read what is written.
            options += ["--user", f"{os.geteuid()}:{os.getegid()}"]
        for name in container.variables:
            options += ["--env", name]
        for host, inside in container.mounts.items():
            options += ["--volume", f"{host}:{inside}"]
        given = environment.variables()
        surroundings: dict[str, str] = {name: given[name] for name in _CLIENT if name in given}
        surroundings.update(container.variables)
        done = subprocess.run(
            [engine.DOCKER, "run", *options, engine.IMAGE, *container.arguments],
            check=False,
            capture_output=True,
            env=surroundings,
            timeout=_SECONDS,
        )
        return Ended(done.returncode, done.stdout, done.stderr)
