"""The runner's list of declared artifacts: how it is read, and what it is held against."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from slsa_gen.subjects import declared
from slsa_gen.subjects.request import SubjectRequest
from tests.unit.subjects.trees import ONE, TWO, collected, limited, make, relative, sha256, sha512

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.subjects.collect import Collection


def entry(name: str, digest: str, kind: str = "file") -> dict[str, str]:
    """Return one subject as the runner writes it."""
    return {"name": name, "digest": f"sha256:{digest}", "kind": kind}


def written(folder: Path, *subjects: object, **changes: object) -> str:
    """Write a list, outside the workspace, and return its path."""
    path = folder / "list.json"
    path.write_text(json.dumps({"version": 1, "subjects": subjects, **changes}))
    return str(path)


class Workspace:
    """A workspace, and the runner's list beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "workspace"
        self.root.mkdir()
        self._folder = folder

    def attest(self, *subjects: object, **options: Any) -> Collection:  # noqa: ANN401 (those of collect)
        """Collect what the list declares."""
        path = written(self._folder, *subjects)
        return collected(self.root, SubjectRequest(declared=path), boundary=self.root, **options)

    def refused(self, *subjects: object, **options: Any) -> SubjectError:  # noqa: ANN401 (as above)
        """Return why it is refused."""
        with pytest.raises(SubjectError) as caught:
            self.attest(*subjects, **options)
        return caught.value


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    return Workspace(tmp_path)


def test_a_declared_file_is_found_wherever_it_lies_and_hashed_again(workspace: Workspace) -> None:
    """The list has its base name only."""
    make(workspace.root, "out/deep/app")

    found = workspace.attest(entry("app", sha256("out/deep/app")), algorithms=("sha256", "sha512"))

    (subject,) = found.subjects
    assert subject.name == "app"
    assert [d.hex for d in subject.digests] == [sha256("out/deep/app"), sha512("out/deep/app")]
    assert relative(found.files, workspace.root) == ["out/deep/app"]


def test_a_file_that_changed_since_is_refused(workspace: Workspace) -> None:
    """It is not what the step that declared it had made."""
    make(workspace.root, "dist/app")

    error = workspace.refused(entry("app", ONE))

    assert error.reason is Reason.SUBJECT_DECLARED_CHANGED
    assert f"sha256:{ONE}" in error.message
    assert "'dist/app'" in error.message
    assert "declare" in error.hint


def test_one_of_two_files_that_differs_is_refused(workspace: Workspace) -> None:
    """Nobody can tell which of them was meant, and the changed one may be it."""
    make(workspace.root, "dist/app", "other/app")

    error = workspace.refused(entry("app", sha256("dist/app")))

    assert error.reason is Reason.SUBJECT_DECLARED_CHANGED
    assert "'other/app'" in error.message
    assert "cannot be told" in error.message


def test_two_files_that_are_both_as_declared_are_one_subject(workspace: Workspace) -> None:
    """A copy of the same content changes nothing."""
    for folder in ("a", "b"):
        (workspace.root / folder).mkdir()
        (workspace.root / folder / "app").write_text("same")

    found = workspace.attest(entry("app", sha256("same")))

    assert [s.name for s in found.subjects] == ["app"]
    assert relative(found.files, workspace.root) == ["a/app", "b/app"]


def test_a_file_that_is_gone_and_an_image_are_taken_as_declared(workspace: Workspace) -> None:
    """There is nothing to hold them against."""
    make(workspace.root, "app")

    found = workspace.attest(entry("gone", ONE), entry("ghcr.io/o/app", TWO, "oci"))

    assert [(s.name, s.digests) for s in found.subjects] == [
        ("ghcr.io/o/app", (Digest("sha256", TWO),)),
        ("gone", (Digest("sha256", ONE),)),
    ]
    assert found.files == ()


def test_an_image_is_no_file_of_its_name(workspace: Workspace) -> None:
    """Its digest is not that of a file."""
    make(workspace.root, "app")

    assert workspace.attest(entry("app", ONE, "oci")).files == ()


def test_what_lies_in_git_s_folder_is_not_looked_at(workspace: Workspace) -> None:
    """A branch may be called like an artifact."""
    make(workspace.root, ".git/refs/heads/app", "dist/app")

    found = workspace.attest(entry("app", sha256("dist/app")))

    assert relative(found.files, workspace.root) == ["dist/app"]


def test_a_folder_of_the_name_is_walked_through_and_is_no_file(workspace: Workspace) -> None:
    """Only files were declared."""
    make(workspace.root, "app/app")
    (workspace.root / "folder").symlink_to("app")

    found = workspace.attest(entry("app", sha256("app/app")), entry("folder", ONE))

    assert relative(found.files, workspace.root) == ["app/app"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [("../secret", Reason.SUBJECT_LINK_LEAVES), ("never", Reason.SUBJECT_UNREADABLE)],
)
def test_a_link_of_the_name_must_stay_in_the_workspace(
    workspace: Workspace, target: str, reason: Reason
) -> None:
    """What it leads to was not built here, or is not there."""
    make(workspace.root, "../secret")
    (workspace.root / "app").symlink_to(target)

    assert workspace.refused(entry("app", sha256("../secret"))).reason is reason


def test_a_link_of_the_name_within_the_workspace_is_followed(workspace: Workspace) -> None:
    """What it leads to counts."""
    make(workspace.root, "build/app-1.0")
    (workspace.root / "app").symlink_to("build/app-1.0")

    assert workspace.refused(entry("app", ONE)).reason is Reason.SUBJECT_DECLARED_CHANGED
    assert workspace.attest(entry("app", sha256("build/app-1.0"))).subjects


