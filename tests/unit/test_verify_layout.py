"""The third pipeline: one verdict for each artifact, whatever becomes of hashing and judging."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.errors import NoEvidenceError, SlsaGenError, SubjectError, UsageError
from slsa_gen.model.digest import Digest
from slsa_gen.model.verdict import AttestationVerdict, Check, Outcome
from slsa_gen.reasons import Reason
from slsa_gen.verify import Artifact
from slsa_gen.verify_layout import LayoutVerification

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE: Final = Digest("sha256", "1" * 64)
TWO: Final = Digest("sha256", "2" * 64)
FILE: Final = Artifact("app", Path("app"))
GOOD: Final = AttestationVerdict("root", (Check("rule", "a", "a", passed=True),))
BAD: Final = AttestationVerdict("root", (Check("rule", "a", "b", passed=False),))
#: Without a check nothing was checked.
EMPTY: Final = AttestationVerdict("root", ())


class _World:
    """Files with their digests, and what is judged of each digest."""

    def __init__(
        self,
        found: Sequence[AttestationVerdict] | SlsaGenError = (GOOD,),
        hashed: tuple[Digest, ...] | SlsaGenError = (ONE,),
    ) -> None:
        self._found = found
        self._hashed = hashed
        self.asked: list[tuple[Path, ...]] = []
        self.algorithms: tuple[str, ...] = ()
        self.judged: list[tuple[str, tuple[Digest, ...]]] = []

    def hash_files(
        self, paths: Sequence[Path], algorithms: tuple[str, ...], /
    ) -> Sequence[tuple[Digest, ...] | SlsaGenError]:
        self.asked.append(tuple(paths))
        self.algorithms = algorithms
        return [self._hashed for _ in paths]

    def judge(
        self, artifact: Artifact, digests: tuple[Digest, ...], /
    ) -> tuple[AttestationVerdict, ...]:
        self.judged.append((artifact.name, digests))
        if isinstance(self._found, SlsaGenError):
            raise self._found
        return tuple(self._found)

    def outcomes(self, *artifacts: Artifact) -> list[Outcome]:
        """Return what becomes of some artifacts."""
        verification = LayoutVerification(self.hash_files, self.judge)
        return [verdict.outcome for verdict in verification.run(artifacts)]


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ((GOOD,), Outcome.ACCEPTED),
        ((BAD,), Outcome.REFUSED),
        ((EMPTY,), Outcome.REFUSED),
        ((), Outcome.REFUSED),
        ((BAD, BAD), Outcome.REFUSED),
        # Several stand for a layout of which no signature was accepted.
        ((GOOD, GOOD), Outcome.REFUSED),
        ((GOOD, BAD), Outcome.REFUSED),
    ],
)
def test_one_accepted_verdict_and_nothing_else_is_a_yes(
    found: tuple[AttestationVerdict, ...], outcome: Outcome
) -> None:
    """Everything else is a no, also nothing at all."""
    assert _World(found).outcomes(FILE) == [outcome]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NoEvidenceError("nothing signed it", reason=Reason.LAYOUT_SIGNATURE), Outcome.REFUSED),
        (SlsaGenError("unreadable", reason=Reason.EVIDENCE_UNREADABLE), Outcome.UNDECIDED),
        (UsageError("no folder", reason=Reason.EVIDENCE_NOT_FOUND), Outcome.UNDECIDED),
    ],
)
def test_what_cannot_be_judged_is_never_a_yes(error: SlsaGenError, outcome: Outcome) -> None:
    """Refused where something is wrong, undecided where it could not be looked at."""
    world = _World(error)
    (verdict,) = LayoutVerification(world.hash_files, world.judge).run([FILE])

    assert (verdict.outcome, verdict.digests, verdict.attestations) == (outcome, (ONE,), ())
    assert verdict.problem is not None
    assert verdict.problem.reason is error.reason


def test_a_file_that_cannot_be_hashed_is_not_judged() -> None:
    """The others of the call are."""
    world = _World(hashed=SubjectError("gone", reason=Reason.SUBJECT_VANISHED))

    (verdict, digest) = LayoutVerification(world.hash_files, world.judge).run(
        [FILE, Artifact("sha256:2", None, (TWO,))]
    )

    assert (verdict.outcome, verdict.digests) == (Outcome.UNDECIDED, ())
    assert verdict.problem is not None
    assert verdict.problem.reason is Reason.SUBJECT_VANISHED
    assert (digest.outcome, world.judged) == (Outcome.ACCEPTED, [("sha256:2", (TWO,))])


def test_files_and_digests_are_judged_in_their_order() -> None:
    """A digest is taken as it is; files are hashed, all at once, by what links may name."""
    world = _World()
    digest = Artifact("sha256:2", None, (TWO,))
    other = Artifact("lib", Path("lib"))

    assert world.outcomes(digest, FILE, digest, other) == [Outcome.ACCEPTED] * 4
    assert world.asked == [(Path("app"), Path("lib"))]
    assert world.algorithms == ("sha256", "sha512")
    assert world.judged == [
        ("sha256:2", (TWO,)),
        ("app", (ONE,)),
        ("sha256:2", (TWO,)),
        ("lib", (ONE,)),
    ]
