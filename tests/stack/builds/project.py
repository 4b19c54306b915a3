"""A project to build: a git checkout of its own, whose steps run under ``slsa-gen run``."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from slsa_gen import environment
from tests.support.git_repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Read when this is imported: tests see a clean environment, and these builds fetch packages
# in the way that the machine is set up for.
VARIABLES: Final = environment.variables()
ROOT: Final = Path(__file__).resolve().parents[3]
OWNER: Final = "octo-org"
_SLSA_GEN: Final = str(Path(sys.executable).with_name("slsa-gen"))
_RUN_SECONDS: Final = 600


class Project:
    """A project in a folder, and a sandbox beside it.

    Args:
        folder: An empty folder.
        files: Files of its first commit; none where it is cloned.
        clone: The repository that it is cloned from.
    """

    def __init__(
        self, folder: Path, files: dict[str, str] | None = None, clone: Path | None = None
    ) -> None:
        self.folder = folder / "project"
        self.record = folder / "record.intoto.jsonl"
        self._variables = {**VARIABLES, "SLSA_GEN_SANDBOX": str(folder / "sandbox")}
        if clone is not None:
            self.outside(["git", "clone", "--quiet", "--no-local", str(clone), "."])
        self.repository = Repository(self.folder, files)
        remotes = self.repository.git("remote").split()
        verb = "set-url" if "origin" in remotes else "add"
        self.repository.git("remote", verb, "origin", f"https://github.com/{OWNER}/project.git")

    def outside(self, command: Sequence[str]) -> None:
        """Run a command that is no step, such as one that fetches a tool."""
        self.folder.mkdir(exist_ok=True)
        subprocess.run(
            command, cwd=self.folder, env=self._variables, check=True, timeout=_RUN_SECONDS
        )

    def step(self, command: Sequence[str], *products: str) -> None:
        """Run a command as a step, on record."""
        named = [word for pattern in products for word in ("--product", pattern)]
        self._slsa_gen(
            "run", "--sigstore", "sandbox", "--output", str(self.record), *named, "--", *command
        )

    def accepts(self, artifact: Path) -> bool:
        """Tell whether ``verify`` takes a file for one of this project's commit."""
        done = self._slsa_gen(
            *("verify", "--sigstore", "sandbox", "--bundle", str(self.record)),
            *("--repo", f"{OWNER}/project", "--source-digest", self.repository.head()),
            str(artifact),
            check=False,
        )
        assert done.returncode in {0, 1}, done.stderr
        return done.returncode == 0

    def statements(self) -> Iterator[dict[str, Any]]:
        """Yield the statements of the record."""
        for line in self.record.read_bytes().splitlines():
            bundle = json.loads(line)
            statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
            assert isinstance(statement, dict)
            yield statement

    def link(self) -> dict[str, Any]:
        """Return the predicate of the record's link."""
        (found,) = [
            one["predicate"] for one in self.statements() if "/link/" in one["predicateType"]
        ]
        assert isinstance(found, dict)
        return found

    def products(self) -> set[str]:
        """Return the names of the link's products."""
        return {
            subject["name"]
            for one in self.statements()
            if "/link/" in one["predicateType"]
            for subject in one["subject"]
        }

    def _slsa_gen(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [_SLSA_GEN, *arguments],
            cwd=self.folder,
            env=self._variables,
            check=False,
            capture_output=True,
            text=True,
            timeout=_RUN_SECONDS,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done


def lacking(*programs: str) -> str:
    """Return why a build cannot run here; empty when it can."""
    if not VARIABLES.get("SLSA_GEN_BUILDS"):
        return "builds: run by make test-builds"
    missing = [name for name in programs if shutil.which(name, path=VARIABLES["PATH"]) is None]
    return f"builds: there is no {' and no '.join(missing)}" if missing else ""
