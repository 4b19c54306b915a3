"""Tests of slsa_gen.scratch: where temporary files go when there is no place for them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from slsa_gen import scratch
from tests.support.temporary import take_away


def test_the_usual_folder_is_taken_and_the_new_one_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only this user may look into it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with scratch.scratch_folder("slsa-gen-") as name:
        assert Path(name).parent == tmp_path
        assert Path(name).stat().st_mode & 0o077 == 0

    assert list(tmp_path.iterdir()) == []


def test_memory_is_taken_where_nothing_else_can_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose root is read-only."""
    take_away(monkeypatch, tmp_path)

    with scratch.scratch_folder("slsa-gen-") as name:
        assert Path(name).parent == tmp_path


def test_the_folder_that_is_worked_in_is_not_littered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python would take it last; what lies in it may be attested meanwhile."""
    (tmp_path / "work").mkdir()
    (tmp_path / "memory").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "work"))
    monkeypatch.setattr(scratch, "MEMORY", tmp_path / "memory")

    with scratch.scratch_folder("slsa-gen-") as name:
        assert Path(name).parent == tmp_path / "memory"


def test_the_folder_that_is_worked_in_is_better_than_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no memory to write to either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "MEMORY", tmp_path / "absent")

    with scratch.scratch_folder("slsa-gen-") as name:
        assert Path(name).parent == tmp_path


def test_no_place_at_all_is_an_error_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked says it in their own words."""
    take_away(monkeypatch, tmp_path / "absent")

    with pytest.raises(FileNotFoundError):
        scratch.scratch_folder("slsa-gen-")
