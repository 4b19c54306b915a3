"""Checksum lists: each form is read, each line that is not understood is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import checksums
from tests.unit.subjects.trees import ONE, TWO

_LONG = "a" * 128
_HEX = st.sampled_from([64, 96, 128]).flatmap(
    lambda length: st.text(string.hexdigits, min_size=length, max_size=length)
)
_ALGORITHM = {64: "SHA256", 96: "SHA384", 128: "SHA512"}
#: Names as a file system may have them: anything but NUL and slash, also bytes that are no UTF-8.
_FILE_NAMES = st.text(
    st.one_of(
        st.sampled_from("\\\n\r *()= aZ0-"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0/"),
        st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF),
    ),
    min_size=1,
    max_size=20,
)


def read(text: str | bytes) -> list[tuple[str, str]]:
    """Return the names and digests of a list."""
    data = text.encode() if isinstance(text, str) else text
    found = checksums.parse(data, "SUMS", DEFAULT_LIMITS)
    return [(entry.name, str(entry.digest)) for entry in found]


def refusal(text: str | bytes) -> SubjectError:
    """Return the error that a list is refused with."""
    with pytest.raises(SubjectError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    "line",
    [
        f"{ONE}  app",
        f"{ONE} *app",
        f"{ONE} app",
        f"{ONE}\tapp",
        f"{ONE}\t*app",
        f"  {ONE}  app",
        f"{ONE}  ./app",
        f"SHA256 (app) = {ONE}",
        f"SHA256(app)= {ONE}",
        f"SHA2-256(app)= {ONE}",
        f"sha256 (app) = {ONE}",
        f"\\{ONE}  app",
        f"\\SHA256 (app) = {ONE}",
    ],
)
def test_each_form_of_a_line_is_read(line: str) -> None:
    """Text, binary, one blank, TAB, tagged, as openssl writes it, escaped."""
    assert read(line) == [("app", f"sha256:{ONE}")]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"{ONE}   app", " app"),
        (f"{ONE} **app", "*app"),
        (f"{ONE}  app ", "app "),
        (f"{ONE}  a  b", "a  b"),
        (f"{ONE}  a, b", "a, b"),
        (f"{ONE}  (a) = {TWO}", f"(a) = {TWO}"),
        (f"{ONE}  back\\slash", "back\\slash"),
        (f"\\{ONE}  back\\\\slash", "back\\slash"),
        (f"SHA256 (a) = b) = {ONE}", "a) = b"),
        (f"SHA256 ( a ) = {ONE}", " a "),
        (f"SHA256 (back\\slash) = {ONE}", "back\\slash"),
        (f"\\SHA256 (back\\\\slash) = {ONE}", "back\\slash"),
    ],
)
def test_names_are_taken_to_the_last_blank(line: str, name: str) -> None:
    """What could be mistaken for the form is part of the name where the form allows it."""
    assert read(line) == [(name, f"sha256:{ONE}")]


@pytest.mark.parametrize(
    ("line", "digest"),
    [
        (f"{ONE}  app", f"sha256:{ONE}"),
        (f"{'b' * 96}  app", f"sha384:{'b' * 96}"),
        (f"{_LONG}  app", f"sha512:{_LONG}"),
        (f"SHA512 (app) = {_LONG}", f"sha512:{_LONG}"),
        (f"SHA2-512(app)= {_LONG}", f"sha512:{_LONG}"),
        (f"{'A' * 64}  app", f"sha256:{'a' * 64}"),
        (f"SHA256 (app) = {'F' * 64}", f"sha256:{'f' * 64}"),
    ],
)
def test_the_algorithm_follows_from_length_or_tag(line: str, digest: str) -> None:
    """And upper case becomes lower case, so that it can match."""
    assert read(line) == [("app", digest)]


def test_line_ends_of_windows_lose_no_line() -> None:
    """CRLF, as actions/attest takes it for part of the name."""
    assert read(f"{ONE}  a\r\n{TWO} *b\r\n") == [("a", f"sha256:{ONE}"), ("b", f"sha256:{TWO}")]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """Windows' editors write one."""
    assert read(b"\xef\xbb\xbf" + f"{ONE}  a\n".encode()) == [("a", f"sha256:{ONE}")]


