"""Names of subjects: what is taken, what is refused and why, and how text is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import names
from tests.unit.subjects.trees import limited


@pytest.mark.parametrize(
    "name",
    [
        "app",
        "dist/app-1.0.tar.gz",
        "ghcr.io:443/owner/app:v1",
        "pkg:npm/%40scope/app@1.0",
        "https://example.com//app",
        "a, b",
        " blank first",
        "..hidden",
        "a..b/c...",
        "naïve/日本語.whl",
        "back\\slash",
        "[1]*?",
    ],
)
def test_ordinary_and_odd_names_are_taken_as_they_are(name: str) -> None:
    """Punctuation, blanks and any script are part of a name."""
    assert names.check(name, "here", DEFAULT_LIMITS) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", Reason.SUBJECT_NAME_EMPTY),
        ("/etc/passwd", Reason.SUBJECT_NAME_ABSOLUTE),
        ("\\\\server\\share", Reason.SUBJECT_NAME_ABSOLUTE),
        ("C:\\app.exe", Reason.SUBJECT_NAME_ABSOLUTE),
        ("c:/app.exe", Reason.SUBJECT_NAME_ABSOLUTE),
        ("..", Reason.SUBJECT_NAME_CLIMBS),
        (".", Reason.SUBJECT_NAME_CLIMBS),
        ("../app", Reason.SUBJECT_NAME_CLIMBS),
        ("dist/../../app", Reason.SUBJECT_NAME_CLIMBS),
        ("dist/..", Reason.SUBJECT_NAME_CLIMBS),
        ("dist\\..\\app", Reason.SUBJECT_NAME_CLIMBS),
        ("caf\udce9", Reason.SUBJECT_NAME_ENCODING),
        ("\ud800", Reason.SUBJECT_NAME_ENCODING),
        ("a\nb", Reason.SUBJECT_NAME_CONTROL),
        ("a\rb", Reason.SUBJECT_NAME_CONTROL),
        ("a\tb", Reason.SUBJECT_NAME_CONTROL),
        ("a\x1b[2Jb", Reason.SUBJECT_NAME_CONTROL),
        ("a\x7f", Reason.SUBJECT_NAME_CONTROL),
        ("a\x85b", Reason.SUBJECT_NAME_CONTROL),
        ("a\u2028b", Reason.SUBJECT_NAME_CONTROL),
        ("a" * 4097, Reason.SUBJECT_NAME_TOO_LONG),
        ("é" * 2049, Reason.SUBJECT_NAME_TOO_LONG),
    ],
)
def test_each_bad_name_is_refused_with_its_own_reason(name: str, reason: Reason) -> None:
    """The message names the place and shows the name without obeying it."""
    with pytest.raises(SubjectError) as caught:
        names.check(name, "SHA256SUMS:3", DEFAULT_LIMITS)

    assert caught.value.reason is reason
    assert caught.value.message.startswith("SHA256SUMS:3: ")
    assert caught.value.message.isprintable()
    assert caught.value.hint


@given(st.text(st.characters(categories=None, exclude_categories=()), max_size=12))
def test_a_name_that_is_taken_is_safe_to_carry(name: str) -> None:
    """Whatever passes is UTF-8, in one line, relative, and stays in its tree."""
    try:
        taken = names.check(name, "here", DEFAULT_LIMITS)
    except SubjectError:
        return
    assert taken.encode("utf-8")
    assert len(f"{taken}.".splitlines()) == 1
    assert not taken.startswith("/")
    assert ".." not in taken.split("/")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("app", "app"),
        ("./app", "app"),
        ("././dist/./app", "dist/app"),
        ("dist//app", "dist/app"),
        ("dist./app", "dist./app"),
        (".app", ".app"),
    ],
)
def test_a_listed_name_loses_what_says_nothing(written: str, name: str) -> None:
    """``find -exec sha256sum`` writes ``./`` before each name."""
    assert names.listed(written, "here", DEFAULT_LIMITS) == name


@pytest.mark.parametrize("written", ["dist/", "./", "dist/.", "dist//"])
def test_a_listed_folder_is_refused(written: str) -> None:
    """A subject is a file."""
    with pytest.raises(SubjectError) as caught:
        names.listed(written, "SHA256SUMS:1", DEFAULT_LIMITS)

    assert caught.value.reason is Reason.SUBJECT_DIRECTORY
    assert "is a folder's" in caught.value.message


def test_a_file_is_named_by_its_base_name() -> None:
    """Without ``--names relative``."""
    found = names.of_file(
        "/home/me/dist/app",
        "/home/me/dist/app",
        bases=("/home/me",),
        relative=False,
        limits=DEFAULT_LIMITS,
    )

    assert found == "app"


@pytest.mark.parametrize("base", ["/home/me", "/", "/home/me/"])
def test_a_relative_name_starts_below_the_base(base: str) -> None:
    """With ``--names relative``."""
    found = names.of_file(
        "/home/me/dist/app",
        "/home/me/dist/app",
        bases=(base,),
        relative=True,
        limits=DEFAULT_LIMITS,
    )

    assert base.rstrip("/") + "/" + found == "/home/me/dist/app"


def test_a_base_may_have_two_names() -> None:
    """The working folder may be reached through a link, and a path with ``..`` is resolved."""
    found = names.of_file(
        "/real/dist/app",
        "/real/dist/app",
        bases=("/link", "/real"),
        relative=True,
        limits=DEFAULT_LIMITS,
    )

    assert found == "dist/app"


def test_a_file_elsewhere_has_no_relative_name() -> None:
    """Its name would begin with ``..``; a folder whose name only begins alike is elsewhere."""
    with pytest.raises(SubjectError) as caught:
        names.of_file(
            "/workshop/app",
            "/workshop/app",
            bases=("/home/me",),
            relative=True,
            limits=DEFAULT_LIMITS,
        )

    assert caught.value.reason is Reason.SUBJECT_NAME_CLIMBS
    assert "--names relative" in caught.value.hint


@pytest.mark.parametrize("relative", [True, False])
def test_a_found_file_with_a_bad_name_is_refused(relative: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Not UTF-8, in either way of naming."""
    with pytest.raises(SubjectError) as caught:
        names.of_file(
            "/home/me/caf\udce9",
            "/home/me/caf\udce9",
            bases=("/home/me",),
            relative=relative,
            limits=DEFAULT_LIMITS,
        )

    assert caught.value.reason is Reason.SUBJECT_NAME_ENCODING


