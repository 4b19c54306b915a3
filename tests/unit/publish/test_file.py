"""A bundle file is there as a whole or not at all, and replaces nothing unasked."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from slsa_gen.errors import PublishError, SlsaGenError, UsageError
from slsa_gen.model.publication import PublicationOutcome
from slsa_gen.publish.file import FileTarget
from slsa_gen.reasons import Reason


def _target(path: Path, *, overwrite: bool = False) -> FileTarget:
    return FileTarget(path, overwrite=overwrite, max_bytes=100)


def _saved(error: SlsaGenError) -> bytes:
    """Return what was saved where the message says, and take it away."""
    words, _, name = error.message.partition("; the log holds an entry of each signed statement, ")
    path = Path(name.removeprefix("and the signed bundle is saved as ").strip("'"))
    content = path.read_bytes()
    path.unlink()
    assert str(error) == error.message
    assert words
    return content


def test_a_bundle_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    """The temporary file is gone afterwards."""
    publication = _target(tmp_path / "b").publish(b"content\n")

    assert publication.outcome is PublicationOutcome.WRITTEN
    assert [p.name for p in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_bytes() == b"content\n"


def test_a_bundle_file_is_readable_as_the_umask_says(tmp_path: Path) -> None:
    """It is meant to be published: not more private than any other file."""
    old = os.umask(0o022)
    try:
        _target(tmp_path / "b").publish(b"x")
    finally:
        os.umask(old)

    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o644


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Between looking and writing somebody else may have written."""
    (tmp_path / "b").write_bytes(b"theirs")

    with pytest.raises(UsageError) as caught:
        _target(tmp_path / "b").publish(b"ours")

    assert caught.value.reason is Reason.USAGE_OUTPUT_EXISTS
    assert _saved(caught.value) == b"ours"
    assert (tmp_path / "b").read_bytes() == b"theirs"
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_overwriting_replaces_the_file(tmp_path: Path) -> None:
    """--overwrite is what it says."""
    (tmp_path / "b").write_bytes(b"theirs")

    _target(tmp_path / "b", overwrite=True).publish(b"ours")

    assert (tmp_path / "b").read_bytes() == b"ours"


def test_overwriting_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    """The link is replaced, never written through."""
    (tmp_path / "other").write_bytes(b"theirs")
    (tmp_path / "b").symlink_to("other")

    _target(tmp_path / "b", overwrite=True).publish(b"ours")

    assert (tmp_path / "other").read_bytes() == b"theirs"
    assert (tmp_path / "b").read_bytes() == b"ours"
    assert not (tmp_path / "b").is_symlink()


def test_a_link_that_points_nowhere_is_refused_before_anything_is_signed(tmp_path: Path) -> None:
    """It is there, although what it points to is not; --overwrite replaces the link itself."""
    (tmp_path / "b").symlink_to("nowhere")

    with pytest.raises(UsageError, match="it is a link that points nowhere") as caught:
        _target(tmp_path / "b").existing()

    assert caught.value.reason is Reason.USAGE_OUTPUT_EXISTS
    assert "--overwrite" in caught.value.hint
    overwriting = _target(tmp_path / "b", overwrite=True)
    assert overwriting.existing() is None
    overwriting.publish(b"ours")
    assert (tmp_path / "b").read_bytes() == b"ours"
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_a_file_system_without_hard_links_is_served_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where link() is refused, the name is looked at and then taken by a rename."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    _target(tmp_path / "b").publish(b"ours")
    with pytest.raises(UsageError) as caught:
        _target(tmp_path / "b").publish(b"again")

    assert _saved(caught.value) == b"again"
    assert (tmp_path / "b").read_bytes() == b"ours"


def test_a_missing_folder_is_found_before_anything_is_signed(tmp_path: Path) -> None:
    """check() says what publish() would."""
    with pytest.raises(PublishError) as caught:
        _target(tmp_path / "missing" / "b").check()

    assert caught.value.reason is Reason.PUBLISH_FILE
    assert "No such file or directory" in caught.value.message
    assert caught.value.hint == f"Make the folder first: mkdir -p {tmp_path}/missing"


def test_a_check_leaves_nothing(tmp_path: Path) -> None:
    """The probe is gone afterwards."""
    _target(tmp_path / "b").check()

    assert list(tmp_path.iterdir()) == []


def test_a_signed_bundle_is_saved_elsewhere_when_its_folder_vanishes(tmp_path: Path) -> None:
    """What was signed and logged is never lost."""
    with pytest.raises(PublishError) as caught:
        _target(tmp_path / "gone" / "b").publish(b"precious")

    assert _saved(caught.value) == b"precious"


def test_a_bundle_that_can_be_saved_nowhere_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message does not claim a rescue that failed."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PublishError) as caught:
        _target(tmp_path / "gone" / "b").publish(b"precious")

    assert caught.value.message.endswith("the signed bundle is not saved (No space left on device)")


def test_what_is_there_is_read_up_to_the_limit(tmp_path: Path) -> None:
    """Absent: None; larger than any bundle file: an error."""
    path = tmp_path / "b"
    assert _target(path).existing() is None
    path.write_bytes(b"x" * 100)
    assert _target(path).existing() == b"x" * 100
    path.write_bytes(b"x" * 101)
    with pytest.raises(PublishError):
        _target(path).existing()


def test_a_folder_of_that_name_cannot_be_read(tmp_path: Path) -> None:
    """The message says what stands there."""
    with pytest.raises(PublishError) as caught:
        _target(tmp_path).existing()

    assert "is already there, and it is a folder, not a file" in caught.value.message
