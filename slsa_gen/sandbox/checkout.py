"""What the git checkout at hand is: whose repository, which ref, which commit.

Git is asked as a program, in a way that runs nothing of the checkout's own: no hook, no
file-system monitor, no pager, no prompt. Where it has no answer a stand-in is used.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STAND_IN_REPOSITORY: Final = "sandbox/sandbox"
STAND_IN_REF: Final = "refs/heads/main"
#: No commit has this hash, so that it is seen to be none.
STAND_IN_COMMIT: Final = "0" * 40
#: The ref of a commit that is checked out by its hash and has no tag.
DETACHED_REF: Final = "refs/heads/detached"

_GIT_SECONDS: Final = 10.0
_SAFETY: Final = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF: Final = re.compile(r"refs/(heads|tags)/[\x21-\x7e\xa1-\U0010ffff]{1,240}")
_PART: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")
#: ``user@host:owner/repository``, which is no URL.
_SCP_LIKE: Final = re.compile(r"(?:[^/@:]+@)?[^/@:]+:(?!/)(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A repository (``owner/name``), a full ref and a commit of git."""

    repository: str = STAND_IN_REPOSITORY
    ref: str = STAND_IN_REF
    commit: str = STAND_IN_COMMIT


def read_checkout(folder: Path, environment: Mapping[str, str]) -> Checkout:
    """Return what git says of a folder; a stand-in for what it cannot say.

    Args:
        folder: Any folder of the checkout.
        environment: Where git is found (PATH), and the user's own settings (HOME).
    """
    git = _Git(folder, environment)
    commit = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not _COMMIT.fullmatch(commit):
        return Checkout()
    ref = git.ask("symbolic-ref", "--quiet", "HEAD")
    if not ref:
        tag = git.ask("tag", "--points-at", "HEAD").partition("\n")[0]
        ref = f"refs/tags/{tag}" if tag else DETACHED_REF
    return Checkout(
        repository=repository_of(git.ask("config", "--get", "remote.origin.url")),
        ref=ref if _REF.fullmatch(ref) else STAND_IN_REF,
        commit=commit,
    )


def repository_of(url: str) -> str:
    """Return ``owner/name`` of a remote's URL, without anything else that it holds.

    A user name or a password in the URL is dropped. What names no owner and repository on
    a host (a folder, more parts or fewer) gives the stand-in.
    """
    scp_like = None if "://" in url else _SCP_LIKE.fullmatch(url)
    try:
        parts = urlsplit(url)
        path = scp_like["path"] if scp_like else parts.path if parts.hostname else ""
    except ValueError:
        path = ""
    names = path.strip("/").removesuffix(".git").split("/")
    if len(names) == 2 and all(map(_PART.fullmatch, names)):  # noqa: PLR2004 (owner, name)
        return "/".join(names)
    return STAND_IN_REPOSITORY


class _Git:
    """Asks git about one folder; any failure is an empty answer."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        # Nothing else: GIT_DIR and its like would point at another repository.
        kept = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT")
        self._environment = {
            **{name: environment[name] for name in kept if name in environment},
            "LC_ALL": "C",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }

    def ask(self, *arguments: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 (a fixed program with fixed arguments)
                ["git", *_SAFETY, *arguments],  # noqa: S607 (the user's own git, from PATH)
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_GIT_SECONDS,
                check=True,
            )
            return done.stdout.decode("utf-8").strip()
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return ""
