"""Runs a workflow of a throw-away repository with act, which reads it as GitHub's runner does.

What a run needs is at hand on loopback: the services of a Sigstore, and GitHub's API for
releases. Tokens reach act by files, never as arguments, which every process may list.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slsa_gen import environment
from tests.support.sandboxes import make_checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.github_api import GitHubSimulator

    #: Begins a run in a checkout, and returns the variables of its environment.
    Begin = Callable[[Path], Mapping[str, str]]

_VARIABLES: Final = environment.variables()
#: act's program, and the image that stands for the runner and for the Dockerfile's base.
ACT: Final = _VARIABLES.get("SLSA_GEN_ACT", "")
BASE: Final = _VARIABLES.get("SLSA_GEN_BASE", "")
ABSENT: Final = "runner: SLSA_GEN_ACT names no program that runs workflows; make e2e builds act"

ROOT: Final = Path(__file__).resolve().parents[3]
#: What a commit of the Action consists of, when a workflow uses it.
_ACTION: Final = (
    ".dockerignore",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "action.yml",
    "pyproject.toml",
    "requirements",
    "scripts",
    "slsa_gen",
    "verify",
)
_SECONDS: Final = 400.0
_LINE: Final = re.compile(r"^\[[^\]]*\] ?(?:  \| )?(.*)$")


@dataclass(frozen=True)
class Result:
    """What act printed, and how it ended."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return all of it."""
        return "\n".join(self.lines)

    def said(self, start: str) -> str:
        """Return what follows in the one line that begins so."""
        (found,) = (line for line in self.lines if line.startswith(start))
        return found.removeprefix(start)


class Act:
    """A repository that has the Action in it, and a workflow that uses it.

    Args:
        folder: Where the repository is made.
        begin: Has the run's tokens issued.
        files: What the workflow finds in its workspace: the services' configuration.
        github: Serves; has the releases.
    """

    def __init__(
        self, folder: Path, begin: Begin, files: Mapping[str, str], github: GitHubSimulator
    ) -> None:
        self.folder = folder / "repository"
        self._files = folder / "files"
        self._files.mkdir()
        self._begin = begin
        self._github = github
        make_checkout(self.folder)
        ignored = shutil.ignore_patterns("__pycache__")
        for name in _ACTION:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.folder / name, ignore=ignored)
            else:
                shutil.copy(source, self.folder / name)
        dockerfile = self.folder / "Dockerfile"
        text, count = re.subn(r"(?m)^ARG BASE=.*$", f"ARG BASE={BASE}", dockerfile.read_text())
        assert count == 1
        dockerfile.write_text(text)
        for name, content in files.items():
            (self.folder / name).write_text(content)

    def run(self, workflow: str) -> Result:
        """Run a workflow as on a push."""
        path = self.folder / ".github" / "workflows" / "release.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(workflow)
        run = self._begin(self.folder)
        variables = {
            **{name: value for name, value in run.items() if name.startswith("ACTIONS_")},
            "GITHUB_SERVER_URL": run["GITHUB_SERVER_URL"],
            "GITHUB_API_URL": self._github.url,
        }
        command = [
            *(ACT, "push", "--bind", "--pull=false", "--rm", "--network", "host"),
            *("--platform", f"ubuntu-latest={BASE}"),
            *("--env-file", self._write("variables.env", variables)),
            *("--secret-file", self._write("secrets.env", {"GITHUB_TOKEN": self._github.token})),
            # act's own cache of actions from elsewhere: there are none.
            *("--action-cache-path", str(self._files / "actions")),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_SECONDS,
            )
        finally:
            for path in self._files.glob("*.env"):
                path.unlink()
        lines = (_LINE.sub(r"\1", line) for line in done.stdout.splitlines())
        return Result(done.returncode, tuple(lines))

    def _write(self, name: str, values: dict[str, str]) -> str:
        path = self._files / name
        path.touch(mode=0o600)
        path.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
        return str(path)
