"""Finding files: each pattern on its own finds something, or says why it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slsa_gen.errors import SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import paths, source
from tests.unit.subjects.trees import find, limited, make, relative


def refusal(base: Path, *patterns: str, boundary: Path | None = None) -> SubjectError:
    """Return the error that patterns are refused with."""
    with pytest.raises(SubjectError) as caught:
        find(base, *patterns, boundary=boundary)
    assert caught.value.message.isprintable()
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("app", ["app"]),
        ("./app", ["app"]),
        ("dist/a", ["dist/a"]),
        ("dist//a", ["dist/a"]),
        ("dist/../app", ["app"]),
        ("dist/*", ["dist/.dot", "dist/a", "dist/b.map"]),
        ("dist/**", ["dist/.dot", "dist/a", "dist/b.map", "dist/sub/c", "dist/sub/deep/d.map"]),
        ("dist/**/*.map", ["dist/b.map", "dist/sub/deep/d.map"]),
        ("**/c", ["dist/sub/c"]),
        ("*/[ab]*", ["dist/a", "dist/b.map"]),
        ("dist/*/c", ["dist/sub/c"]),
    ],
)
def test_paths_and_globs_find_files(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    """Names that begin with a dot are found like any other; folders are passed over."""
    make(tmp_path, "app", "dist/.dot", "dist/a", "dist/b.map", "dist/sub/c", "dist/sub/deep/d.map")

    assert find(tmp_path, pattern) == expected
    assert find(tmp_path, f"{tmp_path}/{pattern}") == expected


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["dist/*", "!dist/b.map"], ["dist/a"]),
        (["dist/**", "!**/*.map"], ["dist/a", "dist/sub/c"]),
        (["dist/**", "!dist/sub"], ["dist/a", "dist/b.map"]),
        (["dist/**", "!dist/sub/**"], ["dist/a", "dist/b.map"]),
        (["dist/**", "!nothing"], ["dist/a", "dist/b.map", "dist/sub/c", "dist/sub/d.map"]),
        (["dist/*", "!dist/*.map", "dist/b.map"], ["dist/a", "dist/b.map"]),
        (["dist/*", "dist/a"], ["dist/a", "dist/b.map"]),
    ],
)
def test_an_exclude_counts_for_the_patterns_before_it(
    tmp_path: Path, patterns: list[str], expected: list[str]
) -> None:
    """As in GitHub's own globs: what is named after it is in again."""
    make(tmp_path, "dist/a", "dist/b.map", "dist/sub/c", "dist/sub/d.map")

    assert find(tmp_path, *patterns) == expected


def test_a_comma_a_blank_and_brackets_are_part_of_a_name(tmp_path: Path) -> None:
    """A path that is there as written is that file, whatever wildcards its name holds."""
    make(tmp_path, "a, b", "app[1].tar", "x**y", "!bang", " blank ")

    for name in ("a, b", "app[1].tar", "x**y", " blank "):
        assert find(tmp_path, name) == [name]
    assert find(tmp_path, "./!bang") == ["!bang"]


def test_a_file_whose_name_is_a_pattern_takes_nothing_from_the_pattern(tmp_path: Path) -> None:
    """Else whoever can write a file called ``*`` could empty ``dist/*``."""
    make(tmp_path, "dist/*", "dist/a", "dist/[a]", "dist/*.whl/x")

    assert find(tmp_path, "dist/*") == ["dist/*", "dist/[a]", "dist/a"]
    assert find(tmp_path, "dist/[a]") == ["dist/[a]", "dist/a"]
    assert refusal(tmp_path, "dist/*.whl").reason is Reason.SUBJECT_DIRECTORY


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("app", "there is no file 'app'"),
        ("dist/a/x", "there is no file 'dist/a/x'"),
        ("dist/a/", "there is no file 'dist/a/'"),
        ("gone/app", "there is no file"),
        ("gone/../dist/a", "there is no file"),
        ("dist/a/../a", "there is no file"),
        ("gone/*", "no file matches the pattern 'gone/*'"),
        ("dist/a/*", "no file matches the pattern"),
        ("dist/*.whl", "no file matches the pattern"),
        ("empty/**", "no file matches the pattern"),
        ("DIST/*", "no file matches the pattern"),
    ],
)
def test_a_pattern_that_matches_nothing_is_refused(
    tmp_path: Path, pattern: str, message: str
) -> None:
    """Also when another one matches: one of two globs must not vanish."""
    make(tmp_path, "dist/a")
    (tmp_path / "empty").mkdir()
    for patterns in ([pattern], ["dist/*", pattern], [pattern, "dist/*"]):
        error = refusal(tmp_path, *patterns)

        assert error.reason is Reason.SUBJECT_NO_MATCH
        assert error.message.startswith(message)
        assert str(tmp_path) in error.message


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("dist/a,dist/b", "comma"),
        ("dist/{a,b}", "comma"),
        ("dist/{a}", "Braces"),
        ("~/app", "~ is not expanded"),
        ("dist\\a", "separated by '/'"),
        ("dist/a ", "blank"),
        ("dist/*.exe", "ls -R"),
    ],
)
def test_the_hint_names_the_likeliest_cause(tmp_path: Path, pattern: str, hint: str) -> None:
    """What people are used to from elsewhere."""
    assert hint in refusal(make(tmp_path, "dist/a"), pattern).hint