def test_the_limit_of_a_name_is_an_argument() -> None:
    """As every limit."""
    with pytest.raises(SubjectError, match="5 bytes, at most 4"):
        names.check("ap\u00e9p", "here", limited(subject_name_bytes=4))


@given(st.text(st.characters(categories=None, exclude_categories=())))
def test_what_is_shown_is_harmless(text: str) -> None:
    """One short line of printable characters, whatever came in."""
    for shown in (names.shown(text), names.shown_path(text)):
        assert shown.isprintable()
        assert len(shown) < 10 * 200 + 100
        assert shown.encode("utf-8") is not None


def test_a_long_text_is_cut_and_its_length_said() -> None:
    """A list of a hundred megabytes on one line makes no message of that size."""
    assert names.shown("x" * 1000) == repr("x" * 200) + "… (1000 characters)"


def test_a_plain_path_stands_without_quotes() -> None:
    """So that ``path:line`` can be opened by what prints it."""
    assert names.shown_path("dist/SHA256 SUMS") == "dist/SHA256 SUMS"
    assert names.shown_path("dist/a\nb") == r"'dist/a\nb'"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("caf\udce9", r"mv -- $'caf\xe9' cafe"),
        ("it's \udcfc\x1b\\", r"""mv -- $'it\x27s \xfc\x1b\x5c' 'it'"'"'s u\'"""),
        ("\udcff\udcfe", r"mv -- $'\xff\xfe' y"),
        ("\udca9", r"mv -- $'\xa9' NAME"),
    ],
)
def test_a_name_in_no_utf8_comes_with_the_command_that_renames_the_file(
    name: str, command: str
) -> None:
    """It can be pasted into bash, whatever the name holds."""
    with pytest.raises(SubjectError) as caught:
        names.check_characters(name, "here", DEFAULT_LIMITS)
    assert caught.value.hint == f"Rename the file, in its folder: {command}"
    with pytest.raises(SubjectError) as caught:
        names.check_characters(f"a/{name}", "here", DEFAULT_LIMITS)
    assert caught.value.hint.startswith("Rename the file: mv -- $'a/")


@pytest.mark.parametrize("name", ["\ud800", "\udce9" * 300])
def test_a_name_that_no_command_can_show_is_renamed_all_the_same(name: str) -> None:
    """Too long to paste, or no file's name at all."""
    with pytest.raises(SubjectError) as caught:
        names.check_characters(name, "here", DEFAULT_LIMITS)
    assert caught.value.hint == "Rename the file."
