"""Files, folders and digests, from the words of a call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.cli.artifacts import artifact_words, name_artifacts
from slsa_gen.errors import SubjectError, SubjectUnreadableError, UsageError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_a_file_is_an_artifact_whether_it_is_there_or_not() -> None:
    """A missing one gets its own verdict."""
    (artifact,) = name_artifacts(["no/such/file"])

    assert (artifact.name, artifact.path) == ("no/such/file", Path("no/such/file"))


def test_each_file_of_a_folder_is_an_artifact_but_not_the_evidence(tmp_path: Path) -> None:
    """Sorted, also below; bundles are what speaks of them."""
    for name in ("b", "a", "sub/c", "a.intoto.jsonl", "sub/c.sigstore.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    artifacts = name_artifacts([str(tmp_path)])

    assert [a.path for a in artifacts] == [tmp_path / "a", tmp_path / "b", tmp_path / "sub/c"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    """A folder is what lies in it, and loops end."""
    (tmp_path / "a").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)

    assert [a.path for a in name_artifacts([str(tmp_path)])] == [tmp_path / "a"]


def test_a_digest_is_normalised() -> None:
    """Upper case is the same digest."""
    (artifact,) = name_artifacts([f"SHA256:{'AB' * 32}"])

    assert artifact.path is None
    assert [str(d) for d in artifact.digests] == [f"sha256:{'ab' * 32}"]


def test_a_file_called_like_a_digest_does_not_answer_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks about a digest must not be told about a file that somebody planted."""
    monkeypatch.chdir(tmp_path)
    word = f"sha256:{'ab' * 32}"
    Path(word).write_text("planted")

    (asked,) = name_artifacts([word])
    (meant,) = name_artifacts([f"./{word}"])

    assert asked.path is None
    assert meant.path == Path(word)


def test_a_link_out_of_a_folder_is_not_left_out_silently(tmp_path: Path) -> None:
    """What lies there would not be verified."""
    (tmp_path / "other").mkdir()
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_text("x")
    (folder / "within").symlink_to("sub")
    assert len(name_artifacts([str(folder)])) == 1
    (folder / "sub" / "out").symlink_to(tmp_path / "other")

    with pytest.raises(UsageError) as caught:
        name_artifacts([str(folder)])

    assert "leads out of the folder" in caught.value.message


def test_a_folder_that_cannot_be_read_was_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Could-not-check is exit code 3."""

    def walk(top: object, *, onerror: Callable[[OSError], None]) -> Iterator[tuple[()]]:
        onerror(PermissionError(13, "Permission denied", str(top)))
        yield from ()

    monkeypatch.setattr("os.walk", walk)

    with pytest.raises(SubjectUnreadableError) as caught:
        name_artifacts([str(tmp_path)])

    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["sha256:12"], Reason.USAGE_OPTION),
        (["oci://ghcr.io/octo/app:v1"], Reason.USAGE_OPTION),
        (["a.intoto.jsonl"], Reason.USAGE_NOTHING),
        (["a.sigstore.json", "b.intoto.jsonl"], Reason.USAGE_NOTHING),
    ],
)
def test_what_cannot_be_asked_about_is_a_usage_error(words: list[str], reason: Reason) -> None:
    """Each says what to write instead."""
    with pytest.raises(UsageError) as caught:
        name_artifacts(words)

    assert caught.value.reason is reason
    assert caught.value.hint


def test_a_folder_of_evidence_alone_is_a_usage_error(tmp_path: Path) -> None:
    """Nothing in it is an artifact."""
    (tmp_path / "a.intoto.jsonl").write_text("x")

    with pytest.raises(UsageError) as caught:
        name_artifacts([str(tmp_path)])

    assert caught.value.reason is Reason.USAGE_NOTHING


def test_a_pattern_names_what_a_shell_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an Action no shell expands it; evidence is passed over, as in a folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.whl", "a.whl", "a.whl.intoto.jsonl", "a[1].whl"):
        (tmp_path / name).touch()

    assert [a.name for a in name_artifacts(["*"])] == ["a.whl", "a[1].whl", "b.whl"]
    assert [a.name for a in name_artifacts([f"{tmp_path}/b.*"])] == ["b.whl"]
    assert [a.path for a in name_artifacts(["a[1].whl"])] == [Path("a[1].whl")]


def test_a_pattern_that_finds_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was verified, which must not look like success."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SubjectError) as caught:
        name_artifacts(["dist/*"])

    assert caught.value.reason is Reason.SUBJECT_NO_MATCH


def test_words_come_from_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a line, after those of the call."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_bytes(b"b\r\n\nc d\n")

    assert artifact_words(["a"], ["list"]) == ("a", "b", "c d")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\n", Reason.SUBJECT_LIST_EMPTY), (None, Reason.SUBJECT_LIST_MISSING)]
)
def test_a_file_without_words_is_an_error(
    content: bytes | None, reason: Reason, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that made it may have failed."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "list").write_bytes(content)

    with pytest.raises(SubjectError) as caught:
        artifact_words(["a"], ["list"])

    assert caught.value.reason is reason
    assert "find dist -type f > paths.txt" in caught.value.hint


def test_no_word_at_all_is_an_error() -> None:
    """There is nothing to verify."""
    with pytest.raises(UsageError, match="nothing is named that could be verified"):
        artifact_words([], [])
