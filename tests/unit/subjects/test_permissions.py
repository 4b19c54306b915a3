"""What the system does not let us read: an error of its own, never a file left out."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.reasons import Reason
from slsa_gen.subjects import hashing, source
from tests.unit.subjects.trees import find, make

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOBODY = 65534


@pytest.fixture
def locked() -> Iterator[Path]:
    """Give up root's rights for a test; return a folder with a locked file and folder."""
    root = Path(tempfile.mkdtemp())
    make(root, "dist/app", "dist/locked", "shut/app")
    root.chmod(0o755)
    was_root = os.geteuid() == 0
    (root / "dist" / "locked").chmod(0)
    (root / "shut").chmod(0)
    if was_root:
        os.seteuid(_NOBODY)
    yield root
    if was_root:
        os.seteuid(0)
    (root / "shut").chmod(0o755)
    shutil.rmtree(root)


def test_a_file_without_permission_cannot_be_hashed(locked: Path) -> None:
    """Exit code 3: it may well be there and right."""
    with pytest.raises(SubjectUnreadableError) as caught:
        hashing.hash_file(locked / "dist" / "locked", ["sha256"])

    assert caught.value.reason is Reason.SUBJECT_UNREADABLE
    assert "Permission denied" in caught.value.message
    assert "chmod" in caught.value.hint


@pytest.mark.parametrize("pattern", ["**", "shut/*", "shut/app", "sh*/*"])
def test_a_folder_without_permission_cannot_be_searched(locked: Path, pattern: str) -> None:
    """Whether something in it matches is not known."""
    with pytest.raises(SubjectUnreadableError) as caught:
        find(locked, pattern)

    assert caught.value.reason is Reason.SUBJECT_UNREADABLE
    assert "'shut" in caught.value.message


def test_a_link_into_a_locked_folder_cannot_be_judged(locked: Path) -> None:
    """Where it leads is not to be seen."""
    if os.getuid() == 0:
        os.seteuid(0)
    (locked / "dist" / "into").symlink_to("../shut/app")
    if os.getuid() == 0:
        os.seteuid(_NOBODY)

    with pytest.raises(SubjectUnreadableError) as caught:
        find(locked, "dist/in*", boundary=locked)

    assert "Permission denied" in caught.value.message


def test_a_locked_folder_that_is_excluded_is_not_entered(locked: Path) -> None:
    """The way out that a user has."""
    assert find(locked, "**", "!shut") == ["dist/app", "dist/locked"]


@pytest.mark.parametrize("mode", [0o140000, 0o060000, 0o020000, 0o010000, 0o000000])
def test_each_kind_of_special_file_is_called_by_its_name(mode: int) -> None:
    """Socket, block device, character device, pipe, and what no system has yet."""
    error = source.not_a_file("dist/x", mode)

    assert isinstance(error, SubjectError)
    assert error.reason is Reason.SUBJECT_SPECIAL_FILE
    assert error.message.endswith(", a subject is a regular file")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "gone"), Reason.SUBJECT_VANISHED),
        (NotADirectoryError(20, "no folder"), Reason.SUBJECT_VANISHED),
        (OSError(5, "Input/output error"), Reason.SUBJECT_UNREADABLE),
        (OSError("words only"), Reason.SUBJECT_UNREADABLE),
        (ValueError("embedded null byte"), Reason.SUBJECT_UNREADABLE),
    ],
)
def test_each_failure_of_the_system_becomes_an_error_of_ours(
    error: OSError | ValueError, reason: Reason
) -> None:
    """With the system's own words, and exit code 3."""
    ours = source.unreadable("dist/a\x1b", error)

    assert ours.reason is reason
    assert ours.exit_code == 3
    assert ours.message.isprintable()
    assert ours.hint
