"""Tests of slsa_gen.trust.store: where the cache lies, and that it is whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.trust.store import Snapshot, Store, cache_folder
from tests.support.clock import START

SNAPSHOT = Snapshot(START, {"timestamp.json": b"1", "targets/trusted_root.json": b"2"})


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"SLSA_GEN_CACHE": "here", "XDG_CACHE_HOME": "/xdg", "HOME": "/home/me"}, "here"),
        ({"XDG_CACHE_HOME": "/xdg", "HOME": "/home/me"}, "/xdg/slsa-gen"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/me"}, "/home/me/.cache/slsa-gen"),
        ({"HOME": "/home/me"}, "/home/me/.cache/slsa-gen"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_the_folder_is_ours_then_xdgs(environment: dict[str, str], folder: str | None) -> None:
    """SLSA_GEN_CACHE counts first; a relative XDG folder is to be ignored."""
    assert cache_folder(environment) == (None if folder is None else Path(folder))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Time and files come back; names that no client's folder holds are left out."""
    store = Store(tmp_path, "test", DEFAULT_LIMITS)
    store.write(Snapshot(START, {**SNAPSHOT.files, "npm.json": b"3", "../x.json": b"4"}))
    assert store.read() == SNAPSHOT
    assert [path.name for path in (tmp_path / "trust").iterdir()] == ["test.json"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """Where the name is taken by a folder, no half file stays."""
    (tmp_path / "trust" / "test.json").mkdir(parents=True)
    store = Store(tmp_path, "test", DEFAULT_LIMITS)
    store.write(SNAPSHOT)
    assert store.read() is None
    assert [path.name for path in (tmp_path / "trust").iterdir()] == ["test.json"]


def test_a_pipe_in_its_place_is_no_cache(tmp_path: Path) -> None:
    """It is not waited for, and the next refresh puts the cache there."""
    path = tmp_path / "trust" / "test.json"
    path.parent.mkdir()
    os.mkfifo(path)
    store = Store(tmp_path, "test", DEFAULT_LIMITS)
    assert store.read() is None
    store.write(SNAPSHOT)
    assert store.read() == SNAPSHOT


def test_without_a_folder_nothing_is_kept() -> None:
    """A machine without a home has no cache."""
    store = Store(None, "test", DEFAULT_LIMITS)
    store.write(SNAPSHOT)
    assert store.read() is None
