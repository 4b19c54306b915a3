"""What git knows of a checkout: the commit, and all that differs, whatever is configured."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen import environment
from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.intoto import checkout
from slsa_gen.limits import Limits
from slsa_gen.reasons import Reason
from tests.support.git_repositories import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.intoto.checkout import Checkout


def _read(folder: Path, limits: Limits | None = None) -> Checkout:
    return checkout.read(folder, environment.variables(), limits or Limits())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository with two files in its commit."""
    return Repository(tmp_path / "project", {"a": "a\n", "src/b": "b\n"})


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_checkout_as_it_was_committed_is_its_commit(tmp_path: Path, object_format: str) -> None:
    """Nothing else is listed; the digest is as long as the repository's hash."""
    one = Repository(tmp_path / "one", {"a": "a\n"}, object_format=object_format)

    found = _read(one.folder)

    assert (found.root, found.commit.digest) == (str(one.folder), one.head())
    assert (found.files, found.deleted, found.nested) == ((), (), ())


def test_every_kind_of_difference_is_listed(repository: Repository) -> None:
    """Modified, staged, renamed, made executable, untracked, and deleted ones as such."""
    repository.write({"mode": "", "old": "same\n", "gone": "", "unstaged": "", "kind": ""})
    repository.commit()
    folder = repository.folder
    repository.write({"a": "another\n", "new": "", "deep/new": "", "staged": ""})
    repository.git("add", "staged")
    repository.git("mv", "old", "renamed")
    (folder / "mode").chmod(0o755)
    (folder / "gone").unlink()
    repository.git("rm", "--quiet", "--cached", "unstaged")
    (folder / "kind").unlink()
    (folder / "kind").symlink_to("a")

    found = _read(folder)

    assert found.files == (
        *("a", "deep/new", "kind", "mode", "new", "renamed", "staged", "unstaged"),
    )
    assert found.deleted == ("gone", "old")


def test_a_file_in_conflict_is_listed(repository: Repository) -> None:
    """It has no one content in the index."""
    repository.git("checkout", "--quiet", "-b", "other")
    repository.write({"a": "other\n"})
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.write({"a": "main\n"})
    repository.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "other")

    assert _read(repository.folder).files == ("a",)


def test_what_gitignore_names_is_left_out_and_nothing_else(repository: Repository) -> None:
    """A user's own list of what to ignore hides nothing from the record."""
    repository.write({".gitignore": "dist/\n*.log\n", "src/.gitignore": "made\n"})
    repository.commit()
    mine = repository.folder.parent / "mine"
    mine.write_text("hidden-by-user\n")
    repository.git("config", "core.excludesFile", str(mine))
    (repository.folder / ".git" / "info" / "exclude").write_text("hidden-by-info\n")
    repository.write(
        dict.fromkeys(("dist/app", "a.log", "src/made", "hidden-by-user", "hidden-by-info"), "")
    )

    assert _read(repository.folder).files == ("hidden-by-info", "hidden-by-user")
    ignored = checkout.ignored(repository.folder, environment.variables(), Limits())
    names = ("dist/app", "a.log", "src/made", "a", "a.log2")
    assert [name for name in names if ignored.names(f"{repository.folder}/{name}")] == [
        *("dist/app", "a.log", "src/made"),
    ]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_is_listed(
    repository: Repository, flag: str
) -> None:
    """Git would say that it is as committed."""
    repository.git("update-index", flag, "a")
    repository.write({"a": "another\n"})

    assert _read(repository.folder).files == ("a",)


def test_a_file_of_a_sparse_checkout_that_is_not_there_is_no_difference(
    repository: Repository,
) -> None:
    """It was not checked out; one that was removed is said to be."""
    repository.write({"c": ""})
    repository.commit()
    repository.git("update-index", "--skip-worktree", "a")
    repository.git("update-index", "--assume-unchanged", "c")
    (repository.folder / "a").unlink()
    (repository.folder / "c").unlink()

    assert _read(repository.folder).deleted == ("c",)