def test_a_pipe_of_the_name_is_refused(workspace: Workspace) -> None:
    """It could be any content."""
    os.mkfifo(workspace.root / "app")

    assert workspace.refused(entry("app", ONE)).reason is Reason.SUBJECT_SPECIAL_FILE


def test_a_folder_that_cannot_be_looked_at_is_an_error(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed file could lie in there."""
    make(workspace.root, "closed/app")
    scan = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)

    error = workspace.refused(entry("app", ONE))

    assert isinstance(error, SubjectUnreadableError)
    assert error.reason is Reason.SUBJECT_UNREADABLE


def test_the_search_is_bounded(workspace: Workspace) -> None:
    """A workspace of millions of files is not walked for ever."""
    make(workspace.root, "a", "b", "c")

    error = workspace.refused(entry("app", ONE), limits=limited(declared_search_entries=2))

    assert error.reason is Reason.SUBJECT_TOO_MANY
    assert error.exit_code == 3


def test_a_name_with_two_digests_is_refused(workspace: Workspace) -> None:
    """The runner refuses it too."""
    error = workspace.refused(entry("app", ONE), entry("app", TWO))

    assert error.reason is Reason.SUBJECT_NAME_CLASH


def test_the_list_is_read_only_where_nothing_else_is_asked_for(tmp_path: Path) -> None:
    """What is named is what is attested."""
    make(tmp_path, "app", "other")
    request = SubjectRequest(patterns=("app",), declared=written(tmp_path, entry("other", ONE)))

    assert [s.name for s in collected(tmp_path, request).subjects] == ["app"]


@pytest.mark.parametrize("content", ["", " \n", None])
def test_an_empty_or_absent_list_says_how_to_declare(tmp_path: Path, content: str | None) -> None:
    """The hint is ready to paste."""
    path = tmp_path / "list.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(SubjectError) as caught:
        declared.read(str(path), DEFAULT_LIMITS)

    assert caught.value.reason is Reason.SUBJECT_NONE
    assert 'echo "dist/app" >> "$GITHUB_ARTIFACTS"' in caught.value.hint
    assert "subject-path: dist/*" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "its version is '2'"),
        ({"version": True}, "its version is 'True'"),
        ({"version": "1"}, "its version"),
        ({"subjects": {}}, "not an object with version and subjects"),
        ({"more": 1}, "not an object with version and subjects"),
        ({"subjects": ["app"]}, "subject 1 is not an object"),
        ({"subjects": [entry("app", ONE) | {"path": "x"}]}, "subject 1 is not an object"),
        ({"subjects": [entry("app", ONE, "folder")]}, "of the kind 'folder', not file or oci"),
        ({"subjects": [entry("app", ONE) | {"name": 1}]}, "a name or a digest that is no text"),
        ({"subjects": [entry("dist/app", ONE)]}, "a base name is meant"),
        ({"subjects": [entry("app", ONE[1:])]}, "64 hexadecimal digits, got 63"),
        ({"subjects": [entry("a", ONE) | {"digest": f"sha512:{ONE * 2}"}]}, "not sha256"),
    ],
)
def test_a_list_that_is_not_understood_is_refused(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    """Nothing of it is attested."""
    with pytest.raises(SubjectError) as caught:
        declared.read(written(tmp_path, entry("app", ONE), **changes), DEFAULT_LIMITS)

    assert caught.value.reason is Reason.SUBJECT_DECLARED_LIST
    assert said in caught.value.message
    assert caught.value.message.isprintable()


def test_an_empty_list_of_subjects_says_so(tmp_path: Path) -> None:
    """No step declared anything."""
    with pytest.raises(SubjectError, match="list of declared artifacts is empty"):
        declared.read(written(tmp_path), DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", Reason.SUBJECT_NAME_EMPTY),
        ("..", Reason.SUBJECT_NAME_CLIMBS),
        ("/app", Reason.SUBJECT_NAME_ABSOLUTE),
        ("a\x1b[2J", Reason.SUBJECT_NAME_CONTROL),
    ],
)
def test_a_declared_name_must_be_one(tmp_path: Path, name: str, reason: Reason) -> None:
    """As everywhere else."""
    with pytest.raises(SubjectError) as caught:
        declared.read(written(tmp_path, entry(name, ONE)), DEFAULT_LIMITS)

    assert caught.value.reason is reason


@pytest.mark.parametrize("limits", [limited(declared_list_bytes=10)])
def test_a_list_that_is_too_large_or_no_file_is_refused(tmp_path: Path, limits: Limits) -> None:
    """A pipe would be waited for, and a huge list read for ever."""
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), written(tmp_path, entry("app", ONE))):
        with pytest.raises(SubjectError) as caught:
            declared.read(path, limits)
        assert caught.value.reason is Reason.SUBJECT_DECLARED_LIST


def test_a_list_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    """That is not the same as an empty one."""
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(SubjectUnreadableError):
        declared.read(str(tmp_path / "loop"), DEFAULT_LIMITS)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(document=_JSON | st.fixed_dictionaries({"version": st.just(1), "subjects": _JSON}))
def test_whatever_the_list_is_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, document: object
) -> None:
    """Never an error of another kind."""
    path = tmp_path_factory.mktemp("list") / "list.json"
    path.write_text(json.dumps(document))

    try:
        found = declared.read(str(path), DEFAULT_LIMITS)
    except SubjectError:
        return
    assert found
