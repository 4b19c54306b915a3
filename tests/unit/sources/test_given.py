"""Bundles that were given: those that may speak of the artifact, and those nobody can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.sources.given import Given
from tests.unit.sources.test_beside import BUNDLES, LONG, ONE, TWO, Artifact, artifact

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND = Evidence("a:1", BUNDLES[ONE]), Evidence("a:2", BUNDLES[TWO])
BROKEN = Evidence("a:3", b"not JSON")
NPM = Evidence("a:4", BUNDLES[LONG])


def test_the_bundle_that_names_the_digest_is_found(tmp_path: Path) -> None:
    """Whatever the file's name, and for a digest alone too."""
    source = Given([FIRST, SECOND])
    assert source.find(artifact(tmp_path), (TWO,)) == (SECOND,)
    assert source.find(Artifact("sha256:11", None), (ONE,)) == (FIRST,)


def test_what_cannot_be_read_is_always_reported(tmp_path: Path) -> None:
    """Whoever gave it must hear of it, beside the bundle that counts."""
    source = Given([BROKEN, FIRST])
    assert source.find(artifact(tmp_path), (ONE,)) == (FIRST, BROKEN)
    assert Given([BROKEN]).find(artifact(tmp_path), (ONE,)) == (BROKEN,)


def test_of_many_that_cannot_be_read_a_few_are_judged(tmp_path: Path) -> None:
    """The last of them says how many more there are; each artifact is told no more."""
    many = [Evidence(f"a:{n}", b"not JSON") for n in range(9)]
    found = Given([*many, FIRST]).find(artifact(tmp_path), (ONE,))
    assert [e.source for e in found] == [
        "a:1",
        "a:0",
        "a:1",
        "a:2",
        "a:3 (and 5 more that cannot be read)",
    ]
    assert Given(many[:4]).find(artifact(tmp_path), (ONE,)) == tuple(many[:4])


def test_bundles_are_not_compared_with_each_other(tmp_path: Path) -> None:
    """Thousands of them, half of them broken, and many artifacts that none speaks of."""

    class Counted(Evidence):
        """Counts comparisons."""

        count = 0

        def __eq__(self, other: object) -> bool:
            type(self).count += 1
            return super().__eq__(other)

        __hash__ = Evidence.__hash__

    source = Given([Counted(f"a:{n}", b"not JSON") for n in range(100)])
    for _ in range(10):
        source.find(artifact(tmp_path), (ONE,))

    assert Counted.count < 100


def test_a_statement_without_sha256_may_speak_of_a_file(tmp_path: Path) -> None:
    """A file can be hashed once more; a digest that was given cannot."""
    source = Given([SECOND, NPM])
    assert source.find(artifact(tmp_path), (ONE,)) == (NPM,)
    assert source.find(artifact(tmp_path), (LONG,)) == (NPM,)
    assert source.find(Artifact("sha256:11", None), (ONE,)) == (SECOND, NPM)


def test_when_none_speaks_of_it_a_few_are_shown(tmp_path: Path) -> None:
    """So that the verdict says what they are about instead of nothing."""
    many = [Evidence(f"a:{n}", BUNDLES[TWO]) for n in range(9)]
    assert Given(many).find(artifact(tmp_path), (ONE,)) == tuple(many[:4])
    assert Given([]).find(artifact(tmp_path), (Digest("sha256", "9" * 64),)) == ()
