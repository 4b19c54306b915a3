"""What git says of a checkout, and what stands in where it says nothing."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.sandbox.checkout import (
    DETACHED_REF,
    STAND_IN_REPOSITORY,
    Checkout,
    read_checkout,
    repository_of,
)
from tests.support.sandboxes import ENVIRONMENT, REPOSITORY, make_checkout

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/octo-org/octo-repo.git", "octo-org/octo-repo"),
        ("https://github.com/octo-org/octo-repo", "octo-org/octo-repo"),
        ("https://github.com/octo-org/octo-repo/", "octo-org/octo-repo"),
        ("https://user:s3cret@github.com/o/r.git", "o/r"),
        ("https://token@github.com/o/r", "o/r"),
        ("git@github.com:o/r.git", "o/r"),
        ("github.com:o/r", "o/r"),
        ("ssh://git@github.com:22/o/r.git", "o/r"),
        ("git://host/o/r.name", "o/r.name"),
        ("", STAND_IN_REPOSITORY),
        ("/srv/git/o/r.git", STAND_IN_REPOSITORY),
        ("../r", STAND_IN_REPOSITORY),
        ("file:///o/r", STAND_IN_REPOSITORY),
        ("git@host:/o/r", STAND_IN_REPOSITORY),
        ("https://host/group/sub/r.git", STAND_IN_REPOSITORY),
        ("https://host/r.git", STAND_IN_REPOSITORY),
        ("https://host/o/..", STAND_IN_REPOSITORY),
        ("https://host/o/r%20x", STAND_IN_REPOSITORY),
        ("https://host/o/r?token=s3cret", "o/r"),
        ("https://[/o/r", STAND_IN_REPOSITORY),
        ("https://host/ö/r", STAND_IN_REPOSITORY),
    ],
)
def test_a_remotes_repository(url: str, expected: str) -> None:
    """Owner and name of a URL with a host; no credentials, no query, nothing else."""
    assert repository_of(url) == expected


@given(st.text())
def test_any_remote_gives_two_plain_names(url: str) -> None:
    """Whatever a configuration holds, a claim gets only what GitHub's names may hold."""
    owner, _, name = repository_of(url).partition("/")
    for part in (owner, name):
        assert part.isascii()
        assert part
        assert not set(part) & set("/:@?#% \n")


def test_a_checkout(tmp_path: Path) -> None:
    """Repository, branch and commit, also asked from a folder inside."""
    commit = make_checkout(tmp_path / "work")
    (tmp_path / "work" / "deep").mkdir()
    expected = Checkout(REPOSITORY, "refs/heads/main", commit)
    assert read_checkout(tmp_path / "work", ENVIRONMENT) == expected
    assert read_checkout(tmp_path / "work" / "deep", ENVIRONMENT) == expected


def test_a_commit_without_a_branch(tmp_path: Path) -> None:
    """Its tag, or a name that says that there is none."""
    make_checkout(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--detach")
    assert read_checkout(tmp_path, ENVIRONMENT).ref == DETACHED_REF
    git(tmp_path, "tag", "v1.0")
    assert read_checkout(tmp_path, ENVIRONMENT).ref == "refs/tags/v1.0"


def test_a_branch_beyond_ascii(tmp_path: Path) -> None:
    """Is a branch like any other."""
    make_checkout(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "möwe")
    assert read_checkout(tmp_path, ENVIRONMENT).ref == "refs/heads/möwe"


def test_without_a_remote_the_commit_is_still_known(tmp_path: Path) -> None:
    """Only the repository is the stand-in."""
    commit = make_checkout(tmp_path, remote="")
    expected = Checkout(STAND_IN_REPOSITORY, "refs/heads/main", commit)
    assert read_checkout(tmp_path, ENVIRONMENT) == expected


def test_no_checkout_no_commit_no_git(tmp_path: Path) -> None:
    """Each gives the stand-in, whole."""
    assert read_checkout(tmp_path, ENVIRONMENT) == Checkout()
    git(tmp_path, "init", "--quiet")
    assert read_checkout(tmp_path, ENVIRONMENT) == Checkout()
    assert read_checkout(tmp_path, {"PATH": str(tmp_path)}) == Checkout()
    assert read_checkout(tmp_path / "none", ENVIRONMENT) == Checkout()


def test_a_git_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is no answer."""
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setattr("slsa_gen.sandbox.checkout._GIT_SECONDS", 0.1)
    assert read_checkout(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}) == Checkout()


def test_variables_of_git_point_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR, as in a hook, names another repository than the folder asked about."""
    here = make_checkout(tmp_path / "here")
    make_checkout(tmp_path / "there", remote="https://github.com/other/other")
    environment = {**ENVIRONMENT, "GIT_DIR": str(tmp_path / "there" / ".git")}
    monkeypatch.setenv("GIT_DIR", environment["GIT_DIR"])
    assert read_checkout(tmp_path / "here", environment).commit == here
    assert read_checkout(tmp_path / "here", environment).repository == REPOSITORY


def test_nothing_of_the_checkouts_own_is_run(tmp_path: Path) -> None:
    """A monitor, a hook and a pager that the repository configures stay asleep."""
    make_checkout(tmp_path)
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "pager.tag"):
        git(tmp_path, "config", name, str(trap))
    hooks = tmp_path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        (hooks / hook).write_text(trap.read_text())
        (hooks / hook).chmod(0o755)
    assert read_checkout(tmp_path, ENVIRONMENT).repository == REPOSITORY
    assert not (tmp_path / "sprung").exists()
