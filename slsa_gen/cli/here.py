"""Where a command is run: the folder it is in, and the workspace of a workflow's run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def shortened(path: Path) -> Path:
    """Return a path as a person would write it: from here, when it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def workspace(variables: Mapping[str, str]) -> Path | None:
    """Return the run's workspace, which no link may lead out of; None outside a run."""
    folder = variables.get("GITHUB_WORKSPACE", "")
    return Path(folder) if folder and variables.get("GITHUB_ACTIONS") == "true" else None
