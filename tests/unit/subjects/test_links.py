"""Links: what they lead to inside the tree is fine, nothing outside is ever taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import paths
from slsa_gen.subjects.patterns import Matcher
from slsa_gen.subjects.tree import Boundary, Walk
from tests.unit.subjects.trees import find, make

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a workspace beside a secret, and a folder beside it that begins alike."""
    make(tmp_path, "secret", "workspace/dist/app", "workspace/build/lib", "workspace-old/app")
    return tmp_path / "workspace"


def refusal(base: Path, *patterns: str, boundary: Path | None = None) -> SubjectError:
    """Return the error that patterns are refused with."""
    with pytest.raises(SubjectError) as caught:
        find(base, *patterns, boundary=boundary)
    assert caught.value.message.isprintable()
    return caught.value


@pytest.mark.parametrize("pattern", ["dist/latest", "dist/*", "**/latest"])
def test_a_link_inside_the_tree_is_a_file_of_its_own_name(tree: Path, pattern: str) -> None:
    """Its content is its target's."""
    (tree / "dist" / "latest").symlink_to("app")

    found = paths.expand([pattern], base=tree, boundary=tree, limits=DEFAULT_LIMITS)

    source = found.files[f"{tree}/dist/latest"]
    assert (source.shown, source.real) == ("dist/latest", f"{tree}/dist/app")


@pytest.mark.parametrize("target", ["../../secret", "{parent}/secret", "../../workspace-old/app"])
@pytest.mark.parametrize("pattern", ["dist/leak", "dist/*", "**"])
@pytest.mark.parametrize("in_a_run", [True, False])
def test_a_link_that_leaves_the_tree_is_refused(
    tree: Path, target: str, pattern: str, *, in_a_run: bool
) -> None:
    """Named or met by a glob, relative or absolute, in a run or outside one."""
    (tree / "dist" / "leak").symlink_to(target.format(parent=tree.parent))

    error = refusal(tree, pattern, boundary=tree if in_a_run else None)

    assert error.reason is Reason.SUBJECT_LINK_LEAVES
    assert "'dist/leak'" in error.message
    assert str(tree.parent) in error.message
    assert error.exit_code == 2


def test_a_link_out_of_its_folder_is_inside_the_workspace_but_not_inside_its_folder(
    tree: Path,
) -> None:
    """In a run the workspace is the tree, outside one it is the pattern's own folder."""
    (tree / "dist" / "lib").symlink_to("../build/lib")

    assert find(tree, "dist/*", boundary=tree) == ["dist/app", "dist/lib"]
    for pattern in ("dist/*", "dist/lib"):
        assert refusal(tree, pattern).reason is Reason.SUBJECT_LINK_LEAVES
    assert find(tree, "**/lib") == ["build/lib", "dist/lib"]


def test_a_chain_of_links_is_judged_by_where_it_ends(tree: Path) -> None:
    """A link in the tree to a link in the tree that leaves it."""
    (tree / "dist" / "one").symlink_to("../build/two")
    (tree / "build" / "two").symlink_to("../../secret")

    assert refusal(tree, "dist/one", boundary=tree).reason is Reason.SUBJECT_LINK_LEAVES


@pytest.mark.parametrize("pattern", ["ext/secret", "ext/*", "ext/**"])
def test_a_folder_that_is_a_link_out_of_the_workspace_is_refused(tree: Path, pattern: str) -> None:
    """Also as the pattern's own beginning."""
    (tree / "ext").symlink_to(tree.parent)

    error = refusal(tree, pattern, boundary=tree)

    assert error.reason is Reason.SUBJECT_LINK_LEAVES


@pytest.mark.parametrize("pattern", ["**", "**/secret", "*/secret"])
@pytest.mark.parametrize("in_a_run", [True, False])
def test_a_glob_does_not_go_through_a_link_that_leaves_the_tree(
    tree: Path, pattern: str, *, in_a_run: bool
) -> None:
    """It is refused: what lies behind it can be neither taken nor left out silently."""
    (tree / "ext").symlink_to(tree.parent)

    error = refusal(tree, pattern, boundary=tree if in_a_run else None)

    assert error.reason is Reason.SUBJECT_LINK_LEAVES
    assert "'!ext'" in error.hint


def test_a_link_out_of_the_tree_can_be_taken_out(tree: Path) -> None:
    """As the hint says; and one that no pattern has a use for is nobody's concern."""
    (tree / "ext").symlink_to(tree.parent)
    (tree / "dist" / "leak").symlink_to("../../secret")

    assert find(tree, "**", "!ext", "!dist/leak") == ["build/lib", "dist/app"]
    assert find(tree, "dist/a*", boundary=tree) == ["dist/app"]
    assert find(tree, "dist/**/a*", boundary=tree) == ["dist/app"]
    make(tree, "top")
    assert find(tree, "*", boundary=tree) == ["top"]


def test_the_folder_of_a_pattern_may_be_a_link_outside_a_run(tree: Path) -> None:
    """The user named it: there the tree is what it leads to."""
    (tree / "ext").symlink_to(tree / "build")
    (tree.parent / "link").symlink_to(tree / "dist")

    assert find(tree, "ext/*") == ["ext/lib"]
    assert find(tree.parent, "link/app", "link/a*") == ["link/app"]


@pytest.mark.parametrize(
    "pattern", ["/etc/hostname", "/etc/host*", "../secret", "../s*", "dist/../../secret"]
)
def test_a_path_outside_the_workspace_is_refused(tree: Path, pattern: str) -> None:
    """It says where the workspace is; no link is blamed."""
    error = refusal(tree, pattern, boundary=tree)

    assert error.reason is Reason.SUBJECT_OUTSIDE
    assert str(tree) in error.message


