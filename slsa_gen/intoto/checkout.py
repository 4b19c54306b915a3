"""What a command starts from, as git knows it: a commit, and every file that differs from it.

Git's index remembers the ``stat`` of each tracked file, so git reads only those whose ``stat``
is another; what is found to differ is hashed by us. Of what is not tracked, that is left out
which a ``.gitignore`` names; what a user's own settings ignore is not.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.intoto.git import Git, no_commit, no_repository
from slsa_gen.model.step import Commit
from slsa_gen.model.urls import UrlError, split_service_url
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.limits import Limits

#: Files that pin what a build fetches; listed by their digest even where they are as committed.
LOCK_FILES: Final = frozenset(
    {
        "Cargo.lock",
        "Gemfile.lock",
        "Package.resolved",
        "Pipfile.lock",
        "Podfile.lock",
        "bun.lock",
        "bun.lockb",
        "composer.lock",
        "conan.lock",
        "deno.lock",
        "flake.lock",
        "go.sum",
        "go.work.sum",
        "gradle.lockfile",
        "mix.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pdm.lock",
        "pixi.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "pubspec.lock",
        "pylock.toml",
        "uv.lock",
        "verification-metadata.xml",
        "yarn.lock",
    }
)
_REQUIREMENTS: Final = re.compile(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.txt")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SUBMODULE_MODE: Final = "160000"
_SPARSE: Final = "S"
#: Fields of a changed entry before its path: ``1 XY sub mH mI mW hH hI path``, and ``u XY sub
#: m1 m2 m3 mW h1 h2 h3 path`` (git-status(1), "Porcelain Format Version 2").
_FIELDS: Final = {"1": 8, "u": 10}


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree and the commit that it was made from.

    Attributes:
        root: Its folder, absolute, without links.
        commit: The commit that is checked out.
        files: Paths below ``root`` of files to hash: those that differ, and lock files.
        deleted: Paths of files that the commit has and the work tree has not.
        nested: Checkouts within it: submodules, and others that lie there.
    """

    root: str
    commit: Commit
    files: tuple[str, ...]
    deleted: tuple[str, ...]
    nested: tuple[Checkout, ...] = ()


@dataclass(slots=True)
class _Listing:
    """What git lists of one work tree, by paths below its root."""

    differing: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    nested: set[str] = field(default_factory=set)


def read(folder: Path, environment: Mapping[str, str], limits: Limits) -> Checkout:
    """Return the checkout that a folder lies in.

    Args:
        folder: Any folder of the work tree.
        environment: Where git is found (PATH), and the user's own settings (HOME).
        limits: How long git may take, and how much it may say.

    Raises:
        UsageError: there is no git, no repository, or no commit.
        SlsaGenError: git failed.
    """
    return _read(Git(folder, environment, limits), folder)


def differing(
    root: str, commit: str, environment: Mapping[str, str], limits: Limits
) -> frozenset[str]:
    """Return the paths of tracked files that differ from a commit, deleted ones among them.

    Args:
        root: The folder of a work tree.
        commit: The commit; another may be checked out by now.
        environment: As for :func:`read`.
        limits: As for :func:`read`.

    Raises:
        SlsaGenError: git failed.
    """
    git = Git(Path(root), environment, limits).without_filters()
    listing = _Listing()
    _changed(git, listing)
    between = git.lines("diff-tree", "-r", "-z", "--name-only", "--no-renames", commit, "HEAD")
    return frozenset({*listing.differing, *listing.deleted, *between})


@dataclass(frozen=True, slots=True)
class Ignored:
    """Absolute paths of what a ``.gitignore`` names; those of folders end in a slash."""

    files: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()

    def names(self, path: str) -> bool:
        """Tell whether an absolute path without links is left out."""
        return path in self.files or path.startswith(self.folders)


def ignored(folder: Path, environment: Mapping[str, str], limits: Limits) -> Ignored:
    """Return what the ``.gitignore`` files of a work tree name; nothing where there is none.

    Args:
        folder: Any folder.
        environment: As for :func:`read`.
        limits: As for :func:`read`.

    Raises:
        SlsaGenError: git failed.
    """
    asked = Git(folder, environment, limits)
    try:
        root = os.path.realpath(asked.value("rev-parse", "--show-toplevel"))
    except UsageError:
        return Ignored()
    listed = asked.at(Path(root)).lines(
        *("ls-files", "-z", "--others", "--ignored", "--directory"),
        "--exclude-per-directory=.gitignore",
    )
    paths = [f"{root}/{path}" for path in listed]
    return Ignored(
        frozenset(path for path in paths if not path.endswith("/")),
        tuple(path for path in paths if path.endswith("/")),
    )


