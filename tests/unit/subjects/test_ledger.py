"""The ledger: one entry a name, and no name with two digests of one algorithm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import SubjectError
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from slsa_gen.subjects.ledger import Ledger
from tests.unit.subjects.trees import ONE, TWO, limited

_A = Digest("sha256", ONE)
_B = Digest("sha256", TWO)
_LONG = Digest("sha512", "3" * 128)


def test_the_same_again_is_one_subject() -> None:
    """From a list and from a file, or from two patterns."""
    ledger = Ledger(DEFAULT_LIMITS)
    ledger.add("app", _A, "SUMS:1", is_file=False)
    ledger.add("app", _A, "dist/app", is_file=True)

    (subject,) = ledger.subjects()
    assert (subject.name, subject.digests) == ("app", (_A,))


def test_digests_of_two_algorithms_are_one_subject() -> None:
    """Sorted by algorithm, whatever came first."""
    ledger = Ledger(DEFAULT_LIMITS)
    ledger.add("app", _LONG, "SHA512SUMS:1", is_file=False)
    ledger.add("app", _A, "SHA256SUMS:1", is_file=False)

    (subject,) = ledger.subjects()
    assert subject.digests == (_A, _LONG)
    assert set(ledger.algorithms_of("app")) == {"sha256", "sha512"}
    assert ledger.algorithms_of("other") == ()


@pytest.mark.parametrize(
    ("one", "other", "words", "hint"),
    [
        (
            ("a/app", True),
            ("b/app", True),
            "two different files are called 'app'",
            "--names relative",
        ),
        (("SUMS:1", False), ("dist/app", True), "'app' has two different digests", "anew"),
        (("dist/app", True), ("SUMS:1", False), "'app' has two different digests", "anew"),
        (("SUMS:1", False), ("SUMS:9", False), "'app' has two different digests", "leave one"),
    ],
)
def test_one_name_with_two_digests_is_refused(
    one: tuple[str, bool], other: tuple[str, bool], words: str, hint: str
) -> None:
    """The message names both places and both digests; only files can be told apart by path."""
    ledger = Ledger(DEFAULT_LIMITS)
    ledger.add("app", _A, one[0], is_file=one[1])

    with pytest.raises(SubjectError) as caught:
        ledger.add("app", _B, other[0], is_file=other[1])

    assert caught.value.reason is Reason.SUBJECT_NAME_CLASH
    assert words in caught.value.message
    for text in (one[0], other[0], str(_A), str(_B)):
        assert text in caught.value.message
    assert hint in caught.value.hint


def test_more_names_than_the_limit_are_refused() -> None:
    """Names count, not digests."""
    ledger = Ledger(limited(subjects=1))
    ledger.add("a", _A, "x", is_file=False)
    ledger.add("a", _LONG, "x", is_file=False)

    with pytest.raises(SubjectError) as caught:
        ledger.add("b", _A, "x", is_file=False)

    assert caught.value.reason is Reason.SUBJECT_TOO_MANY


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from([_A, _B, _LONG, Digest("sha512", "4" * 128)])
        )
    )
)
def test_what_is_taken_is_sorted_and_unambiguous(entries: list[tuple[str, Digest]]) -> None:
    """Whatever the order: each name once, one digest an algorithm, all that was added."""
    ledger = Ledger(DEFAULT_LIMITS)
    try:
        for name, digest in entries:
            ledger.add(name, digest, "x", is_file=False)
    except SubjectError:
        algorithms = {(name, digest.algorithm) for name, digest in entries}
        assert len(algorithms) < len(set(entries))
        return
    subjects = ledger.subjects()
    assert [s.name for s in subjects] == sorted({name for name, _ in entries})
    assert {(s.name, d) for s in subjects for d in s.digests} == set(entries)
    for subject in subjects:
        algorithms_in_order = [digest.algorithm for digest in subject.digests]
        assert algorithms_in_order == sorted(set(algorithms_in_order))
