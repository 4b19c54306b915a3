"""The file of a step's record: where it goes, and what may be in the way."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import PublishError, UsageError
from slsa_gen.publish.record import RecordFile, record_path
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path


def target(path: Path, *, overwrite: bool = False) -> RecordFile:
    """Return the target for a path."""
    return RecordFile(path, overwrite=overwrite, max_bytes=1000)


@pytest.mark.parametrize(
    ("products", "folder"),
    [
        (["dist/*"], "dist"),
        (["dist/app"], "dist"),
        (["dist/**"], "dist"),
        (["dist/a/*.so", "dist/b/lib"], "dist"),
        (["app"], "."),
        (["*.whl"], "."),
        (["a/x", "b/y"], "."),
        (["dist/*\n!other/x\n\nbin/*"], "."),
        (["dist/*", "!dist/*.log"], "dist"),
        (["./dist/./x"], "dist"),
    ],
)
def test_it_lies_in_the_folder_that_the_products_will_have_in_common(
    tmp_path: Path, products: list[str], folder: str
) -> None:
    """Known before there is any of them; what is taken away does not count."""
    path = record_path("build", products, None, tmp_path)
    assert path == tmp_path / folder / "build.intoto.jsonl"


def test_it_lies_where_it_is_told_to(tmp_path: Path) -> None:
    """A path, a folder that is there, or one that is written as one."""
    (tmp_path / "there").mkdir()
    for output, expected in (
        ("x/y.jsonl", "x/y.jsonl"),
        ("there", "there/build.intoto.jsonl"),
        ("made/", "made/build.intoto.jsonl"),
    ):
        assert record_path("build", ["dist/*"], output, tmp_path) == tmp_path / expected


@pytest.mark.parametrize("output", ["dist/app", "./dist/../dist/app"])
def test_it_does_not_take_the_place_of_a_product(tmp_path: Path, output: str) -> None:
    """However the path is written."""
    (tmp_path / "dist").mkdir()
    with pytest.raises(UsageError, match="take the place of a product") as caught:
        record_path("build", ["dist/app"], output, tmp_path)
    assert "--output" in caught.value.hint


@pytest.mark.parametrize("before", [False, True])
def test_whatever_is_there_is_in_the_way(tmp_path: Path, *, before: bool) -> None:
    """A file, a link that leads nowhere; unless it may be replaced."""
    path = tmp_path / "build.intoto.jsonl"

    def check(file: RecordFile) -> None:
        if before:
            file.check_before(["app"], tmp_path)
        else:
            file.check()

    check(target(path))
    for there in ("file", "link"):
        if there == "file":
            path.write_text("another record")
        else:
            path.unlink()
            path.symlink_to("nowhere")
        with pytest.raises(UsageError, match="each run is a record of its own") as caught:
            check(target(path))
        assert caught.value.reason is Reason.USAGE_OUTPUT_EXISTS
        check(target(path, overwrite=True))


def test_a_record_that_is_there_is_never_the_result(tmp_path: Path) -> None:
    """Whatever it holds."""
    path = tmp_path / "build.intoto.jsonl"
    path.write_text("{}\n")
    file = target(path, overwrite=True)
    file.existing()
    assert file.publish(b"new\n").location == str(path)
    assert path.read_bytes() == b"new\n"


def test_a_folder_that_the_command_is_to_make_may_be_missing_before_it(tmp_path: Path) -> None:
    """After it, it may not."""
    file = target(tmp_path / "dist" / "x")
    file.check_before(["dist/*"], tmp_path)
    with pytest.raises(PublishError, match="No such file"):
        file.check()


def test_a_folder_that_takes_no_file_is_found_before_the_command(tmp_path: Path) -> None:
    """Not after an hour."""
    (tmp_path / "dist").write_text("a file in its place")
    with pytest.raises(PublishError, match="Not a directory"):
        target(tmp_path / "dist" / "x").check_before(["dist/*"], tmp_path)


@pytest.mark.parametrize(
    ("products", "folder", "refused"),
    [
        (["dist/*"], "links", True),
        (["app"], "links", True),
        (["dist/a/*"], "dist", False),
        (["dist/*"], "dist/records", False),
    ],
)
def test_a_folder_that_no_product_brings_about_must_be_there(
    tmp_path: Path, products: list[str], folder: str, *, refused: bool
) -> None:
    """Nobody would make it, and the record of an hour would be lost."""
    file = target(tmp_path / folder / "x")
    with pytest.raises(PublishError, match="No such file") if refused else nullcontext():
        file.check_before(products, tmp_path)
