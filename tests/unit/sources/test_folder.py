"""Every bundle of a folder."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slsa_gen.errors import SlsaGenError, UsageError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.sources.folder import FolderContents, read_folder

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


def test_as_much_as_the_limit_is_read(folder: Path) -> None:
    """Four files of three bundles: those that are none count as files, and not by their size."""
    size = 3 * len(BUNDLE.rstrip())
    exact = replace(DEFAULT_LIMITS, neighbour_files=4, neighbour_bytes=size)

    assert len(read_folder(folder, exact).bundles) == 3
    for less in (
        replace(exact, neighbour_files=3),
        replace(exact, neighbour_bytes=size - 1),
    ):
        with pytest.raises(SlsaGenError, match="are read"):
            read_folder(folder, less)


@given(data=st.binary(max_size=60), name=st.sampled_from(["x.intoto.jsonl", "x.sigstore.json"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_bundles_or_named(folder: Path, data: bytes, name: str) -> None:
    """What somebody put there keeps no other bundle from being found."""
    (folder / name).write_bytes(data)

    found = read_folder(folder)

    assert len(found.bundles) >= 3
    assert (name in found.malformed) or len(found.bundles) > 3 or not data.strip()


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("folder", "it is a folder, not a file"),
        ("pipe", "it is a named pipe, not a file"),
        ("link to itself", "Too many levels of symbolic links"),
    ],
)
def test_what_is_called_a_bundle_and_is_no_file_decides_nothing(
    folder: Path, kind: str, why: str
) -> None:
    """It is not waited for: the folder was not searched whole, and the message names it."""
    path = folder / "odd.intoto.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)

    with pytest.raises(SlsaGenError, match=f"odd.intoto.jsonl' cannot be read: {why}") as refused:
        read_folder(folder)

    assert refused.value.exit_code == 3


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    """And is no error: links may be missing."""
    assert read_folder(tmp_path) == FolderContents((), (), ())


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
