"""Every bundle of a folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.sources.folder import read_folder

if TYPE_CHECKING:
    from pathlib import Path

BUNDLE = '{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with bundles, and with what is none."""
    (tmp_path / "b.intoto.jsonl").write_text(BUNDLE * 2)
    (tmp_path / "a.sigstore.json").write_text(BUNDLE)
    (tmp_path / "c.intoto.jsonl").write_text("no bundle")
    (tmp_path / "gone.intoto.jsonl").symlink_to("nowhere")
    (tmp_path / "step.0a1b2c3d.link").write_text("{}")
    (tmp_path / "other.txt").write_text(BUNDLE)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "d.intoto.jsonl").write_text(BUNDLE)
    return tmp_path


def test_every_bundle_is_found_in_the_order_of_names(folder: Path) -> None:
    """What is called a bundle and is none is named; what lies below is not looked at."""
    found = read_folder(folder)

    assert [one.source for one in found.bundles] == [
        f"{folder}/a.sigstore.json",
        f"{folder}/b.intoto.jsonl:1",
        f"{folder}/b.intoto.jsonl:2",
    ]
    assert found.malformed == ("c.intoto.jsonl", "gone.intoto.jsonl")
    assert found.classic == ("step.0a1b2c3d.link",)


@pytest.mark.parametrize(
    "limits",
    [replace(DEFAULT_LIMITS, neighbour_files=3), replace(DEFAULT_LIMITS, neighbour_bytes=100)],
)
def test_more_than_the_limit_is_not_read(folder: Path, limits: object) -> None:
    """Nothing can be decided then: what was left out may be what is missing."""
    with pytest.raises(SlsaGenError) as refused:
        read_folder(folder, limits)  # type: ignore[arg-type] # from the table

    assert refused.value.exit_code == 3
    assert refused.value.reason is Reason.EVIDENCE_UNREADABLE


def test_a_folder_that_is_not_there_is_wrong_usage(folder: Path) -> None:
    """A file is none either."""
    for path in (folder / "none", folder / "other.txt"):
        with pytest.raises(UsageError, match="there is no folder"):
            read_folder(path)


def test_a_folder_that_cannot_be_searched_decides_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its permissions are what to look at."""

    def refuse(_: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.listdir", refuse)

    with pytest.raises(SlsaGenError, match="cannot be searched for links: Permission denied"):
        read_folder(folder)
