"""What a command starts from: a commit and what differs, or what was named; what became of it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.intoto import checkout
from slsa_gen.intoto.materials import Gatherer, Materials
from slsa_gen.limits import Limits
from slsa_gen.reasons import Reason
from slsa_gen.subjects import reading
from slsa_gen.subjects.progress import SilentProgress
from tests.support.git_repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from slsa_gen.intoto.checkout import Checkout


def _gatherer(folder: Path, boundary: Path | None = None) -> Gatherer:
    return Gatherer(folder, boundary, environment.variables(), Limits(), SilentProgress())


def _gather(folder: Path, *patterns: str) -> Materials:
    return _gatherer(folder).gather(patterns or None)


def _refusal(folder: Path, *patterns: str) -> SlsaGenError:
    with pytest.raises(SlsaGenError) as caught:
        _gather(folder, *patterns)
    return caught.value


def _names(found: Materials) -> list[str]:
    return [subject.name for subject in found.subjects]


def _sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository with three files in its commit."""
    return Repository(tmp_path / "project", {"a": "a\n", "src/b": "b\n", "uv.lock": "lock\n"})


def test_by_default_it_is_the_commit_with_what_differs_and_lock_files(
    repository: Repository,
) -> None:
    """Each by its digest from before the command; what is gone is said, too."""
    repository.write({"src/b": "changed\n", "new": "new\n"})
    (repository.folder / "a").unlink()

    found = _gather(repository.folder)

    assert found.commit is not None
    assert found.commit.digest == repository.head()
    assert {one.name: str(one.digests[0]) for one in found.subjects} == {
        "new": _sha256("new\n"),
        "src/b": _sha256("changed\n"),
        "uv.lock": _sha256("lock\n"),
    }
    assert found.deleted == ("a",)


def test_names_are_relative_to_where_the_command_runs(repository: Repository) -> None:
    """Also those of files above it."""
    repository.write({"src/new": "", "other/new": ""})

    found = _gather(repository.folder / "src")

    assert _names(found) == ["../other/new", "../uv.lock", "new"]


def test_a_link_is_recorded_as_git_does_and_never_followed(repository: Repository) -> None:
    """By where it leads, as a text: git itself agrees."""
    (repository.folder / "out").symlink_to("/etc")

    found = _gather(repository.folder)

    (digest,) = found.subjects[0].digests
    assert (found.subjects[0].name, digest.algorithm) == ("out", "gitBlob")
    repository.commit()
    assert digest.hex == repository.git("rev-parse", "HEAD:out")


def test_a_link_in_a_repository_of_sha256_has_that_digest(tmp_path: Path) -> None:
    """As git would name it there."""
    one = Repository(tmp_path / "one", {"a": ""}, object_format="sha256")
    (one.folder / "out").symlink_to("a")

    (subject,) = _gather(one.folder).subjects

    one.commit()
    assert subject.digests[0].hex == one.git("rev-parse", "HEAD:out")


def test_a_checkout_within_is_recorded_by_its_commit(repository: Repository) -> None:
    """With what differs from it."""
    inner = Repository(repository.folder / "inner", {"x": ""})
    inner.write({"y": "y\n"})

    found = _gather(repository.folder)

    digests = {one.name: str(one.digests[0]) for one in found.subjects}
    assert digests["inner"] == f"gitCommit:{inner.head()}"
    assert digests["inner/y"] == _sha256("y\n")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"new\nline", Reason.SUBJECT_NAME_CONTROL),
        (b"\xff\xfe", Reason.SUBJECT_NAME_ENCODING),
    ],
)
def test_a_name_that_no_statement_should_carry_is_refused(
    repository: Repository, name: bytes, reason: Reason
) -> None:
    """Left out it would be a material that nobody hears of."""
    (repository.folder / os.fsdecode(name)).touch()

    error = _refusal(repository.folder)

    assert error.reason is reason
    assert error.message.isprintable()


def test_without_a_repository_something_must_be_named(tmp_path: Path) -> None:
    """Nothing is a weaker answer than it looks."""
    error = _refusal(tmp_path)

    assert isinstance(error, UsageError)
    assert error.reason is Reason.RUN_NO_REPOSITORY


def test_patterns_take_the_place_of_the_commit(tmp_path: Path) -> None:
    """With no repository at all; excludes count for what stands before them."""
    for name in ("a.c", "b.c", "b_test.c", "README"):
        (tmp_path / name).write_text(name)

    found = _gather(tmp_path, "*.c\n!*_test.c", "README")

    assert _names(found) == ["README", "a.c", "b.c"]
    assert found.commit is None


