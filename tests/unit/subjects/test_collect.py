"""Collecting: all kinds of subjects together, each named once, nothing left out silently."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import SubjectError, SubjectUnreadableError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.request import SubjectRequest
from tests.unit.subjects.trees import (
    ONE,
    TWO,
    collected,
    limited,
    make,
    named,
    relative,
    sha256,
    sha512,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a folder with what a build made."""
    return make(tmp_path, "dist/app", "dist/lib", "linux/tool", "mac/tool")


def refusal(
    base: Path,
    request: SubjectRequest,
    *,
    relative_names: bool = False,
    boundary: Path | None = None,
) -> SubjectError:
    """Return the error that a request is refused with."""
    with pytest.raises(SubjectError) as caught:
        collected(base, request, relative_names=relative_names, boundary=boundary)
    assert caught.value.message.isprintable()
    assert caught.value.hint
    return caught.value


def encoded(*lines: str) -> str:
    """Return a checksum list in base64."""
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()


def test_files_become_subjects_sorted_by_name(built: Path) -> None:
    """With their digest, their path, and what was passed over."""
    make(built, "dist/app.intoto.jsonl")

    found = collected(built, SubjectRequest(patterns=("dist/*",)))

    assert named(found) == {
        "app": [f"sha256:{sha256('dist/app')}"],
        "lib": [f"sha256:{sha256('dist/lib')}"],
    }
    assert relative(found.files, built) == ["dist/app", "dist/lib"]
    assert relative(found.skipped, built) == ["dist/app.intoto.jsonl"]


def test_both_algorithms_stand_beside_each_other(built: Path) -> None:
    """On request, from one pass."""
    found = collected(
        built, SubjectRequest(patterns=("dist/app",)), algorithms=("sha512", "sha256")
    )

    assert named(found) == {"app": [f"sha256:{sha256('dist/app')}", f"sha512:{sha512('dist/app')}"]}


def test_all_kinds_are_combined(built: Path) -> None:
    """Files, a list, an option with a name, one without, base64, and base64 in a file."""
    (built / "SUMS").write_text(f"{ONE}  listed\r\nSHA256 (tagged) = {TWO}\r\n")
    (built / "B64").write_text(encoded(f"{ONE}  from-file"))

    found = collected(
        built,
        SubjectRequest(
            patterns=("dist/app\n",),
            checksum_files=("SUMS",),
            digests=(f"ghcr.io/o/image@sha256:{ONE}\nsha256:{TWO}",),
            name="given",
            base64_texts=(encoded(f"{ONE} *encoded"),),
            base64_files=("B64",),
        ),
    )

    assert named(found) == {
        "app": [f"sha256:{sha256('dist/app')}"],
        "encoded": [f"sha256:{ONE}"],
        "from-file": [f"sha256:{ONE}"],
        "ghcr.io/o/image": [f"sha256:{ONE}"],
        "given": [f"sha256:{TWO}"],
        "listed": [f"sha256:{ONE}"],
        "tagged": [f"sha256:{TWO}"],
    }
    assert relative(found.files, built) == ["dist/app"]


def test_two_files_of_one_base_name_are_refused_and_the_option_named(built: Path) -> None:
    """Two subjects of one name are what others make of it."""
    error = refusal(built, SubjectRequest(patterns=("linux/*", "mac/*")))

    assert error.reason is Reason.SUBJECT_NAME_CLASH
    assert "'tool'" in error.message
    assert "linux/tool" in error.message
    assert "mac/tool" in error.message
    assert "--names relative" in error.hint


def test_relative_names_tell_them_apart(built: Path) -> None:
    """The remedy that the error names works."""
    found = collected(
        built, SubjectRequest(patterns=("linux/*", f"{built}/mac/*")), relative_names=True
    )

    assert list(named(found)) == ["linux/tool", "mac/tool"]


def test_two_files_of_one_name_and_one_content_are_one_subject(built: Path) -> None:
    """There is nothing to confuse."""
    for name in ("linux/tool", "mac/tool"):
        (built / name).write_text("same")

    found = collected(built, SubjectRequest(patterns=("*/tool",)))

    assert named(found) == {"tool": [f"sha256:{sha256('same')}"]}
    assert len(found.files) == 2