def test_settings_that_make_git_look_less_closely_have_no_effect(repository: Repository) -> None:
    """Same size and time of modification, another content: only the time of change tells."""
    path = repository.folder / "a"
    os.utime(path, (1, 1))
    repository.git("status")
    for name, value in (
        *(("core.trustctime", "false"), ("core.checkStat", "minimal")),
        *(("status.showUntrackedFiles", "no"), ("core.untrackedCache", "true")),
        *(("diff.ignoreSubmodules", "all"), ("status.relativePaths", "true")),
    ):
        repository.git("config", name, value)
    time.sleep(1.01)  # git compares whole seconds
    path.write_text("b\n")
    os.utime(path, (1, 1))
    repository.write({"src/new": ""})

    assert _read(repository.folder / "src").files == ("a", "src/new")


@pytest.fixture
def spy(tmp_path: Path) -> Spy:
    """Return a program that leaves a trace when it is run."""
    return Spy(tmp_path / "spy", tmp_path / "seen")


class Spy:
    """A program, and the trace that it leaves.

    Args:
        program: Where it is made.
        trace: The file that is there once it was run.
    """

    def __init__(self, program: Path, trace: Path) -> None:
        self.program, self.trace = program, trace
        program.write_text(f"#!/bin/sh\necho ran >> {shlex.quote(str(trace))}\ncat\n")
        program.chmod(0o755)


@pytest.mark.parametrize("part", ["clean", "process"])
def test_a_filter_is_not_run(repository: Repository, spy: Spy, part: str) -> None:
    """A file that has one is compared as it is."""
    repository.write({".gitattributes": "* filter=spy\n"})
    repository.commit()
    for name in (f"filter.spy.{part}", "filter.a=b.clean"):
        repository.git("config", name, str(spy.program))
    repository.git("config", "filter.spy.required", "true")
    repository.write({"a": "another\n", "src/b": "b\n"})

    found = _read(repository.folder)

    assert found.files == ("a",)
    assert not spy.trace.exists()


def test_no_monitor_and_no_hook_is_run(repository: Repository, spy: Spy) -> None:
    """Nor is the index written, whatever git would like to remember in it."""
    (repository.folder / ".git" / "hooks" / "post-index-change").symlink_to(spy.program)
    for name in ("core.fsmonitor", "core.pager"):
        repository.git("config", name, str(spy.program))
    spy.trace.unlink(missing_ok=True)
    os.utime(repository.folder / "a", (1, 1))
    index = (repository.folder / ".git" / "index").read_bytes()

    assert _read(repository.folder).files == ()
    assert not spy.trace.exists()
    assert (repository.folder / ".git" / "index").read_bytes() == index


def test_what_a_partial_clone_lacks_is_not_fetched(repository: Repository, spy: Spy) -> None:
    """The remote may be any program."""
    for name, value in (
        *(("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin")),
        *(("remote.origin.promisor", "true"), ("protocol.ext.allow", "always")),
        ("remote.origin.url", f"ext::{spy.program}"),
    ):
        repository.git("config", name, value)
    tree = repository.git("rev-parse", "HEAD^{tree}")
    (repository.folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()

    with pytest.raises(SlsaGenError) as caught:
        _read(repository.folder)

    assert caught.value.reason is Reason.RUN_GIT
    assert not spy.trace.exists()


def test_a_repository_that_variables_name_is_not_asked(
    repository: Repository, tmp_path: Path
) -> None:
    """The one that the folder lies in is."""
    other = Repository(tmp_path / "other", {"x": ""})
    variables = environment.variables() | {"GIT_DIR": f"{other.folder}/.git"}

    found = checkout.read(repository.folder, variables, Limits())

    assert found.commit.digest == repository.head()


def test_lock_files_are_listed_even_as_committed(repository: Repository) -> None:
    """Wherever they lie; ignored ones are not, and removed ones are said to be."""
    names = ("uv.lock", "web/package-lock.json", "requirements/dev.txt", "requirements-dev.txt")
    repository.write(dict.fromkeys((*names, "go.sum", "Cargo.lock"), "x\n"))
    repository.commit()
    (repository.folder / "go.sum").unlink()
    repository.write({"Cargo.lock": "y\n"})

    found = _read(repository.folder)

    assert found.files == ("Cargo.lock", "requirements-dev.txt", "uv.lock", "web/package-lock.json")
    assert found.deleted == ("go.sum",)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *(("requirements.txt", True), ("dev-requirements.txt", True), ("yarn.lock", True)),
        *(("requirements.in", False), ("myrequirements.txt", False), ("lock", False)),
        *(("requirements_dev.txt", True), ("UV.LOCK", False)),
    ],
)
def test_lock_files_are_known_by_name(name: str, *, is_one: bool) -> None:
    """Exactly as the tools write them."""
    assert checkout.is_lock_file(name) is is_one


