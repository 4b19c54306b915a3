"""A step in this process: its inputs in; what the runner reads of it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slsa_gen.action.run import run
from slsa_gen.limits import DEFAULT_LIMITS
from tests.support.runner_commands import Log, read_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from slsa_gen.limits import Limits

#: Of a token's form; in two parts, so that no file holds one.
TOKEN: Final = "ghs_" + "0123456789abcdefghijklmnopqrstuvwxyz"


def variables(**given: str) -> dict[str, str]:
    """Return inputs as variables: ``subject_path`` is the input subject-path."""
    return {f"INPUT_{name.replace('_', '-').upper()}": value for name, value in given.items()}


@dataclass
class Job:
    """A job's surroundings within this process, and its log."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    environment: dict[str, str] = field(default_factory=dict)
    limits: Limits = DEFAULT_LIMITS
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self.workspace.mkdir()
        self.environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "HOME": str(self.folder),
            "PATH": "/usr/bin:/bin",
        }

    @property
    def workspace(self) -> Path:
        """Return the workspace."""
        return self.folder / "workspace"

    def step(self, command: str, inputs: Mapping[str, str] | None = None, **given: str) -> int:
        """Run a step and return its exit code."""
        self.capture.readouterr()
        code = run(
            [command] if command else [],
            {**self.environment, **variables(**given), **(inputs or {})},
            limits=self.limits,
        )
        captured = self.capture.readouterr()
        assert captured.err == "", "two streams have no order between them"
        self.log = Log()
        self.log.read(captured.out.splitlines())
        assert not self.log.is_stopped
        return code

    @property
    def titles(self) -> list[str]:
        """Return the titles of the last step's annotations."""
        return [annotation.properties["title"] for annotation in self.log.annotations]

    @property
    def outputs(self) -> dict[str, str]:
        """Return the outputs so far."""
        path = self.folder / "output"
        return read_outputs(path.read_text(encoding="utf-8")) if path.exists() else {}

    @property
    def summary(self) -> str:
        """Return the summary so far."""
        path = self.folder / "summary"
        return path.read_text(encoding="utf-8") if path.exists() else ""