def test_a_list_that_agrees_with_the_file_is_merged(built: Path) -> None:
    """Upper case and a list in CRLF change nothing."""
    (built / "SUMS").write_text(f"{sha256('dist/app').upper()} *app\r\n")

    found = collected(built, SubjectRequest(patterns=("dist/*",), checksum_files=("SUMS",)))

    assert named(found)["app"] == [f"sha256:{sha256('dist/app')}"]
    assert len(found.subjects) == 2


def test_a_list_that_disagrees_with_the_file_is_refused(built: Path) -> None:
    """The message names the line and the file."""
    (built / "SUMS").write_text(f"{ONE}  other\n{TWO}  app\n")

    error = refusal(built, SubjectRequest(patterns=("dist/*",), checksum_files=("SUMS",)))

    assert error.reason is Reason.SUBJECT_NAME_CLASH
    assert "SUMS:2" in error.message
    assert "dist/app" in error.message


def test_a_file_must_agree_with_a_list_in_another_algorithm(built: Path) -> None:
    """Its sha512 is computed too, though only sha256 was asked for; else anything would merge."""
    (built / "GOOD").write_text(f"{sha512('dist/app')}  app\n")
    (built / "BAD").write_text(f"{sha512('something else')}  app\n")

    found = collected(built, SubjectRequest(patterns=("dist/*",), checksum_files=("GOOD",)))
    error = refusal(built, SubjectRequest(patterns=("dist/*",), checksum_files=("BAD",)))

    assert named(found) == {
        "app": [f"sha256:{sha256('dist/app')}", f"sha512:{sha512('dist/app')}"],
        "lib": [f"sha256:{sha256('dist/lib')}"],
    }
    assert error.reason is Reason.SUBJECT_NAME_CLASH
    assert "sha512" in error.message


def test_two_lists_of_two_algorithms_are_one_subject(built: Path) -> None:
    """SHA256SUMS and SHA512SUMS of one build."""
    (built / "SHA256SUMS").write_text(f"{sha256('x')}  x\n")
    (built / "SHA512SUMS").write_text(f"{sha512('x')}  x\n")

    found = collected(built, SubjectRequest(checksum_files=("SHA256SUMS\nSHA512SUMS",)))

    assert named(found) == {"x": [f"sha256:{sha256('x')}", f"sha512:{sha512('x')}"]}


def test_two_lists_that_disagree_are_refused(built: Path) -> None:
    """Also when one of them is an option."""
    (built / "SUMS").write_text(f"{ONE}  x\n")

    error = refusal(built, SubjectRequest(checksum_files=("SUMS",), digests=(f"x@sha256:{TWO}",)))

    assert error.reason is Reason.SUBJECT_NAME_CLASH
    assert "SUMS:1" in error.message
    assert "--subject-digest" in error.message


@pytest.mark.parametrize("request_", [SubjectRequest(), SubjectRequest(name="app")])
def test_nothing_to_attest_is_refused(tmp_path: Path, request_: SubjectRequest) -> None:
    """An attestation of zero subjects proves nothing, and its step is green."""
    error = refusal(tmp_path, request_)

    assert error.reason is Reason.SUBJECT_NONE
    assert error.exit_code == 2
    assert "slsa-gen attest 'dist/*'" in error.hint


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (SubjectRequest(patterns=("dist/*", "")), Reason.SUBJECT_PATTERN),
        (SubjectRequest(patterns=("dist/*", "gone/*")), Reason.SUBJECT_NO_MATCH),
        (SubjectRequest(("dist/*",), checksum_files=("",)), Reason.SUBJECT_LIST_MISSING),
        (SubjectRequest(("dist/*",), checksum_files=("SHA256SUM",)), Reason.SUBJECT_LIST_MISSING),
        (SubjectRequest(("dist/*",), digests=("",)), Reason.SUBJECT_DIGEST),
        (SubjectRequest(("dist/*",), base64_texts=("",)), Reason.SUBJECT_LIST_EMPTY),
        (SubjectRequest(("dist/*",), base64_texts=("\udcff",)), Reason.SUBJECT_BASE64),
        (SubjectRequest(("dist/*",), base64_texts=("IyBubwo=",)), Reason.SUBJECT_LIST_EMPTY),
        (SubjectRequest(("dist/*",), base64_files=("",)), Reason.SUBJECT_LIST_MISSING),
        (SubjectRequest(("dist/*",), base64_files=("linux/tool",)), Reason.SUBJECT_BASE64),
    ],
)
def test_one_kind_that_names_nothing_is_not_hidden_by_another(
    built: Path, request_: SubjectRequest, reason: Reason
) -> None:
    """Each option that is given names something, or is an error."""
    assert refusal(built, request_).reason is reason