@pytest.mark.parametrize(
    "patterns",
    [["dist/*", "!dist/**"], ["dist/a", "!dist/*"], ["dist/**", "!dist"], ["dist/a", "!**"]],
)
def test_an_exclude_that_empties_a_pattern_is_said(tmp_path: Path, patterns: list[str]) -> None:
    """It is another mistake than a pattern that matches nothing."""
    error = refusal(make(tmp_path, "dist/a", "dist/b"), *patterns)

    assert error.reason is Reason.SUBJECT_EXCLUDED
    assert repr(patterns[0]) in error.message


def test_an_exclude_of_something_else_does_not_take_the_blame(tmp_path: Path) -> None:
    """The pattern matched nothing anyway."""
    error = refusal(make(tmp_path, "dist/a"), "dist/*.whl", "!dist/a")

    assert error.reason is Reason.SUBJECT_NO_MATCH


def test_an_exclude_before_every_pattern_is_refused(tmp_path: Path) -> None:
    """It would take out nothing; the hint says how to name a file that begins with ``!``."""
    error = refusal(make(tmp_path, "dist/a"), "!dist/a", "dist/*")

    assert error.reason is Reason.SUBJECT_PATTERN
    assert "'./!dist/a'" in error.hint


@pytest.mark.parametrize("pattern", ["dist", "dist/", "./dist", "dist/.", ".", "dist/sub/.."])
def test_a_folder_that_is_named_is_refused_with_the_pattern_to_write(
    tmp_path: Path, pattern: str
) -> None:
    """Its files may be meant, or it may be a mistake."""
    error = refusal(make(tmp_path, "dist/sub/a"), pattern)

    assert error.reason is Reason.SUBJECT_DIRECTORY
    assert "**'" in error.hint


def test_a_pattern_that_matches_only_folders_is_refused(tmp_path: Path) -> None:
    """The hint goes one level down."""
    error = refusal(make(tmp_path, "dist/a/x", "dist/b/y"), "dist/*")

    assert error.reason is Reason.SUBJECT_DIRECTORY
    assert "folders (2)" in error.message
    assert "'dist/*/**'" in error.hint


def test_globs_pass_over_evidence_and_say_so(tmp_path: Path) -> None:
    """Else the second run would attest the first one's bundle."""
    make(tmp_path, "dist/a", "dist/a.intoto.jsonl", "dist/sub/b.sigstore.json", "dist/intoto.jsonl")

    found = paths.expand(["dist/**"], base=tmp_path, boundary=None, limits=DEFAULT_LIMITS)

    assert sorted(relative(found.files, tmp_path)) == ["dist/a", "dist/intoto.jsonl"]
    assert relative(found.skipped, tmp_path) == ["dist/a.intoto.jsonl", "dist/sub/b.sigstore.json"]


def test_evidence_that_is_named_counts(tmp_path: Path) -> None:
    """Explicitly, without a wildcard; then it is not reported as passed over."""
    make(tmp_path, "dist/a", "dist/a.intoto.jsonl", "dist/b.sigstore.json")

    found = paths.expand(
        ["dist/*", "dist/a.intoto.jsonl"], base=tmp_path, boundary=None, limits=DEFAULT_LIMITS
    )

    assert sorted(relative(found.files, tmp_path)) == ["dist/a", "dist/a.intoto.jsonl"]
    assert relative(found.skipped, tmp_path) == ["dist/b.sigstore.json"]


@pytest.mark.parametrize("pattern", ["dist/*", "dist/*.intoto.jsonl"])
def test_a_pattern_that_matches_only_evidence_is_refused(tmp_path: Path, pattern: str) -> None:
    """The message names one, and the hint how to attest it."""
    error = refusal(make(tmp_path, "dist/a.intoto.jsonl"), pattern)

    assert error.reason is Reason.SUBJECT_ONLY_EVIDENCE
    assert "'dist/a.intoto.jsonl'" in error.hint


