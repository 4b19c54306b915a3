"""Products: strictly found, named by their path, and made by the command that claims them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import SlsaGenError, SubjectError
from slsa_gen.intoto.products import Products
from slsa_gen.limits import Limits
from slsa_gen.reasons import Reason
from slsa_gen.subjects import reading
from slsa_gen.subjects.progress import SilentProgress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.model.subject import Subject
    from slsa_gen.subjects.source import Source


def _products(
    folder: Path,
    *patterns: str,
    boundary: Path | None = None,
    allow_unchanged: bool = False,
) -> Products:
    return Products(
        patterns,
        folder=folder,
        boundary=boundary,
        limits=Limits(),
        allow_unchanged=allow_unchanged,
    )


def _names(products: Products) -> list[str]:
    return [subject.name for subject in products.made(SilentProgress())]


def _refusal(products: Products) -> SlsaGenError:
    with pytest.raises(SlsaGenError) as caught:
        products.made(SilentProgress())
    return caught.value


def _make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(os.fsencode(name))


def _digests(subjects: Sequence[Subject]) -> dict[str, str]:
    return {subject.name: subject.digests[0].hex for subject in subjects}


def test_what_was_made_is_named_by_its_path_with_its_digest(tmp_path: Path) -> None:
    """Sorted, so that the record is the same each time."""
    products = _products(tmp_path, "dist/**", "app")
    _make(tmp_path, "dist/b/c", "dist/a", "app")

    made = products.made(SilentProgress())

    assert _digests(made) == {
        name: hashlib.sha256(name.encode()).hexdigest() for name in ("app", "dist/a", "dist/b/c")
    }
    assert list(made) == sorted(made)


def test_a_product_that_is_as_it_was_is_refused(tmp_path: Path) -> None:
    """An earlier build's file would be said to come from this command."""
    _make(tmp_path, "dist/old")
    products = _products(tmp_path, "dist/*")

    error = _refusal(products)

    assert (error.reason, error.exit_code) == (Reason.RUN_PRODUCT_UNCHANGED, 2)
    assert error.message == ("the product was neither made nor changed by the command: 'dist/old'")
    assert error.hint == (
        "Begin without what an earlier build left: rm -- dist/old. "
        "If the command is right to leave it: --allow-unchanged"
    )


def test_of_many_unchanged_products_some_are_named(tmp_path: Path) -> None:
    """And the number of all."""
    _make(tmp_path, *(f"dist/{number}" for number in range(6)))
    products = _products(tmp_path, "dist/*")
    _make(tmp_path, "dist/new")

    assert _refusal(products).message == (
        "6 of 7 products were neither made nor changed by the command: "
        "'dist/0', 'dist/1', 'dist/2' and 3 more"
    )


def test_an_unchanged_product_is_taken_where_that_is_allowed(tmp_path: Path) -> None:
    """And then nothing is looked at beforehand."""
    _make(tmp_path, "dist/old")

    assert _names(_products(tmp_path, "dist/*", allow_unchanged=True)) == ["dist/old"]


def test_a_product_that_was_made_again_alike_is_made(tmp_path: Path) -> None:
    """A build that gives the same bytes each time is a good one."""
    _make(tmp_path, "dist/app")
    products = _products(tmp_path, "dist/*")
    (tmp_path / "dist" / "app").unlink()
    _make(tmp_path, "dist/app")

    assert _names(products) == ["dist/app"]


def test_a_new_link_to_an_old_file_makes_nothing_new_of_it(tmp_path: Path) -> None:
    """What counts is the file, wherever in the tree it lies."""
    _make(tmp_path, "build/app", "dist/x")
    products = _products(tmp_path, "dist/app", boundary=tmp_path)
    (tmp_path / "dist" / "app").symlink_to("../build/app")

    assert _refusal(products).reason is Reason.RUN_PRODUCT_UNCHANGED


def test_what_a_link_leads_to_is_looked_at_in_all_of_the_workspace(tmp_path: Path) -> None:
    """The command may run in a folder of it."""
    _make(tmp_path, "build/app", "sub/x")
    products = _products(tmp_path / "sub", "app", boundary=tmp_path)
    (tmp_path / "sub" / "app").symlink_to("../build/app")

    assert _refusal(products).reason is Reason.RUN_PRODUCT_UNCHANGED


def test_a_link_to_a_new_file_in_the_tree_is_a_product(tmp_path: Path) -> None:
    """As libraries have them; its content is the file's."""
    products = _products(tmp_path, "dist/*")
    _make(tmp_path, "dist/lib.so.1")
    (tmp_path / "dist" / "lib.so").symlink_to("lib.so.1")

    made = _digests(products.made(SilentProgress()))

    assert made["dist/lib.so"] == made["dist/lib.so.1"]


def test_a_link_that_leaves_the_tree_is_refused(tmp_path: Path) -> None:
    """To a file, and to a folder outside."""
    _make(tmp_path, "outside/secret")
    tree = tmp_path / "tree"
    tree.mkdir()
    by_file, by_folder = _products(tree, "app"), _products(tree, "dist/*", boundary=tree)
    (tree / "app").symlink_to("../outside/secret")
    (tree / "dist").symlink_to("../outside")

    for error in (_refusal(by_file), _refusal(by_folder)):
        assert error.reason is Reason.SUBJECT_LINK_LEAVES


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    """A product must have a content."""
    products = _products(tmp_path, "app")
    (tmp_path / "app").symlink_to("nothing")

    assert _refusal(products).reason is Reason.SUBJECT_UNREADABLE