def test_blank_lines_and_comments_say_nothing() -> None:
    """As for sha256sum --check."""
    assert read(f"# made by hand\n\n \t\n{ONE}  a\n\r\n") == [("a", f"sha256:{ONE}")]


def test_only_line_feeds_end_lines() -> None:
    """Other characters that Python would split at are refused within a name."""
    for character in "\x0b\x0c\x1c\x85\u2028":
        error = refusal(f"{ONE}  a{character}{TWO}  b\n")
        assert error.reason is Reason.SUBJECT_NAME_CONTROL


def test_where_each_line_stands_is_kept() -> None:
    """For messages about what comes later, such as a clash."""
    found = checksums.parse(f"\n{ONE}  a\n#\n{TWO}  b".encode(), "SUMS", DEFAULT_LIMITS)

    assert [entry.where for entry in found] == ["SUMS:2", "SUMS:4"]


@pytest.mark.parametrize(
    "line",
    [
        "app",
        ONE,
        f"{ONE}app",
        f"{ONE}:app",
        f"sha256:{ONE}  app",
        f"app  {ONE}",
        f"{'1' * 32}  md5",
        f"{'1' * 40}  sha1",
        f"{'1' * 63}  short",
        f"{'1' * 65}  long",
        f"{'1' * 63}g  app",
        f"{'1' * 63}\u0661  app",
        f"\ufeff\ufeff{ONE}  app",
        f"MD5 (app) = {'1' * 32}",
        f"BLAKE2b (app) = {_LONG}",
        f"SHA2-512/256(app)= {ONE}",
        f"SHA256 (app) = {'1' * 63}",
        f"SHA256 (app) = {_LONG}",
        f"SHA512 (app) = {ONE}",
        f"SHA256 (app) = {ONE} ",
        f"SHA256 (app) {ONE}",
        f"SHA256 app = {ONE}",
        f"\\{ONE}  a\\tb",
        f"\\{ONE}  a\\",
        f"\\{ONE}  \\0",
        f"\\SHA256 (a\\x) = {ONE}",
        f"\\\\{ONE}  a",
        "<!DOCTYPE html>",
        "-----BEGIN PGP SIGNED MESSAGE-----",
    ],
)
def test_a_line_that_is_not_understood_is_refused_with_its_place(line: str) -> None:
    """Never passed over: a lost line is a subject without provenance."""
    error = refusal(f"{TWO}  first\n{line}\n{TWO}  last\n")

    assert error.reason is Reason.SUBJECT_LIST_LINE
    assert error.message.startswith("SUMS:2: the line is not understood: ")
    assert error.message.isprintable()


def test_a_mixed_list_is_in_doubt() -> None:
    """One blank after the digest makes a second blank part of the name, so not both ways."""
    error = refusal(f"{ONE}  a\n{TWO} b\n")

    assert error.reason is Reason.SUBJECT_LIST_LINE
    assert error.message.startswith("SUMS:2: ")
    assert "in doubt" in error.message
    assert refusal(f"{ONE} a\nSHA256 (x) = {ONE}\n{TWO}  b\n").message.startswith("SUMS:3: ")


def test_tagged_lines_go_with_either_form() -> None:
    """There the name is in parentheses, and nothing is in doubt."""
    assert len(read(f"SHA256 (a) = {ONE}\n{ONE} b\nSHA256 (c) = {ONE}\n")) == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{ONE}  ", Reason.SUBJECT_NAME_EMPTY),
        (f"SHA256 () = {ONE}", Reason.SUBJECT_NAME_EMPTY),
        (f"{ONE}  /etc/passwd", Reason.SUBJECT_NAME_ABSOLUTE),
        (f"{ONE}  ../app", Reason.SUBJECT_NAME_CLIMBS),
        (f"{ONE}  dist/", Reason.SUBJECT_DIRECTORY),
        (f"\\{ONE}  a\\nb", Reason.SUBJECT_NAME_CONTROL),
        (f"\\{ONE}  a\\rb", Reason.SUBJECT_NAME_CONTROL),
        (f"{ONE}  a\rb", Reason.SUBJECT_NAME_CONTROL),
        (f"{ONE}\t\tapp", Reason.SUBJECT_NAME_CONTROL),
    ],
)
def test_a_line_with_a_bad_name_is_refused_with_its_place(line: str, reason: Reason) -> None:
    """The line is understood, and its name is not taken."""
    error = refusal(f"SHA256 (first) = {TWO}\n{line}\n")

    assert error.reason is reason
    assert error.message.startswith("SUMS:2: ")