def test_a_line_in_base64_is_refused_with_its_number(built: Path) -> None:
    """Counted in the list, not in its base64."""
    text = encoded(f"{ONE}  good", "not a line")
    (built / "B64").write_text(text)

    for request in (SubjectRequest(base64_texts=(text,)), SubjectRequest(base64_files=("B64",))):
        error = refusal(built, request)

        assert error.reason is Reason.SUBJECT_LIST_LINE
        assert "(decoded):2: " in error.message


def test_a_text_that_cannot_become_bytes_is_refused(built: Path) -> None:
    """A lone surrogate, which no program can hand over but a test can."""
    error = refusal(built, SubjectRequest(base64_texts=("\ud800",)))

    assert error.reason is Reason.SUBJECT_BASE64


def test_the_name_given_is_that_of_one_file(built: Path) -> None:
    """As actions/attest takes it."""
    found = collected(built, SubjectRequest(patterns=("dist/app",), name="renamed/app"))

    assert named(found) == {"renamed/app": [f"sha256:{sha256('dist/app')}"]}


def test_the_name_given_is_that_of_the_digest_without_one(built: Path) -> None:
    """Files keep their own then; several algorithms of one thing may be given."""
    found = collected(
        built,
        SubjectRequest(
            patterns=("dist/*",),
            digests=(f"sha256:{ONE}", f"sha512:{'2' * 128}"),
            name="image",
        ),
    )

    assert list(named(found)) == ["app", "image", "lib"]
    assert len(named(found)["image"]) == 2


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SubjectRequest(patterns=("dist/*",), name="x"), "there are 2 files"),
        (SubjectRequest(digests=(f"a@sha256:{ONE}",), name="x"), "nothing is without a name"),
    ],
)
def test_a_name_for_nothing_or_for_many_is_refused(
    built: Path, request_: SubjectRequest, words: str
) -> None:
    """It would name two things alike, or say nothing."""
    error = refusal(built, request_)

    assert error.reason is Reason.SUBJECT_NAME_UNUSED
    assert words in error.message


def test_two_digests_without_a_name_are_not_one_subject(built: Path) -> None:
    """One name, two digests of one algorithm."""
    error = refusal(built, SubjectRequest(digests=(f"sha256:{ONE}", f"sha256:{TWO}"), name="x"))

    assert error.reason is Reason.SUBJECT_NAME_CLASH


def test_a_bad_name_for_a_file_is_refused(built: Path) -> None:
    """The option's name is judged like any other."""
    error = refusal(built, SubjectRequest(patterns=("dist/app",), name="../app"))

    assert error.reason is Reason.SUBJECT_NAME_CLIMBS


@pytest.mark.parametrize("relative_names", [True, False])
def test_a_file_whose_name_is_no_utf8_is_refused(tmp_path: Path, *, relative_names: bool) -> None:
    """No statement can carry it, and it is not passed over."""
    (tmp_path / os.fsdecode(b"caf\xe9")).touch()

    error = refusal(tmp_path, SubjectRequest(patterns=("*",)), relative_names=relative_names)

    assert error.reason is Reason.SUBJECT_NAME_ENCODING


