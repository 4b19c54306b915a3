"""Paths of the runner's machine, which mean nothing in the action's container.

The runner translates a value that *begins* with the workspace's path; of several lines, only
the first. The others still name a folder of the machine outside
(docs/decisions/0022-action.md).
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from slsa_gen.action.inputs import INPUTS, values
from slsa_gen.errors import UsageError
from slsa_gen.reasons import Reason
from slsa_gen.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Folders that runners put a workspace into, as ``…/REPOSITORY/REPOSITORY``.
_WORK_FOLDERS: Final = ("/home/runner/work/", "/__w/", "/_work/")
_WILD: Final = frozenset("*?[")
_SHOWN: Final = 200


def workspace(variables: Mapping[str, str]) -> Path:
    """Return the folder of the run's files, which is the current one for want of another."""
    return Path(variables.get("GITHUB_WORKSPACE") or Path.cwd())


def refuse_host_paths(command: str, variables: Mapping[str, str]) -> None:
    """Refuse absolute paths that only the machine outside the container has.

    Raises:
        UsageError: with the relative path to write instead.
    """
    root = workspace(variables)
    for one in INPUTS[command]:
        if not one.is_path:
            continue
        for number, text in enumerate(values(variables, one), start=1):
            mark, path = ("!", text[1:]) if text.startswith("!") else ("", text)
            if not path.startswith("/") or _is_here(path, root):
                continue
            tail = _tail(path, root, variables)
            if tail:
                raise _host_path(one.name, number, text, f"{mark}{tail}", root)


def refuse_output_outside(variables: Mapping[str, str]) -> None:
    """Refuse a bundle path where no later step could find the bundle.

    Raises:
        UsageError: it is not in the workspace.
    """
    root = workspace(variables)
    (one,) = [one for one in INPUTS["attest"] if one.name == "output"]
    for text in values(variables, one):
        real = os.path.realpath(root / text)
        if not Path(real).is_relative_to(os.path.realpath(root)):
            raise UsageError(
                f"the input output is {_shown(text)}, which is not in the workspace: a later "
                "step could not find the bundle there",
                hint="Write a path relative to the workspace, such as:\n\n"
                "    output: attestations/app.intoto.jsonl",
                reason=Reason.USAGE_HOST_PATH,
            )


def relative(path: str, root: Path) -> str:
    """Return a path relative to the workspace when it lies there; later steps know no other."""
    whole = root / path
    return os.fspath(whole.relative_to(root)) if whole.is_relative_to(root) else path


def _is_here(path: str, root: Path) -> bool:
    """Tell whether a path is this container's: in the workspace, or there to be seen."""
    if PurePosixPath(path).is_relative_to(root):
        return True
    try:
        return Path(_without_wildcards(path)).exists()
    except (OSError, ValueError):
        return False


def _without_wildcards(path: str) -> str:
    """Return the folders before the first wildcard, or the whole path."""
    parts = path.split("/")
    plain = next((n for n, part in enumerate(parts) if _WILD & set(part)), len(parts))
    return "/".join(parts[:plain]) or "/"


def _tail(path: str, root: Path, variables: Mapping[str, str]) -> str:
    """Return what of a path is relative to the workspace, or an empty string."""
    folders = path.strip("/").split("/")
    # The longest tail whose beginning is there; a whole path would be "here" already.
    for start in range(1, len(folders)):
        tail = "/".join(folders[start:])
        beginning = _without_wildcards(tail)
        if beginning and beginning != "/" and _exists(root / beginning):
            return tail
    outside = variables.get("RUNNER_WORKSPACE", "").rstrip("/")
    if outside and path.startswith(f"{outside}/"):
        return "/".join(path[len(outside) + 1 :].split("/")[1:])
    for work in _WORK_FOLDERS:
        if work in path:
            return "/".join(path.partition(work)[2].split("/")[2:])
    return ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _host_path(name: str, number: int, text: str, tail: str, root: Path) -> UsageError:
    return UsageError(
        f"the input {name}, line {number}: {_shown(text)} is a path of the runner's machine; "
        f"this step runs in a container, where the workspace is {_shown(str(root))}",
        hint=f"Paths start at the workspace. Write:\n\n    {printable(tail)[:_SHOWN]}",
        reason=Reason.USAGE_HOST_PATH,
    )


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"
