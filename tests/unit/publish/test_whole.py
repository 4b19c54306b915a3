"""A file is there as a whole or not at all, and takes the place of files only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from slsa_gen.publish import whole

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_takes_the_place_of_a_file_or_a_link(tmp_path: Path) -> None:
    """What a link points to, or would, is left alone."""
    (tmp_path / "work").write_bytes(b"work")
    (tmp_path / "link").symlink_to("work")
    (tmp_path / "dangling").symlink_to("nowhere")

    for name in ("link", "dangling", "new"):
        whole.replace(tmp_path / name, b"content")

    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        **dict.fromkeys(("link", "dangling", "new"), b"content"),
        "work": b"work",
    }


@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a device"])
def test_what_is_no_file_is_left_alone(tmp_path: Path, kind: str) -> None:
    """A rename would replace a pipe, and /dev/null, for everybody."""
    path = tmp_path / "there"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(os.devnull)
    before = path.lstat()

    with pytest.raises(OSError, match="something else than a file is there"):
        whole.replace(path, b"content")

    assert os.path.samestat(before, path.lstat())
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_nothing_is_left_of_a_write_that_failed(tmp_path: Path) -> None:
    """Neither half a file nor the one beside it."""

    def refuse(_source: Path, _path: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    with pytest.raises(PermissionError):
        whole.place(tmp_path / "b", b"content", refuse)

    assert list(tmp_path.iterdir()) == []


def test_a_new_file_is_never_one_that_is_there(tmp_path: Path) -> None:
    """Nor is a link followed to one."""
    (tmp_path / "link").symlink_to("nowhere")

    with pytest.raises(FileExistsError):
        whole.write_new(tmp_path / "link", b"content")

    assert not (tmp_path / "nowhere").exists()