def test_a_name_that_is_no_utf8_is_refused_with_its_place() -> None:
    """sha256sum writes the bytes of a name as they are."""
    error = refusal(f"{ONE}  ok\n{ONE}  ".encode() + b"caf\xe9\n")

    assert error.reason is Reason.SUBJECT_NAME_ENCODING
    assert error.message.startswith("SUMS:2: ")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only words\n", b"\xef\xbb\xbf", b"\r\n"])
def test_an_empty_list_is_refused(data: bytes) -> None:
    """An attestation of nothing is what it would become."""
    assert refusal(data).reason is Reason.SUBJECT_LIST_EMPTY


@pytest.mark.parametrize(
    ("data", "cause", "hint"),
    [
        (f"{ONE}  a\n".encode("utf-16"), "UTF-16", "-Encoding utf8"),
        (f"{ONE}  a\n".encode("utf-16-be"), "NUL", "--zero"),
        (f"{ONE}  a\0{TWO}  b\0".encode(), "NUL", "--zero"),
    ],
)
def test_a_list_that_is_no_text_says_what_it_is(data: bytes, cause: str, hint: str) -> None:
    """UTF-16 is what PowerShell writes, NUL is what --zero writes."""
    error = refusal(data)

    assert error.reason is Reason.SUBJECT_LIST_LINE
    assert error.message.startswith("SUMS:1: ")
    assert cause in error.message
    assert hint in error.hint


def test_a_nul_far_down_is_refused_with_its_line() -> None:
    """Before any line of the list is taken."""
    assert refusal(f"{ONE}  a\n{ONE}  b\0\n".encode()).message.startswith("SUMS:2: ")


@given(_FILE_NAMES, _HEX, st.sampled_from(["  ", " *", "tag"]))
def test_a_line_as_coreutils_writes_it_comes_out_as_it_went_in(
    name: str, hexadecimal: str, form: str
) -> None:
    """Written here by coreutils' rules for escapes; test_coreutils.py runs the real one."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    start = "\\" if escaped != name else ""
    if form == "tag":
        line = f"{start}{_ALGORITHM[len(hexadecimal)]} ({escaped}) = {hexadecimal}"
    else:
        line = f"{start}{hexadecimal}{form}{escaped}"

    raw = checksums.split_line(line)

    assert (raw.name, raw.hexadecimal) == (name, hexadecimal)
    assert raw.algorithm == _ALGORITHM[len(hexadecimal)].lower()


@given(st.binary(max_size=200))
def test_garbage_is_never_taken(data: bytes) -> None:
    """Bytes that hold no digest in full are refused, with one kind of error."""
    assert isinstance(refusal(data), SubjectError)


@given(
    st.lists(st.tuples(_HEX, st.text("ab/. *\\\t", max_size=5)), min_size=1, max_size=5),
    st.integers(0, 400),
    st.sampled_from([b"\n", b"g", b"\0", b"\xff", b"(", b"\r", b" ", b""]),
)
def test_every_line_of_a_damaged_list_is_taken_or_refused(
    lines: list[tuple[str, str]], position: int, damage: bytes
) -> None:
    """What comes out has as many entries as lines that are neither blank nor comments."""
    data = "".join(f"{hexadecimal}  {name}\n" for hexadecimal, name in lines).encode()
    data = data[:position] + damage + data[position + 1 :]
    try:
        found = read(data)
    except SubjectError:
        return
    spoken = [line for line in data.split(b"\n") if line.strip(b" \t\r") and line[:1] != b"#"]
    assert len(found) == len(spoken)
    assert all(name and len(digest.partition(":")[2]) in {64, 96, 128} for name, digest in found)
