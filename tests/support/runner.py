"""A workflow's runner: runs a container action under the conditions that the real one makes.

Read in ``ContainerActionHandler.cs`` and ``ContainerInfo.cs`` of actions/runner. A step's
inputs come as ``INPUT_*``; the workspace, HOME, the temporary folder and the runner's files are
mounted; a variable's value is translated when it *begins* with a mounted host path; what the
action prints is read for commands. Afterwards a step on the host uses what the action left::

    runner = Runner(tmp_path, Processes(tmp_path))
    runner.write("dist/app", b"...")
    step = runner.uses("action.yml", {"subject-path": "dist/*", "sigstore": "sandbox"})
    assert step.code == 0
    bundle = (runner.workspace / step.outputs["bundle-path"]).read_bytes()

What runs the container is a :class:`Backend`; :class:`Processes` needs no engine: the folders
really lie elsewhere while the action runs, and are back at their host paths when it is done.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import yaml

from slsa_gen import environment
from tests.support import secrets
from tests.support.runner_commands import Log, lines_of, read_outputs, read_summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
REPOSITORY: Final = "octo-org/octo-repo"
_FILES: Final = {
    "GITHUB_OUTPUT": "set_output_",
    "GITHUB_STEP_SUMMARY": "step_summary_",
    "GITHUB_ENV": "set_env_",
    "GITHUB_PATH": "add_path_",
    "GITHUB_STATE": "save_state_",
}


@dataclass(frozen=True)
class Container:
    """One container to run.

    Attributes:
        image: As ``action.yml`` names it.
        entrypoint: As ``action.yml`` names it.
        arguments: What follows it.
        variables: The environment, translated.
        mounts: Host folder → folder in the container.
        folder: The folder in the container that it starts in.
    """

    image: str
    entrypoint: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    mounts: Mapping[Path, str]
    folder: str


@dataclass(frozen=True)
class Ended:
    """How a container ended, and what it printed on its two streams."""

    code: int
    out: bytes
    err: bytes = b""


class Backend(Protocol):
    """Runs containers.

    ``root`` is what stands before ``/github/workspace`` and its like in the container.
    """

    root: str

    def run(self, container: Container) -> Ended:
        """Run a container to its end.

        Raises:
            OSError: it cannot be started.
        """
        ...


@dataclass(frozen=True)
class Step:
    """What a step did, as the runner and the steps after it see it."""

    code: int
    log: Log
    outputs: dict[str, str]
    summary: str


@dataclass
class Runner:
    """One job's runner on a machine of its own.

    Attributes:
        machine: The folder that stands for the machine's root.
        backend: Runs containers.
        variables: The job's further variables (``env:``).
        token: The job's ``github.token``.
    """

    machine: Path
    backend: Backend
    variables: dict[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: f"ghs_{uuid.uuid4().hex}{uuid.uuid4().hex[:4]}")

    def __post_init__(self) -> None:
        secrets.register(self.token, "tokens of jobs")
        for folder in (
            self.workspace,
            self.home,
            self.file_commands,
            self.temp / "_github_workflow",
        ):
            folder.mkdir(parents=True)

    @property
    def workspace(self) -> Path:
        """Return the host's path of the workspace: a folder within one of the same name."""
        return self.machine / "home/runner/work/octo-repo/octo-repo"

    @property
    def temp(self) -> Path:
        """Return the host's path of the runner's temporary folder."""
        return self.machine / "home/runner/work/_temp"

    @property
    def home(self) -> Path:
        """Return the host's path of the folder that is HOME for every container of the job."""
        return self.temp / "_github_home"

    @property
    def file_commands(self) -> Path:
        """Return the host's path of the folder of ``GITHUB_OUTPUT`` and its like."""
        return self.temp / "_runner_file_commands"

    def write(self, name: str, content: bytes) -> Path:
        """Write a file of the workspace, as an earlier step would."""
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def declare(self, content: str) -> None:
        """Have later steps find a list of declared artifacts."""
        path = self.file_commands / "artifacts_list"
        path.write_text(content)
        self.variables["GITHUB_ARTIFACTS_LIST"] = str(path)

    def uses(self, action: str, inputs: Mapping[str, str]) -> Step:
        """Run one step with an action of this repository (``uses:`` and ``with:``)."""
        described: dict[str, Any] = yaml.safe_load((ROOT / action).read_text(encoding="utf-8"))
        files = {
            name: self.file_commands / f"{start}{uuid.uuid4()}" for name, start in _FILES.items()
        }
        for file in files.values():
            file.touch()
        container = self._container(described, {k: str(v) for k, v in files.items()}, inputs)
        secrets.LEDGER.command(container.arguments, "a container's arguments")
        log = Log(masks={self.token})
        try:
            ended = self.backend.run(container)
        except OSError as error:
            # The runner cannot start the engine's client with such an environment.
            log.read([f"##[error]An error occurred trying to start process: {error.strerror}"])
            return Step(1, log, {}, "")
        # The runner empties the queue of standard error first.
        for stream in (ended.err, ended.out):
            log.read(lines_of(stream))
        secrets.LEDGER.text(log.text, "a step's log")
        assert not log.is_stopped, "the step left commands stopped"
        return Step(
            ended.code,
            log,
            read_outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8")),
            read_summary(files["GITHUB_STEP_SUMMARY"].read_bytes()),
        )

    def _container(
        self, described: dict[str, Any], files: Mapping[str, str], inputs: Mapping[str, str]
    ) -> Container:
        root = self.backend.root
        mounts = {
            self.home: f"{root}/github/home",
            self.temp / "_github_workflow": f"{root}/github/workflow",
            self.file_commands: f"{root}/github/file_commands",
            self.workspace: f"{root}/github/workspace",
            self.temp: f"{root}/github/runner_temp",
        }
        given = self._inputs(described["inputs"], inputs)
        variables = {**self._job(), **self.variables, **files, **given, "HOME": str(self.home)}
        runs = described["runs"]
        return Container(
            runs["image"],
            runs["entrypoint"],
            tuple(runs["args"]),
            {name: translated(value, mounts) for name, value in variables.items()},
            mounts,
            f"{root}/github/workspace",
        )

    def _inputs(self, described: dict[str, Any], given: Mapping[str, str]) -> dict[str, str]:
        """Return the inputs as variables; those that are not declared only get a warning."""
        defaults = {name: str((one or {}).get("default", "")) for name, one in described.items()}
        values = {name: self._evaluated(value) for name, value in {**defaults, **given}.items()}
        return {f"INPUT_{name.replace(' ', '_').upper()}": v for name, v in values.items()}

    def _evaluated(self, value: str) -> str:
        known = {"${{ github.token }}": self.token, "${{ github.workspace }}": str(self.workspace)}
        for expression, text in known.items():
            value = value.replace(expression, text)
        return value

    def _job(self) -> dict[str, str]:
        """Return what every step of the job gets."""
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(self.temp / "_github_workflow/event.json"),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_WORKSPACE": str(self.workspace.parent),
        }