def test_submodules_and_other_checkouts_within_are_checkouts(
    repository: Repository, tmp_path: Path
) -> None:
    """Each has its own commit and its own differences; one that was not filled has neither."""
    library = Repository(tmp_path / "library", {"lib": ""})
    allowed = ("-c", "protocol.file.allow=always")
    for name in ("sub", "empty"):
        repository.git(*allowed, "submodule", "--quiet", "add", str(library.folder), name)
    repository.commit()
    repository.git("submodule", "--quiet", "deinit", "--force", "empty")
    inner = Repository(repository.folder / "inner", {"x": "x\n"})
    inner.write({"y": ""})
    repository.write({"sub/lib": "changed\n"})

    found = _read(repository.folder)

    assert [(one.root, one.commit.digest, one.files) for one in found.nested] == [
        (f"{repository.folder}/inner", inner.head(), ("y",)),
        (f"{repository.folder}/sub", library.head(), ("lib",)),
    ]
    assert found.files == ()


def test_a_checkout_within_that_is_none_does_not_go_round_for_ever(repository: Repository) -> None:
    """A damaged submodule is a part of its parent to git, and so is one that says so itself."""
    folder = repository.folder / "module"
    (folder / ".git").mkdir(parents=True)
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.head()},module")

    with pytest.raises(SlsaGenError, match=r"module' has a \.git of its own") as damaged:
        _read(repository.folder)
    assert damaged.value.reason is Reason.RUN_GIT

    (folder / ".git").rmdir()
    folder.rmdir()
    within = Repository(folder, {"a": ""})
    within.git("config", "core.worktree", "../..")
    with pytest.raises(SlsaGenError, match=r"git takes it for a part of .*project'"):
        _read(repository.folder)


def test_names_that_differ_in_case_are_two(repository: Repository) -> None:
    """A setting of the repository's hides no "makefile" behind the commit's "Makefile"."""
    repository.git("config", "core.ignoreCase", "true")
    repository.write({"A": "evil\n"})

    assert _read(repository.folder).files == ("A",)


def test_names_of_any_bytes_are_listed(repository: Repository) -> None:
    """Line ends and bytes that are no text: whether they may be recorded is judged later."""
    names = [b"new\nline", b"\xff\xfe", b" -> ", "ü".encode()]
    for name in names:
        (repository.folder / os.fsdecode(name)).touch()

    assert sorted(map(os.fsencode, _read(repository.folder).files)) == sorted(names)


def test_any_folder_of_the_work_tree_will_do(repository: Repository) -> None:
    """Also one that a link leads to."""
    link = repository.folder.parent / "link"
    link.symlink_to(repository.folder / "src")
    repository.write({"new": ""})

    assert _read(link).files == ("new",)


def test_a_folder_in_no_repository_is_refused(tmp_path: Path) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError) as caught:
        _read(tmp_path)

    assert caught.value.reason is Reason.RUN_NO_REPOSITORY
    assert "is in no git checkout" in caught.value.message
    assert "--material 'src/**'" in caught.value.hint
    assert checkout.ignored(tmp_path, environment.variables(), Limits()) == checkout.Ignored()


