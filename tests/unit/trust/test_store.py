"""Tests of slsa_gen.trust.store: where the cache lies, and that it is whole or not there."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_failure_is_remembered_until_a_refresh_succeeds(tmp_path: Path) -> None:
    """It lies beside the cache, which stays as it is."""
    store = Store(tmp_path, "test", DEFAULT_LIMITS)
    store.write(SNAPSHOT)
    store.remember_failure(START)
    store.remember_failure(START + timedelta(seconds=1))
    assert store.failed_at() == START + timedelta(seconds=1)
    assert store.read() == SNAPSHOT
    store.write(SNAPSHOT)
    assert store.failed_at() is None
    assert [path.name for path in (tmp_path / "trust").iterdir()] == ["test.json"]


def test_a_failure_that_cannot_be_written_down_is_none(tmp_path: Path) -> None:
    """Without a folder, or with something else in its place, the next refresh is tried."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    for folder in (None, blocked):
        store = Store(folder, "test", DEFAULT_LIMITS)
        store.remember_failure(START)
        assert store.failed_at() is None


def test_a_folder_in_the_place_of_a_failure_does_no_harm(tmp_path: Path) -> None:
    """Neither to reading nor to writing the cache."""
    (tmp_path / "trust/test.failed.json").mkdir(parents=True)
    store = Store(tmp_path, "test", DEFAULT_LIMITS)
    store.remember_failure(START)
    store.write(SNAPSHOT)
    assert store.failed_at() is None
    assert store.read() == SNAPSHOT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.just(START.isoformat()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["checkedAt", "files", "failedAt", "timestamp.json", "../x.json"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_in_a_cache_break_the_reading(raw: bytes) -> None:
    """What is read has a date with a zone, and names of ours; or nothing is."""
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name), "test", DEFAULT_LIMITS)
        (Path(name) / "trust").mkdir()
        for file in ("test.json", "test.failed.json"):
            (Path(name) / "trust" / file).write_bytes(raw)
        snapshot, failed_at = store.read(), store.failed_at()
    assert snapshot is None or snapshot.checked_at.tzinfo is not None
    assert snapshot is None or "../x.json" not in snapshot.files
    assert failed_at is None or failed_at.tzinfo is not None
