"""The command line as a user has it: arguments in; exit code, output and errors out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.cli.main import main
from tests.support.sandboxes import ENVIRONMENT
from tests.support.schemas import check_report
from tests.support.secrets import LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.trust.known import Repository


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Return the JSON document on standard output; it must fit the shipped schema."""
        document = json.loads(self.out)
        check_report(document)
        assert document["exitCode"] == self.code
        assert isinstance(document, dict)
        return document

    @property
    def results(self) -> list[dict[str, Any]]:
        """Return the document's results."""
        results = self.document["results"]
        assert isinstance(results, list)
        return results

    @property
    def reason(self) -> str:
        """Return the reason code of the one error on standard error."""
        lines = [line for line in self.err.splitlines() if line.startswith("  reason: ")]
        assert len(lines) == 1, self.err
        return lines[0].removeprefix("  reason: ")


class CommandLine:
    """Calls ``main`` in a folder of the test's own.

    ``variables`` is the environment of further calls; a test may change it, and ``clock`` and
    ``repository_of``, which ``main`` is given.
    """

    def __init__(
        self, folder: Path, variables: Mapping[str, str], capture: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.variables = dict(variables)
        self.clock: Clock | None = None
        self.repository_of: Callable[[str], Repository | None] | None = None
        self._capture = capture

    def __call__(self, *arguments: str) -> Outcome:
        """Run one command."""
        self._capture.readouterr()
        LEDGER.register_variables(self.variables)
        code = main(
            arguments,
            variables=self.variables,
            clock=self.clock,
            repository_of=self.repository_of,
        )
        captured = self._capture.readouterr()
        return Outcome(code, captured.out, captured.err)

    def write(self, name: str, content: bytes | str = b"content\n") -> Path:
        """Write a file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def cli(
    tmp_path: Path,
    sandbox_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """Return a command line in an empty folder, with a sandbox of its own."""
    monkeypatch.chdir(tmp_path)
    variables = {**ENVIRONMENT, "HOME": str(tmp_path), "SLSA_GEN_SANDBOX": str(sandbox_folder)}
    return CommandLine(tmp_path, variables, capsys)
