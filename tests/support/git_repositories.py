"""Git repositories for tests: made anew, by the git that is installed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: Who commits; without it git refuses.
_IDENTITY: Final = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")


class Repository:
    """A repository with its work tree.

    Args:
        folder: Where it is made; made too where there is none.
        files: Files of its first commit, by path; with none there is no commit.
        object_format: ``sha1`` or ``sha256``.
    """

    def __init__(
        self, folder: Path, files: dict[str, str] | None = None, *, object_format: str = "sha1"
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", f"--object-format={object_format}", "--initial-branch=main")
        if files:
            self.write(files)
            self.commit()

    def git(self, *arguments: str) -> str:
        """Run git in the work tree, and return what it says."""
        return subprocess.run(
            ["git", *_IDENTITY, *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.rstrip("\n")

    def write(self, files: dict[str, str]) -> None:
        """Write files, by path, with the folders that they lie in."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def commit(self) -> str:
        """Commit all that is there and not ignored; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a commit")
        return self.head()

    def head(self) -> str:
        """Return the commit that is checked out."""
        return self.git("rev-parse", "HEAD")