def test_a_work_tree_that_lies_elsewhere_is_none(repository: Repository, tmp_path: Path) -> None:
    """A repository's settings may name any folder as its work tree."""
    other = Repository(tmp_path / "elsewhere", {"x": ""})
    repository.git("config", "core.worktree", str(other.folder))

    with pytest.raises(UsageError) as caught:
        _read(repository.folder)

    assert caught.value.reason is Reason.RUN_NO_REPOSITORY


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    """There is nothing that differs could differ from."""
    empty = Repository(tmp_path / "empty")

    with pytest.raises(UsageError, match="has no commit yet") as caught:
        _read(empty.folder)

    assert caught.value.reason is Reason.RUN_NO_REPOSITORY


def test_where_there_is_no_git_what_to_do_is_said(repository: Repository) -> None:
    """In a container, most often."""
    with pytest.raises(UsageError, match="there is no git in PATH") as caught:
        checkout.read(repository.folder, {"PATH": "/nowhere"}, Limits())

    assert caught.value.reason is Reason.RUN_NO_REPOSITORY


@pytest.mark.parametrize(
    ("script", "limits", "cause"),
    [
        ("sleep 60", Limits(git_seconds=0.1), "no answer in 0.1 s"),
        ("exec head -c 2000 /dev/zero", Limits(git_answer_bytes=1024), "more than 1 KiB"),
        ("printf 'fatal: \\033[1mbroken\\n' >&2; exit 128", Limits(), "fatal: [1mbroken"),
        (
            "echo \"fatal: detected dubious ownership in repository at '/x'\" >&2; exit 128",
            Limits(),
            "dubious ownership",
        ),
    ],
)
def test_a_git_that_fails_is_said_in_its_words(
    tmp_path: Path, script: str, limits: Limits, cause: str
) -> None:
    """It has no end, says too much, or says what is wrong."""
    git = tmp_path / "git"
    git.write_text(f"#!/bin/sh\n{script}\n")
    git.chmod(0o755)

    with pytest.raises(SlsaGenError) as caught:
        checkout.read(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}, limits)

    assert (caught.value.reason, caught.value.exit_code) == (Reason.RUN_GIT, 3)
    assert cause in caught.value.message
    assert "\033" not in caught.value.message
    assert ("safe.directory /x" in caught.value.hint) is ("dubious" in cause)


def test_a_git_that_cannot_be_started_is_said_so(tmp_path: Path) -> None:
    """Not executable by us, or no program."""
    (tmp_path / "git").write_text("no program")
    (tmp_path / "git").chmod(0o755)

    with pytest.raises(SlsaGenError, match="Exec format error"):
        checkout.read(tmp_path, {"PATH": str(tmp_path)}, Limits())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r.git"),
        ("https://user:secret@github.com/o/r?x=1#y", "https://github.com/o/r"),
        ("https://token@host.example:8443/r", "https://host.example:8443/r"),
        ("git@github.com:o/r.git", None),
        ("ssh://git@github.com/o/r", None),
        ("http://127.0.0.1/o/r", None),
        ("/srv/git/r.git", None),
        ("https://[::1", None),
        ("", None),
    ],
)
def test_an_address_is_said_without_what_is_secret(url: str, address: str | None) -> None:
    """And only one that others could reach."""
    assert checkout.public_address(url) == address


@given(user=st.text(st.characters(codec="utf-8", exclude_characters="/?#\\"), min_size=1))
def test_no_user_or_password_is_ever_said(user: str) -> None:
    """Whatever stands before the host."""
    assert checkout.public_address(f"https://{user}@host.example/r") in {
        "https://host.example/r",
        None,
    }


def test_the_remote_is_that_of_origin(repository: Repository) -> None:
    """Without a password that was written into it."""
    repository.git("remote", "add", "origin", "https://me:secret@example.com/o/r.git")

    assert _read(repository.folder).commit.uri == "https://example.com/o/r.git"


def test_what_differs_is_asked_again_for_one_work_tree(repository: Repository) -> None:
    """Tracked files only: what a command adds is no material of it."""
    repository.write({"a": "another\n", "new": ""})
    (repository.folder / "src" / "b").unlink()

    found = checkout.differing(
        str(repository.folder), repository.head(), environment.variables(), Limits()
    )

    assert found == {"a", "src/b"}
