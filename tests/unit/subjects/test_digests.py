"""Digests as options: with a name of their own, or with the one that is given."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.subjects import digests
from tests.unit.subjects.trees import ONE


@pytest.mark.parametrize(
    ("text", "given_name", "name"),
    [
        (f"ghcr.io/o/app@sha256:{ONE}", "", "ghcr.io/o/app"),
        (f"ghcr.io/o/app:v1@sha256:{ONE}", "other", "ghcr.io/o/app:v1"),
        (f"@scope/app@sha256:{ONE}", "", "@scope/app"),
        (f"sha256:{ONE}", "app", "app"),
    ],
)
def test_the_digest_is_named(text: str, given_name: str, name: str) -> None:
    """By what stands before its last @, else by --subject-name."""
    found = digests.parse(text, given_name, DEFAULT_LIMITS)

    assert (found.name, str(found.digest)) == (name, f"sha256:{ONE}")


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (f"app@SHA256:{'AB' * 32}", f"sha256:{'ab' * 32}"),
        (f"app@sha512:{'C' * 128}", f"sha512:{'c' * 128}"),
        (f"app@sha384:{'d' * 96}", f"sha384:{'d' * 96}"),
    ],
)
def test_upper_case_is_normalised(text: str, digest: str) -> None:
    """A digest that is kept in capitals never matches."""
    assert str(digests.parse(text, "", DEFAULT_LIMITS).digest) == digest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "app",
        "app@",
        "app@sha256:",
        f"app@sha256:{ONE[:-1]}",
        f"app@sha256:{ONE}0",
        f"app@sha256:{ONE[:-1]}g",
        f"app@sha256:{ONE[:-1]}\u0661",
        f"app@sha256:{ONE[:-1]} ",
        f"app@sha256: {ONE}",
        f"app@sha512:{ONE}",
        f"app@md5:{'1' * 32}",
        f"app@sha1:{'1' * 40}",
        f"app@{ONE}",
        f"sha256:{ONE}@app",
        "ghcr.io/o/app@v1",
    ],
)
def test_what_is_no_canonical_digest_is_refused(text: str) -> None:
    """Too short, too long, another alphabet, another algorithm, no algorithm."""
    with pytest.raises(SubjectError) as caught:
        digests.parse(text, "name", DEFAULT_LIMITS)

    assert caught.value.reason is Reason.SUBJECT_DIGEST
    assert "--subject-digest" in caught.value.message
    assert "NAME@sha256:HEX" in caught.value.hint


def test_a_digest_without_a_name_is_refused() -> None:
    """The hint says both ways to give one."""
    with pytest.raises(SubjectError) as caught:
        digests.parse(f"sha512:{'1' * 128}", "", DEFAULT_LIMITS)

    assert caught.value.reason is Reason.SUBJECT_NAME_MISSING
    assert "NAME@sha512:HEX" in caught.value.hint
    assert "--subject-name" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (f"@sha256:{ONE}", "app", Reason.SUBJECT_NAME_EMPTY),
        (f"/app@sha256:{ONE}", "", Reason.SUBJECT_NAME_ABSOLUTE),
        (f"sha256:{ONE}", "../app", Reason.SUBJECT_NAME_CLIMBS),
        (f"a\x1bb@sha256:{ONE}", "", Reason.SUBJECT_NAME_CONTROL),
    ],
)
def test_a_bad_name_is_refused(text: str, name: str, reason: Reason) -> None:
    """Wherever it comes from; an empty one before @ is not filled in from elsewhere."""
    with pytest.raises(SubjectError) as caught:
        digests.parse(text, name, DEFAULT_LIMITS)

    assert caught.value.reason is reason


@given(st.text(string.printable + "é\u0661", max_size=100))
def test_garbage_is_never_taken(text: str) -> None:
    """No text without 64 hexadecimal digits at its end names a subject."""
    with pytest.raises(SubjectError):
        digests.parse(text[:63], "name", DEFAULT_LIMITS)


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
    st.text(string.hexdigits, min_size=64, max_size=64),
)
def test_name_and_digest_come_out_as_they_went_in(name: str, hexadecimal: str) -> None:
    """But for the case of the digest."""
    found = digests.parse(f"{name}@sha256:{hexadecimal}", "", DEFAULT_LIMITS)

    assert (found.name, found.digest.hex) == (name, hexadecimal.lower())