def test_a_file_with_a_line_end_in_its_name_is_refused(tmp_path: Path) -> None:
    """The message stays on one line."""
    (tmp_path / "a\nb").touch()

    error = refusal(tmp_path, SubjectRequest(patterns=("*",)))

    assert error.reason is Reason.SUBJECT_NAME_CONTROL


def test_a_file_outside_the_working_folder_has_no_relative_name(built: Path) -> None:
    """But it has a base name."""
    request = SubjectRequest(patterns=("../linux/tool",))

    assert list(named(collected(built / "dist", request))) == ["tool"]
    error = refusal(built / "dist", request, relative_names=True)
    assert error.reason is Reason.SUBJECT_NAME_CLIMBS


def test_the_boundary_is_handed_on(built: Path) -> None:
    """In a run, nothing outside the workspace is taken."""
    request = SubjectRequest(patterns=("linux/*",))

    assert collected(built, request).files
    error = refusal(built, request, boundary=built / "dist")
    assert error.reason is Reason.SUBJECT_OUTSIDE


def test_limits_are_handed_on(built: Path) -> None:
    """Subjects of a list and bytes of base64."""
    (built / "SUMS").write_text(f"{ONE}  a\n{ONE}  b\n")
    with pytest.raises(SubjectError) as caught:
        collected(built, SubjectRequest(checksum_files=("SUMS",)), limits=limited(subjects=1))
    assert caught.value.reason is Reason.SUBJECT_TOO_MANY

    text = encoded(f"{ONE}  a")
    with pytest.raises(SubjectError) as caught:
        collected(
            built, SubjectRequest(base64_texts=(text,)), limits=limited(subject_list_bytes=50)
        )
    assert caught.value.reason is Reason.SUBJECT_LIST_TOO_LARGE


def test_a_file_that_changes_ends_the_collection(built: Path) -> None:
    """Exit code 3: nothing is wrong with the request."""

    class Writer:
        def advance(self, *_: int) -> None:
            """Write to the file that is being hashed."""
            with (built / "big").open("ab") as file:
                file.write(b"x")

    (built / "big").write_bytes(b"x" * 10**6)
    with pytest.raises(SubjectUnreadableError) as caught:
        collected(built, SubjectRequest(patterns=("big",)), progress=Writer())

    assert caught.value.reason is Reason.SUBJECT_CHANGED
    assert caught.value.exit_code == 3


def test_an_unknown_algorithm_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """The option's own error, not that of a pattern."""
    with pytest.raises(SubjectError) as caught:
        collected(tmp_path, SubjectRequest(patterns=("gone",)), algorithms=("md5",))

    assert caught.value.reason is Reason.SUBJECT_DIGEST


def test_thousands_of_files_are_collected_in_good_time(tmp_path: Path) -> None:
    """Through the whole way, in folders."""
    for number in range(600):
        make(tmp_path, f"dist/{number % 20}/f{number}")

    found = collected(tmp_path, SubjectRequest(patterns=("dist/**",)), relative_names=True)

    assert len(found.subjects) == len(found.files) == 600
    assert named(found)["dist/7/f587"] == [f"sha256:{sha256('dist/7/f587')}"]


def test_patterns_come_from_files_too(tmp_path: Path) -> None:
    """One a line, after those of the call; an exclude there counts for all before it."""
    make(tmp_path, "dist/a", "dist/b", "dist/c")
    (tmp_path / "list").write_bytes(b"dist/b\r\n\n!dist/a\n")
    request = SubjectRequest(patterns=("dist/*",), pattern_files=("list",))

    found = collected(tmp_path, request)

    assert [subject.name for subject in found.subjects] == ["b", "c"]


def test_a_file_of_patterns_may_name_what_is_not_utf_8(tmp_path: Path) -> None:
    """The path is found; the name is what is refused."""
    name = os.fsdecode(b"caf\xe9")
    make(tmp_path, "x")
    (tmp_path / name).touch()
    (tmp_path / "list").write_bytes(b"caf\xe9\n")

    with pytest.raises(SubjectError) as caught:
        collected(tmp_path, SubjectRequest(pattern_files=("list",)))

    assert caught.value.reason is Reason.SUBJECT_NAME_ENCODING
