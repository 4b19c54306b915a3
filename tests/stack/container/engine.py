"""Runs the image: by Docker, and by containerd alone, which is what Kubernetes has."""

from __future__ import annotations

import itertools
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from slsa_gen import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Read when this is imported: tests see a clean environment.
_VARIABLES: Final = environment.variables()
#: The image's name; empty where there is none to test.
IMAGE: Final = _VARIABLES.get("SLSA_GEN_IMAGE", "")
#: Docker's client.
DOCKER: Final = _VARIABLES.get("DOCKER", "docker")
ABSENT: Final = "container: SLSA_GEN_IMAGE names no image; make test-container builds one"

#: What the image runs, and the interpreter that runs it.
ENTRY: Final = "/opt/slsa-gen/bin/slsa-gen"
PYTHON: Final = "/opt/slsa-gen/bin/python"
#: A user that no image knows: no name, no home.
STRANGER: Final = 1234

#: Where containerd answers: one of its own, or the one that Docker starts.
_CONTAINERD_SOCKETS: Final = (
    Path("/run/containerd/containerd.sock"),
    Path("/run/docker/containerd/containerd.sock"),
)
_NAMESPACE: Final = "slsa-gen-tests"
_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Outcome:
    """What one container did."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Mount:
    """A folder or file of the host that the container sees."""

    host: Path
    inside: str
    read_only: bool = False


@dataclass(frozen=True)
class Way:
    """A way to run a container; Docker's own options only where containerd has the like."""

    user: int | None = None
    read_only: bool = False
    no_capabilities: bool = False
    network: bool = True

    @property
    def uid(self) -> int:
        """Return who the process is: root unless said."""
        return self.user or 0


class Engine(Protocol):
    """Runs one container and waits for its end."""

    def __call__(
        self,
        *arguments: str,
        way: Way = Way(),
        mounts: Sequence[Mount] = (),
        variables: Mapping[str, str] | None = None,
        folder: str = "",
    ) -> Outcome:
        """Run the image's command line with these arguments."""
        ...


def docker(*arguments: str) -> str:
    """Run Docker's client and return what it prints, without the last newline."""
    done = subprocess.run(
        [DOCKER, *arguments], check=True, capture_output=True, text=True, timeout=_SECONDS
    )
    return done.stdout.rstrip("\n")


def run_docker(
    *arguments: str,
    way: Way = Way(),
    mounts: Sequence[Mount] = (),
    variables: Mapping[str, str] | None = None,
    folder: str = "",
    entry: str = "",
) -> Outcome:
    """Run the image under Docker; ``entry`` takes the place of its entry point."""
    options: list[str] = []
    if way.user is not None:
        options += ["--user", f"{way.user}:{way.user}"]
    if way.read_only:
        options += ["--read-only"]
    if way.no_capabilities:
        options += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    if not way.network:
        options += ["--network", "none"]
    for mount in mounts:
        kind = ",readonly" if mount.read_only else ""
        options += ["--mount", f"type=bind,src={mount.host},dst={mount.inside}{kind}"]
    for name, value in (variables or {}).items():
        options += ["--env", f"{name}={value}"]
    options += ["--workdir", folder] if folder else []
    options += ["--entrypoint", entry] if entry else []
    return _run([DOCKER, "run", "--rm", *options, IMAGE, *arguments])


class Containerd:
    """Runs the image under containerd, without Docker.

    Its client has no option for the user, so there is a second image for the stranger that
    differs in nothing else; and no network but loopback unless one is asked for.
    """

    def __init__(self, work: Path) -> None:
        self._names = {0: IMAGE, STRANGER: f"{IMAGE}-as-{STRANGER}"}
        self._numbers = itertools.count()
        folder = work / "stranger"
        folder.mkdir()
        (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nUSER {STRANGER}:{STRANGER}\n")
        docker("build", "--quiet", "--tag", self._names[STRANGER], str(folder))
        archive = work / "images.tar"
        docker("save", "--output", str(archive), *self._names.values())
        self._ctr("images", "import", str(archive))
        archive.unlink()

    @staticmethod
    def socket() -> Path | None:
        """Return where a containerd answers; None where none does."""
        return next((path for path in _CONTAINERD_SOCKETS if path.is_socket()), None)

    def __call__(
        self,
        *arguments: str,
        way: Way = Way(),
        mounts: Sequence[Mount] = (),
        variables: Mapping[str, str] | None = None,
        folder: str = "",
    ) -> Outcome:
        """Run the image's command line."""
        options = ["--read-only"] if way.read_only else []
        for mount in mounts:
            kind = "ro" if mount.read_only else "rw"
            place = f"src={mount.host},dst={mount.inside}"
            options += ["--mount", f"type=bind,{place},options=rbind:{kind}"]
        for name, value in (variables or {}).items():
            options += ["--env", f"{name}={value}"]
        options += ["--cwd", folder] if folder else []
        name = f"slsa-gen-test-{next(self._numbers)}"
        # Unlike Docker, it puts the arguments in the entry point's place.
        return self._ctr_outcome(
            "run", "--rm", *options, self._names[way.uid], name, ENTRY, *arguments
        )

    def close(self) -> None:
        """Take the images away again."""
        self._ctr("images", "remove", *self._names.values())
        docker("image", "rm", self._names[STRANGER])

    def _ctr(self, *arguments: str) -> None:
        outcome = self._ctr_outcome(*arguments)
        assert outcome.code == 0, outcome.err

    def _ctr_outcome(self, *arguments: str) -> Outcome:
        address = self.socket()
        assert address is not None
        return _run(["ctr", "--address", str(address), "--namespace", _NAMESPACE, *arguments])


def _run(command: Sequence[str]) -> Outcome:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_SECONDS)
    return Outcome(done.returncode, done.stdout, done.stderr)
