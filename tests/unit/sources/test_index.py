"""Bundles by the digests that they claim."""

from __future__ import annotations

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.sources.index import DigestIndex
from tests.unit.sources.test_beside import BUNDLES, LONG, ONE, TWO, bundle_of

BOTH = Evidence("both", bundle_of(ONE, TWO))
FIRST = Evidence("first", BUNDLES[ONE])
LONG_ONE = Evidence("long", BUNDLES[LONG])


def filled(*evidence: Evidence) -> DigestIndex:
    """Return an index of some bundles."""
    index = DigestIndex(DEFAULT_LIMITS)
    for one in evidence:
        index.add(one)
    return index


def test_a_bundle_is_found_by_each_of_its_digests_once() -> None:
    """Several digests of one artifact find it one time, in the order of the digests."""
    index = filled(FIRST, BOTH)
    assert index.speaking_of((TWO,)) == [BOTH]
    assert index.speaking_of((ONE, TWO)) == [FIRST, BOTH]
    assert index.speaking_of((Digest("sha256", "9" * 64),)) == []
    assert index.speaking_of(()) == []


def test_algorithms_are_told_apart() -> None:
    """The same digits under another algorithm are another digest."""
    index = filled(LONG_ONE)
    assert index.speaking_of((LONG,)) == [LONG_ONE]
    assert index.speaking_of((Digest("sha256", "3" * 128),)) == []


def test_what_has_no_sha256_is_kept_apart() -> None:
    """Whether it speaks of a file is only known once that is hashed otherwise."""
    index = filled(FIRST, LONG_ONE)
    assert index.unusual == [LONG_ONE]
    assert index.unreadable == []


def test_what_cannot_be_read_is_kept_apart() -> None:
    """A bundle, an envelope and a statement that are none."""
    odd = [Evidence("a", b""), Evidence("b", b"{}"), Evidence("c", BUNDLES[ONE][:-1])]
    index = filled(*odd, FIRST)
    assert index.unreadable == odd
    assert index.speaking_of((ONE,)) == [FIRST]


def test_the_same_bundle_from_two_places_is_two() -> None:
    """Both places are named in the report."""
    other = Evidence("elsewhere", BUNDLES[ONE])
    assert filled(FIRST, other).speaking_of((ONE,)) == [FIRST, other]
