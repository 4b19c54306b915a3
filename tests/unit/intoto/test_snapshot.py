"""A snapshot knows of every file whether it is as it was, and follows nothing."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from slsa_gen.errors import SubjectError
from slsa_gen.intoto import snapshot
from slsa_gen.limits import Limits
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsa_gen.intoto.snapshot import Snapshot


def _take(*roots: Path, limits: Limits | None = None) -> Snapshot:
    return snapshot.take([str(root) for root in roots], limits or Limits())


def _holds(taken: Snapshot, path: Path) -> bool:
    return taken.holds(str(path), os.lstat(path))


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("one\n")
    other.replace(path)


def _rewrite_in_disguise(path: Path) -> None:
    times = path.stat()
    path.write_text("two\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_file_that_nobody_touched_is_as_it_was(tmp_path: Path) -> None:
    """However deep it lies."""
    path = tmp_path / "a" / "b" / "c"
    path.parent.mkdir(parents=True)
    path.write_text("one\n")

    taken = _take(tmp_path)

    assert _holds(taken, path)
    assert len(taken) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("longer than before\n"),
        lambda path: path.write_text("one\n"),
        os.utime,
        _replace,
        _rewrite_in_disguise,
        lambda path: path.chmod(0o755),
    ],
    ids=["written to", "same content", "touched", "another file", "time set back", "mode"],
)
def test_a_file_that_was_made_anew_is_not_as_it_was(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    """The time of change tells, which no program can set."""
    path = tmp_path / "file"
    path.write_text("one\n")
    taken = _take(tmp_path)

    change(path)

    assert not _holds(taken, path)


def test_a_file_that_was_not_there_or_was_elsewhere_is_new(tmp_path: Path) -> None:
    """A file that is moved to a product's place is put there by the command."""
    (tmp_path / "old").write_text("one\n")
    taken = _take(tmp_path)
    (tmp_path / "new").write_text("one\n")
    (tmp_path / "old").rename(tmp_path / "moved")

    assert not _holds(taken, tmp_path / "new")
    assert not _holds(taken, tmp_path / "moved")


def test_links_are_not_followed_and_git_is_not_looked_into(tmp_path: Path) -> None:
    """Neither to a folder outside nor round in a circle."""
    outside, tree = tmp_path / "outside", tmp_path / "tree"
    for folder in (outside, tree / ".git", tree / "sub"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (tree / "out").symlink_to(outside)
    (tree / "sub" / "up").symlink_to("..")
    os.mkfifo(tree / "pipe")

    taken = _take(tree)

    assert len(taken) == 1
    assert not _holds(taken, outside / "file")


def test_what_could_not_be_seen_counts_as_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whatever hides from us would be the command's."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "file").touch()
    really = os.open

    def refuse(path: str, flags: int) -> int:
        if path == str(hidden):
            raise PermissionError
        return really(path, flags)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        taken = _take(tmp_path)

    assert _holds(taken, hidden / "file")


def test_a_folder_that_cannot_be_listed_counts_as_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails half-way."""
    (tmp_path / "file").touch()

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", fail)
        taken = _take(tmp_path)

    assert _holds(taken, tmp_path / "file")


def test_a_tree_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """A command makes it, most often."""
    assert len(_take(tmp_path / "dist")) == 0


def test_a_tree_within_another_is_taken_once(tmp_path: Path) -> None:
    """Each file costs one look."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()

    assert len(_take(tmp_path, tmp_path / "a", tmp_path / "a" / "b")) == 1


def test_more_files_than_the_limit_are_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    for name in "abc":
        (tmp_path / name).touch()

    assert len(_take(tmp_path, limits=Limits(snapshot_files=3))) == 3
    with pytest.raises(SubjectError, match="more than 2 files to look at") as caught:
        _take(tmp_path, limits=Limits(snapshot_files=2))
    assert caught.value.reason is Reason.RUN_TREE_TOO_LARGE
    assert str(Path.cwd()) in caught.value.hint


def test_names_of_any_bytes_are_seen(tmp_path: Path) -> None:
    """Line ends, and what is no text."""
    paths = [tmp_path / os.fsdecode(name) for name in (b"new\nline", b"\xff")]
    for path in paths:
        path.touch()

    taken = _take(tmp_path)

    assert all(_holds(taken, path) for path in paths)


@pytest.mark.parametrize("field", ["st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns"])
def test_each_of_the_things_that_are_looked_at_tells_files_apart(field: str) -> None:
    """On some file systems one or the other stays as it was."""
    fields = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
    one = SimpleNamespace(**dict.fromkeys(fields, 1))
    other = SimpleNamespace(**{**dict.fromkeys(fields, 1), field: 2})

    numbers = [snapshot.fingerprint("/file", cast("os.stat_result", each)) for each in (one, other)]

    assert len(set(numbers)) == 2


def test_a_root_that_became_a_link_is_not_entered(tmp_path: Path) -> None:
    """It was none when it was looked up."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "link").symlink_to("real")

    assert len(_take(tmp_path / "link")) == 0


def _many_files(folder: Path, count: int) -> None:
    for number in range(count):
        if number % 1000 == 0:
            (folder / str(number // 1000)).mkdir(parents=True)
        (folder / str(number // 1000) / str(number)).touch()


@pytest.mark.parametrize("count", [500, pytest.param(100_000, marks=pytest.mark.soak)])
def test_a_file_costs_one_look_and_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """No file is opened, and no name is kept."""
    _many_files(tmp_path, count)
    folders = count // 1000 or 1
    opened: list[str] = []
    really = os.open

    def note(path: str, flags: int) -> int:
        opened.append(path)
        return really(path, flags)

    monkeypatch.setattr(os, "open", note)
    tracemalloc.start()
    taken = _take(tmp_path)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(taken) == count
    assert len(opened) == folders + 1
    assert kept / count < 150