def is_lock_file(name: str) -> bool:
    """Tell whether a file of this name pins what a build fetches."""
    return name in LOCK_FILES or _REQUIREMENTS.fullmatch(name) is not None


def public_address(url: str) -> str | None:
    """Return a remote's https address without user, password, query and fragment; else None."""
    try:
        given = urlsplit(url)
        host = given.netloc.rpartition("@")[2]
        parts = split_service_url(urlunsplit((given.scheme, host, given.path, "", "")))
    except (UrlError, ValueError):
        return None
    return parts.geturl() if parts.scheme == "https" else None


def _read(asked: Git, folder: Path) -> Checkout:
    top = asked.value("rev-parse", "--show-toplevel")
    root, here = os.path.realpath(top), os.path.realpath(folder)
    if not top or not f"{here}/".startswith(f"{root.rstrip('/')}/"):
        raise no_repository(folder)
    git = asked.at(Path(root)).without_filters()
    commit = git.value("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not _COMMIT.fullmatch(commit):
        raise no_commit(folder)
    listing = _Listing()
    _changed(git, listing)
    _tracked(git, root, listing)
    _untracked(git, listing)
    # Staged as deleted, and there nevertheless.
    kept = {path for path in listing.deleted if _is_file(f"{root}/{path}")}
    listing.deleted -= kept
    listing.differing |= kept
    address = public_address(git.value("config", "--get", "remote.origin.url"))
    nested = (Path(root, path) for path in sorted(listing.nested))
    return Checkout(
        root,
        Commit(commit, address),
        tuple(sorted(listing.differing)),
        tuple(sorted(listing.deleted)),
        tuple(_nested(git.at(path), path) for path in nested if _is_checkout(path)),
    )


def _nested(git: Git, folder: Path) -> Checkout:
    """Read a checkout within another; one that git takes for a part of the other is none.

    Its ``.git`` may be empty, or name a work tree above it: it would be read for ever.
    """
    top = os.path.realpath(git.value("rev-parse", "--show-toplevel"))
    if top != os.path.realpath(folder):
        raise SlsaGenError(
            f"{shown(str(folder))} has a .git of its own, and git takes it for a part of "
            f"{shown(top)}",
            hint="If its .git is damaged: git submodule update --init -- "
            f"{shlex.quote(str(folder))}; else look at core.worktree in its config.",
            reason=Reason.RUN_GIT,
        )
    return _read(git, folder)


def _changed(git: Git, listing: _Listing) -> None:
    """List tracked files whose content, mode or kind is not that of the commit."""
    entries = git.lines(
        *("status", "--porcelain=v2", "-z", "--untracked-files=no"),
        *("--no-renames", "--ignore-submodules=all"),
    )
    for entry in entries:
        fields = entry.split(" ", _FIELDS.get(entry[:1], 1))
        # The mode in the work tree is the field before the hashes; 0 where nothing is there.
        mode = fields[5] if fields[0] == "1" else fields[6]
        (listing.deleted if mode == "000000" else listing.differing).add(fields[-1])


def _tracked(git: Git, root: str, listing: _Listing) -> None:
    """Look for lock files, submodules, and files that git was told not to look at."""
    for line in git.lines("ls-files", "-z", "--stage", "-v"):
        about, _, path = line.partition("\t")
        tag, mode = about.split(" ", 2)[:2]
        if mode == _SUBMODULE_MODE:
            listing.nested.add(path)
        elif tag == _SPARSE or tag.islower():
            if os.path.lexists(f"{root}/{path}"):
                listing.differing.add(path)
            elif tag != _SPARSE:
                listing.deleted.add(path)
        elif path not in listing.deleted and is_lock_file(path.rpartition("/")[2]):
            listing.differing.add(path)


def _untracked(git: Git, listing: _Listing) -> None:
    """List what is there besides, but for what a ``.gitignore`` names."""
    for path in git.lines("ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"):
        if path.endswith("/"):
            listing.nested.add(path.rstrip("/"))
        else:
            listing.differing.add(path)
            listing.deleted.discard(path)


def _is_file(path: str) -> bool:
    """Tell whether something is there that is no folder."""
    return os.path.lexists(path) and (os.path.islink(path) or not os.path.isdir(path))  # noqa: PTH112, PTH114 (a text)


def _is_checkout(folder: Path) -> bool:
    """Tell whether a submodule's folder was filled."""
    return os.path.lexists(folder / ".git")