def test_a_glob_passes_over_git_and_what_is_ignored(repository: Repository) -> None:
    """Whoever names an ignored file means it."""
    repository.write({".gitignore": "made/\n*.log\n"})
    repository.commit()
    repository.write({"made/x": "", "made/y": "", "a.log": "", "src/b.log": ""})

    assert _names(_gather(repository.folder, "**")) == [".gitignore", "a", "src/b", "uv.lock"]
    named = _gather(repository.folder, "src/**", "made/x", "*.lock")
    assert _names(named) == ["made/x", "src/b", "uv.lock"]


@pytest.mark.parametrize("pattern", ["nothing", "made/*", "src/*.c", ".git/*"])
def test_a_pattern_that_finds_nothing_is_refused(repository: Repository, pattern: str) -> None:
    """Also one that finds only what is ignored."""
    repository.write({".gitignore": "made/\n", "made/x": ""})

    error = _refusal(repository.folder, "a", pattern)

    assert error.reason in {Reason.SUBJECT_NO_MATCH, Reason.RUN_MATERIAL_IGNORED}


def test_a_link_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    """A folder outside is not read."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x").touch()
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "out").symlink_to("../secret")

    assert _refusal(tree, "**").reason is Reason.SUBJECT_LINK_LEAVES


def test_a_material_that_changes_while_it_is_hashed_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could say which of the two it was."""
    path = repository.folder / "new"
    path.write_text("new")
    really = reading._read_whole

    def write_meanwhile(meter: reading._Meter, algorithms: Sequence[str]) -> list[str]:
        found = really(meter, algorithms)
        path.write_text("more than before")
        return found

    monkeypatch.setattr(reading, "_read_whole", write_meanwhile)

    assert _refusal(repository.folder).reason is Reason.SUBJECT_CHANGED


def _between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen after git was asked and before files are looked at."""
    really = checkout.read

    def read(folder: Path, variables: dict[str, str], limits: Limits) -> Checkout:
        found = really(folder, variables, limits)
        act()
        return found

    monkeypatch.setattr(checkout, "read", read)


def test_a_file_that_goes_meanwhile_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something else works in the folder."""
    (repository.folder / "new").touch()
    _between(monkeypatch, (repository.folder / "new").unlink)

    assert _refusal(repository.folder).reason is Reason.SUBJECT_VANISHED


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would lead out of the tree."""
    repository.write({"folder/new": ""})

    def swap() -> None:
        (repository.folder / "folder").rename(repository.folder.parent / "moved")
        (repository.folder / "folder").symlink_to("../moved")

    _between(monkeypatch, swap)

    error = _refusal(repository.folder)
    assert error.reason is Reason.SUBJECT_CHANGED
    assert "its folder became a link" in error.message


def test_a_file_that_became_a_folder_is_no_file_to_hash(repository: Repository) -> None:
    """Git was told not to look; what lies in the folder is listed by itself."""
    repository.git("update-index", "--assume-unchanged", "a")
    (repository.folder / "a").unlink()
    repository.write({"a/inside": ""})

    assert _names(_gather(repository.folder)) == ["a/inside", "uv.lock"]


@pytest.mark.parametrize("patterns", [None, ("**",)], ids=["commit", "patterns"])
def test_what_a_command_does_to_its_materials_is_noticed(
    repository: Repository, patterns: tuple[str, ...] | None
) -> None:
    """Changed, removed; what was written again alike is no change, and what is new no material."""
    repository.write({"one": "1", "two": "2", "three": "3", "four": "4"})
    gatherer = _gatherer(repository.folder)
    found = gatherer.gather(patterns)
    repository.write({"one": "changed", "two": "2", "dist/new": "", "a": "changed"})
    (repository.folder / "three").unlink()
    (repository.folder / "src" / "b").unlink()

    assert gatherer.changed(found) == ("a", "one", "src/b", "three")


def test_a_command_that_leaves_its_materials_alone_changed_none(repository: Repository) -> None:
    """However different they were from the commit before."""
    repository.write({"a": "changed", "new": ""})
    (repository.folder / "src" / "b").unlink()
    gatherer = _gatherer(repository.folder)

    assert gatherer.changed(gatherer.gather(None)) == ()


def test_a_command_that_commits_changed_what_it_committed(repository: Repository) -> None:
    """What differs is asked against the commit from before."""
    gatherer = _gatherer(repository.folder)
    found = gatherer.gather(None)
    repository.write({"a": "changed"})
    repository.commit()

    assert gatherer.changed(found) == ("a",)