def test_a_path_outside_the_working_folder_is_fine_outside_a_run(tree: Path) -> None:
    """The user asked for it by name."""
    assert find(tree.parent, "secret") == ["secret"]
    assert find(tree, "../secret") == [f"{tree.parent}/secret"]
    assert find(tree, "../secre[t]") == [f"{tree.parent}/secret"]


def test_a_link_after_two_dots_keeps_its_name(tree: Path) -> None:
    """Only the folders before it are resolved."""
    (tree / "latest").symlink_to("dist/app")

    assert find(tree / "dist", "../latest", boundary=tree) == [f"{tree}/latest"]


def test_the_workspace_itself_may_be_reached_through_a_link(tree: Path) -> None:
    """Both of its names are inside."""
    link = tree.parent / "ws"
    link.symlink_to(tree)
    (tree / "ext").symlink_to(tree.parent)

    assert find(link, "dist/*", boundary=link) == ["dist/app"]
    assert find(tree, "dist/*", boundary=link) == ["dist/app"]
    assert find(link, f"{tree}/dist/app", boundary=link) == [f"{tree}/dist/app"]
    for base in (link, tree):
        error = refusal(base, "ext/secret", boundary=link)
        assert error.reason is Reason.SUBJECT_LINK_LEAVES


def test_links_in_a_circle_end_and_each_file_is_found_once(tree: Path) -> None:
    """Folders that lead to themselves, to their parent, and to each other."""
    (tree / "dist" / "self").symlink_to(".")
    (tree / "dist" / "up").symlink_to("..")
    (tree / "build" / "dist").symlink_to("../dist")
    (tree / "dist" / "build").symlink_to("../build")

    assert find(tree, "**", boundary=tree) == ["build/lib", "dist/app"]


def test_many_links_to_each_other_take_no_time(tree: Path) -> None:
    """Every folder is entered once, not once for each way that leads to it."""
    for number in range(12):
        make(tree, f"n/{number}/f{number}")
    for number in range(12):
        for other in range(12):
            (tree / "n" / str(number) / f"to{other}").symlink_to(f"../{other}")

    assert len(find(tree, "n/**")) == 12


def test_a_file_that_two_ways_lead_to_is_named_by_the_one_without_a_link(tree: Path) -> None:
    """Whatever stands first, and however deep the folder lies."""
    make(tree, "dist/a/deep/x")
    for name in ("aa", "zz"):
        (tree / name).symlink_to("dist/a/deep")

    assert find(tree, "**/x") == ["dist/a/deep/x"]


def test_a_folder_behind_a_link_is_searched_when_only_the_link_leads_there(tree: Path) -> None:
    """Nothing that a pattern covers is left out."""
    make(tree, "build/deep/x", "build/deep/y")
    (tree / "dist" / "ext").symlink_to("../build")

    assert find(tree, "dist/**", boundary=tree) == [
        "dist/app",
        "dist/ext/deep/x",
        "dist/ext/deep/y",
        "dist/ext/lib",
    ]
    assert find(tree, "dist/e*/**/x", boundary=tree) == ["dist/ext/deep/x"]


@pytest.mark.parametrize("pattern", ["dist/gone", "dist/*", "**"])
def test_a_link_to_nothing_cannot_be_read(tree: Path, pattern: str) -> None:
    """It is not passed over: something was meant to be there."""
    (tree / "dist" / "gone").symlink_to("never")

    error = refusal(tree, pattern, boundary=tree)

    assert isinstance(error, SubjectUnreadableError)
    assert "'dist/gone' is a link to something that is not there" in error.message


@pytest.mark.parametrize("pattern", ["dist/loop", "dist/*"])
def test_a_link_to_itself_cannot_be_read(tree: Path, pattern: str) -> None:
    """And does not hang."""
    (tree / "dist" / "loop").symlink_to("loop")

    error = refusal(tree, pattern, boundary=tree)

    assert isinstance(error, SubjectUnreadableError)
    assert "circle" in error.message


def test_a_link_to_nothing_that_no_pattern_matches_is_passed_over(tree: Path) -> None:
    """It is nobody's concern."""
    (tree / "dist" / "gone").symlink_to("never")
    (tree / "dist" / "loop").symlink_to("loop")

    assert find(tree, "dist/**/a*") == ["dist/app"]


def test_a_link_to_a_folder_is_a_folder(tree: Path) -> None:
    """Named, it is refused like one; matched, it is passed over like one."""
    (tree / "dist" / "ext").symlink_to("../build")

    assert refusal(tree, "dist/ext", boundary=tree).reason is Reason.SUBJECT_DIRECTORY
    assert find(tree, "dist/*", boundary=tree) == ["dist/app"]


def test_a_file_that_goes_while_the_walk_is_on_is_not_passed_over(tree: Path) -> None:
    """It was there when the folder was listed, so it is missed."""
    make(tree, "dist/other")
    walk = Walk(Matcher(["*"]), (), Boundary(str(tree)), str)
    files = walk.files(f"{tree}/dist", f"{tree}/dist")
    first, _ = next(files)
    for name in ("app", "other"):
        if not first.endswith(name):
            (tree / "dist" / name).unlink()

    with pytest.raises(SubjectUnreadableError) as caught:
        list(files)

    assert caught.value.reason is Reason.SUBJECT_VANISHED
