"""What a bundle file is called, and where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import UsageError
from slsa_gen.publish.naming import Naming, bundle_path
from slsa_gen.reasons import Reason
from tests.support.values import subject

if TYPE_CHECKING:
    from pathlib import Path

ONE = (subject("app.tar.gz"),)
TWO = (subject("a"), subject("b"))


def test_the_bundle_of_one_file_lies_beside_it(tmp_path: Path) -> None:
    """It carries the subject's name."""
    path = bundle_path(ONE, (tmp_path / "dist" / "app.tar.gz",), Naming(), tmp_path)

    assert path == tmp_path / "dist" / "app.tar.gz.intoto.jsonl"


def test_the_bundle_of_several_files_lies_in_their_common_folder(tmp_path: Path) -> None:
    """It is called multiple.intoto.jsonl."""
    files = (tmp_path / "dist" / "x" / "a", tmp_path / "dist" / "y" / "b")

    assert bundle_path(TWO, files, Naming(), tmp_path) == tmp_path / "dist/multiple.intoto.jsonl"


def test_the_bundle_of_digests_alone_lies_here(tmp_path: Path) -> None:
    """An image's name gives only its last part."""
    image = (subject("ghcr.io/octo/app"),)

    assert bundle_path(image, (), Naming(), tmp_path) == tmp_path / "app.intoto.jsonl"


def test_a_given_name_is_used_in_the_default_folder(tmp_path: Path) -> None:
    """--provenance-name names the file, not the folder."""
    naming = Naming(provenance_name="p.intoto.jsonl")

    assert bundle_path(ONE, (tmp_path / "d/app.tar.gz",), naming, tmp_path) == (
        tmp_path / "d/p.intoto.jsonl"
    )


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("../up", "../up"),
        ("a/b c", "'a/b c'"),
        ("..", "FOLDER/NAME"),
        (".", "FOLDER/NAME"),
        ("a/", "FOLDER/NAME"),
        ("a\0b", "FOLDER/NAME"),
    ],
)
def test_a_name_that_is_a_path_is_refused(tmp_path: Path, name: str, output: str) -> None:
    """--provenance-name cannot lead out of the folder."""
    with pytest.raises(UsageError) as caught:
        bundle_path(ONE, (), Naming(provenance_name=name), tmp_path)

    assert caught.value.reason is Reason.USAGE_OPTION
    assert caught.value.hint == f"Use: --output {output}"


def test_an_output_path_is_taken_as_it_is(tmp_path: Path) -> None:
    """--output is the whole path, from here."""
    assert bundle_path(ONE, (), Naming(output="x/b.jsonl"), tmp_path) == tmp_path / "x/b.jsonl"


@pytest.mark.parametrize("output", ["made", "missing/"])
def test_an_output_folder_takes_the_default_name(tmp_path: Path, output: str) -> None:
    """A folder is one that is there, or that is written with a slash."""
    (tmp_path / "made").mkdir()

    path = bundle_path(ONE, (), Naming(output=output), tmp_path)

    assert path == tmp_path / output / "app.tar.gz.intoto.jsonl"


@pytest.mark.parametrize("output", ["a", "./a", "d/../a", "link", "hard", "d/up/a"])
def test_a_subject_itself_is_never_the_bundle_file(tmp_path: Path, output: str) -> None:
    """Whichever way it is named, and whether or not files may be replaced."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "up").symlink_to(tmp_path)
    (tmp_path / "a").write_bytes(b"work")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "hard").hardlink_to(tmp_path / "a")

    with pytest.raises(UsageError, match="would take the place of a file") as caught:
        bundle_path(ONE, (tmp_path / "b", tmp_path / "a"), Naming(output=output), tmp_path)

    assert caught.value.reason is Reason.USAGE_OPTION
    assert caught.value.hint.endswith(f"--output {tmp_path / output}.intoto.jsonl")


def test_a_subject_that_has_gone_is_not_the_bundle_file_either(tmp_path: Path) -> None:
    """Its name is enough."""
    with pytest.raises(UsageError, match="would take the place of a file"):
        bundle_path(ONE, (tmp_path / "a",), Naming(output="a"), tmp_path)


def test_the_default_name_is_no_subject_either(tmp_path: Path) -> None:
    """A bundle file that is attested itself is not replaced by the next one."""
    files = (tmp_path / "a", tmp_path / "multiple.intoto.jsonl")

    with pytest.raises(UsageError, match="would take the place of a file"):
        bundle_path(TWO, files, Naming(), tmp_path)


@pytest.mark.parametrize(("name", "shown"), [("", "multiple.intoto.jsonl"), ("my p", "'my p'")])
def test_files_all_over_the_machine_need_a_place_for_their_bundle(
    tmp_path: Path, name: str, shown: str
) -> None:
    """Their common folder may be the root of the file system; nobody asked for a file there."""
    here = tmp_path / "here"
    files = (tmp_path / "q1" / "x", tmp_path / "q2" / "y")

    with pytest.raises(UsageError, match="lie in different folders") as caught:
        bundle_path(TWO, files, Naming(provenance_name=name), here)

    assert caught.value.reason is Reason.USAGE_OPTION
    assert caught.value.hint == f"Say where, such as here: --output {shown}"
    assert bundle_path(TWO, files, Naming(output="o"), here) == here / "o"


def test_files_of_one_folder_elsewhere_keep_their_bundle_beside_them(tmp_path: Path) -> None:
    """There is no doubt which folder is theirs."""
    files = (tmp_path / "q" / "x", tmp_path / "q" / "y")

    path = bundle_path(TWO, files, Naming(), tmp_path / "here")

    assert path == tmp_path / "q" / "multiple.intoto.jsonl"


def test_a_folder_is_below_here_by_whichever_way_it_is_named(tmp_path: Path) -> None:
    """A link to the working folder leads to it."""
    (tmp_path / "here").mkdir()
    (tmp_path / "way").symlink_to("here")
    files = (tmp_path / "way" / "d" / "x", tmp_path / "way" / "e" / "y")

    path = bundle_path(TWO, files, Naming(), tmp_path / "here")

    assert path == tmp_path / "way" / "multiple.intoto.jsonl"


def test_output_and_name_together_are_refused(tmp_path: Path) -> None:
    """Two names for one file are one too many."""
    with pytest.raises(UsageError):
        bundle_path(ONE, (), Naming(provenance_name="a", output="b"), tmp_path)