@pytest.mark.parametrize("pattern", ["dist/*", "dist/pipe", "dist/**"])
def test_a_pipe_is_refused_without_being_opened(tmp_path: Path, pattern: str) -> None:
    """It would block until someone writes."""
    make(tmp_path, "dist/a")
    os.mkfifo(tmp_path / "dist" / "pipe")

    error = refusal(tmp_path, pattern)

    assert error.reason is Reason.SUBJECT_SPECIAL_FILE
    assert "'dist/pipe' is a named pipe" in error.message
    assert ("'!dist/pipe'" in error.hint) is ("*" in pattern)


def test_a_special_file_can_be_taken_out(tmp_path: Path) -> None:
    """As the hint says; and one that no pattern matches is nobody's concern."""
    make(tmp_path, "dist/a")
    os.mkfifo(tmp_path / "dist" / "pipe")

    assert find(tmp_path, "dist/*", "!dist/pipe") == ["dist/a"]
    assert find(tmp_path, "dist/a*") == ["dist/a"]


def test_a_device_is_refused(tmp_path: Path) -> None:
    """Reading /dev/zero would never end."""
    error = refusal(tmp_path, "/dev/zero")

    assert error.reason is Reason.SUBJECT_SPECIAL_FILE
    assert "character device" in error.message


def test_a_name_that_is_no_utf8_is_found(tmp_path: Path) -> None:
    """It is refused where it would become a subject's name, not passed over here."""
    (tmp_path / "caf\udce9").touch()

    assert find(tmp_path, "*") == ["caf\udce9"]


@pytest.mark.parametrize("pattern", ["*", "**", "a1\nb"])
def test_more_files_than_the_limit_are_refused(tmp_path: Path, pattern: str) -> None:
    """By one pattern or by several together."""
    make(tmp_path, "a1", "b", "c")
    patterns = pattern.split("\n")
    assert len(find(tmp_path, *patterns, limits=limited(subjects=3))) <= 3

    with pytest.raises(SubjectError) as caught:
        find(tmp_path, *patterns, limits=limited(subjects=1))

    assert caught.value.reason is Reason.SUBJECT_TOO_MANY
    assert "more than 1 subjects" in caught.value.message


def test_a_walk_ends_at_the_limit(tmp_path: Path) -> None:
    """It does not go on through all of a disk to say so: here, to what would be an error."""
    make(tmp_path, "a", "b", "sub/c")
    (tmp_path / "sub" / "gone").symlink_to("never")

    with pytest.raises(SubjectError) as caught:
        find(tmp_path, "**", limits=limited(subjects=1))

    assert caught.value.reason is Reason.SUBJECT_TOO_MANY


def test_many_paths_one_a_line_are_found_in_good_time(tmp_path: Path) -> None:
    """Each folder is looked at once, and no list is walked for each of its lines."""
    names = [f"dist/f{number}" for number in range(1000)]
    (tmp_path / "dist").mkdir()
    for name in names:
        (tmp_path / name).touch()

    assert len(find(tmp_path, *names)) == 1000


@pytest.mark.parametrize("pattern", ["\ud800", "\ud800/*"])
def test_a_path_that_no_system_call_takes_is_an_error_of_ours(tmp_path: Path, pattern: str) -> None:
    """A lone surrogate cannot become bytes."""
    assert refusal(tmp_path, pattern).reason is Reason.SUBJECT_UNREADABLE


def test_where_paths_start_at_the_root_the_hint_speaks_of_containers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that was started without the folder begins there; a whole path is no such case."""
    with pytest.raises(SubjectError) as named:
        find(Path("/"), "dist-of-nobody/*")
    assert "--workdir /files" in named.value.hint
    assert "--workdir" not in refusal(Path("/"), "/dist-of-nobody/*").hint
    assert "--workdir" not in refusal(tmp_path, "dist-of-nobody/*").hint

    monkeypatch.chdir("/")
    with pytest.raises(SubjectError) as looked_for:
        source.locate("dist-of-nobody/app")
    assert looked_for.value.hint == named.value.hint


def test_in_a_folder_that_is_gone_a_path_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Which is said as anywhere else."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    with pytest.raises(SubjectError) as caught:
        source.locate("app")
    assert caught.value.reason is Reason.SUBJECT_NO_MATCH