def translated(value: str, mounts: Mapping[Path, str]) -> str:
    """Return a variable's value as a container gets it: only its beginning is looked at."""
    for host, inside in mounts.items():
        if value.startswith(str(host)):
            return inside + value[len(str(host)) :]
    return value


class Processes:
    """Runs an action as a process of this machine, without an engine and without root.

    While it runs, the mounted folders lie at their places in the container, and the host's
    paths lead nowhere; afterwards they are back.

    Args:
        folder: Where the container's root is made.
    """

    def __init__(self, folder: Path) -> None:
        self.root = str(folder / "container")

    def run(self, container: Container) -> Ended:
        """Run the module that the entry point runs."""
        assert container.entrypoint == "/opt/slsa-gen/bin/slsa-gen-action"
        # What the tests' measuring needs, and an image's own PATH.
        kept = {k: v for k, v in environment.variables().items() if k.startswith("COVERAGE_")}
        surroundings = {"PATH": "/usr/bin:/bin", **kept, **container.variables}
        with ExitStack() as stack:
            # Folders within others first.
            for host, inside in sorted(container.mounts.items(), key=lambda m: -len(str(m[0]))):
                stack.enter_context(_moved(host, Path(inside)))
            done = subprocess.run(
                [sys.executable, "-I", "-m", "slsa_gen.action", *container.arguments],
                check=False,
                capture_output=True,
                cwd=container.folder,
                env=surroundings,
            )
        return Ended(done.returncode, done.stdout, done.stderr)


@contextmanager
def _moved(host: Path, inside: Path) -> Iterator[None]:
    inside.parent.mkdir(parents=True, exist_ok=True)
    host.rename(inside)
    try:
        yield
    finally:
        inside.rename(host)