@pytest.mark.parametrize("pattern", ["dist/app", "dist/*"])
def test_a_product_that_is_missing_is_refused(tmp_path: Path, pattern: str) -> None:
    """Each pattern must find something; that another does is not enough."""
    products = _products(tmp_path, "app", pattern)
    _make(tmp_path, "app")

    assert _refusal(products).reason is Reason.SUBJECT_NO_MATCH


def test_a_folder_is_no_product(tmp_path: Path) -> None:
    """Its files are."""
    products = _products(tmp_path, "dist")
    (tmp_path / "dist").mkdir()

    assert _refusal(products).reason is Reason.SUBJECT_DIRECTORY


def test_evidence_is_no_product_of_a_glob(tmp_path: Path) -> None:
    """As ``attest`` passes over it."""
    products = _products(tmp_path, "dist/*")
    _make(tmp_path, "dist/app", "dist/app.intoto.jsonl")

    assert _names(products) == ["dist/app"]


def test_excludes_count(tmp_path: Path) -> None:
    """For the patterns before them; several lines in one value, as an input of the Action has."""
    products = _products(tmp_path, "dist/*\n!dist/*.map\n")
    _make(tmp_path, "dist/app", "dist/app.map")

    assert _names(products) == ["dist/app"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"new\nline", Reason.SUBJECT_NAME_CONTROL),
        (b"\xff\xfe", Reason.SUBJECT_NAME_ENCODING),
    ],
)
def test_a_name_that_no_statement_should_carry_is_refused(
    tmp_path: Path, name: bytes, reason: Reason
) -> None:
    """And shown without harm."""
    products = _products(tmp_path, "dist/*")
    _make(tmp_path, f"dist/{os.fsdecode(name)}")

    error = _refusal(products)

    assert error.reason is reason
    assert error.message.isprintable()


def test_a_file_that_changes_while_it_is_hashed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that the command left behind still writes."""
    products = _products(tmp_path, "app")
    _make(tmp_path, "app")
    really = reading._read_whole

    def write_meanwhile(meter: reading._Meter, algorithms: Sequence[str]) -> list[str]:
        found = really(meter, algorithms)
        (tmp_path / "app").write_text("more than before")
        return found

    monkeypatch.setattr(reading, "_read_whole", write_meanwhile)

    error = _refusal(products)

    assert (error.reason, error.exit_code) == (Reason.SUBJECT_CHANGED, 3)


def test_a_file_that_goes_before_it_is_looked_at_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was found, and is gone."""
    products = _products(tmp_path, "app")
    _make(tmp_path, "app")
    really = Products._is_old

    def remove_meanwhile(self: Products, source: Source) -> bool:
        Path(source.real).unlink()
        return really(self, source)

    monkeypatch.setattr(Products, "_is_old", remove_meanwhile)

    assert _refusal(products).reason is Reason.SUBJECT_VANISHED


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [
        (["dist/**.whl"], Reason.SUBJECT_PATTERN),
        (["!dist/*"], Reason.SUBJECT_PATTERN),
        ([""], Reason.SUBJECT_PATTERN),
        (["../*"], Reason.SUBJECT_NAME_CLIMBS),
        (["/etc/passwd"], Reason.SUBJECT_NAME_CLIMBS),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused_before_the_command(
    tmp_path: Path, patterns: list[str], reason: Reason
) -> None:
    """A build may take an hour."""
    with pytest.raises(SubjectError) as caught:
        _products(tmp_path, *patterns)

    assert caught.value.reason is reason
    assert caught.value.hint


@pytest.mark.parametrize("pattern", ["dist", "dist/", "new/"])
def test_a_folder_that_can_be_seen_to_be_one_is_refused_before_the_command(
    tmp_path: Path, pattern: str
) -> None:
    """It is there already, or its name ends like a folder's; the hint is what was meant."""
    _make(tmp_path, "dist/app")

    with pytest.raises(SubjectError, match="is a folder") as caught:
        _products(tmp_path, pattern)

    assert caught.value.reason is Reason.SUBJECT_DIRECTORY
    assert caught.value.hint == f"For all files in it write: '{pattern.rstrip('/')}/**'"


def test_a_file_whose_name_looks_like_a_pattern_is_taken_as_it_is(tmp_path: Path) -> None:
    """As a shell hands it over."""
    _make(tmp_path, "a**b")
    products = _products(tmp_path, "a**b")
    (tmp_path / "a**b").write_text("new")

    assert _names(products) == ["a**b"]


def test_a_folder_behind_a_link_is_looked_at_beforehand(tmp_path: Path) -> None:
    """Where no workspace forbids it, the folder before a pattern may be a link."""
    _make(tmp_path, "elsewhere/old")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "dist").symlink_to(tmp_path / "elsewhere")

    assert _refusal(_products(tree, "dist/*")).reason is Reason.RUN_PRODUCT_UNCHANGED
    assert _refusal(_products(tree, "dist/old")).reason is Reason.RUN_PRODUCT_UNCHANGED


def test_what_a_failed_command_made_nevertheless_is_found(tmp_path: Path) -> None:
    """What it did not make is not said to be missing, and what was there before is not its."""
    _make(tmp_path, "dist/old", "dist/old.log")
    products = _products(tmp_path, "dist/*", "!dist/*.log", "never", "app")
    _make(tmp_path, "dist/half", "dist/half.log", "app")

    assert sorted(_digests(products.left(SilentProgress()))) == ["app", "dist/half"]


def test_no_patterns_no_products(tmp_path: Path) -> None:
    """A step that only looks at something makes nothing."""
    assert _names(_products(tmp_path)) == []
