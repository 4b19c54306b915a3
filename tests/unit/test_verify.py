"""The second pipeline: one verdict for each artifact, and the worst decides the exit code."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import (
    NoEvidenceError,
    SlsaGenError,
    SubjectError,
    TrustError,
    UntrustedSignatureError,
    UsageError,
)
from slsa_gen.model.digest import Digest
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.problem import Problem
from slsa_gen.model.subject import Subject
from slsa_gen.model.verdict import AttestationVerdict, Check, Outcome, Verdict
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from slsa_gen.reasons import Reason
from slsa_gen.verify import Artifact, Verification, exit_code, worst
from tests.support.values import proved, provenance, subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsa_gen.model.verified import VerifiedStatement

ONE = Digest("sha256", "1" * 64)
TWO = Digest("sha256", "2" * 64)
LONG = Digest("sha512", "3" * 128)
POLICY = Policy.make(repo="octo/app")


@dataclass
class _World:
    """Files and their digests, bundles and what they prove."""

    files: dict[str, tuple[Digest, ...] | SlsaGenError] = field(default_factory=dict)
    statements: dict[bytes, VerifiedStatement | UntrustedSignatureError] = field(
        default_factory=dict
    )
    found: list[Evidence] | SlsaGenError = field(default_factory=list)
    proofs: int = 0

    def hash_files(
        self, paths: Sequence[Path], algorithms: tuple[str, ...], /
    ) -> Sequence[tuple[Digest, ...] | SlsaGenError]:
        results: list[tuple[Digest, ...] | SlsaGenError] = []
        for path in paths:
            found = self.files[str(path)]
            if isinstance(found, SlsaGenError):
                results.append(found)
            else:
                results.append(tuple(d for d in found if d.algorithm in algorithms))
        return results

    def find(self, _artifact: Artifact, _digests: tuple[Digest, ...], /) -> Sequence[Evidence]:
        if isinstance(self.found, SlsaGenError):
            raise self.found
        return self.found

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        self.proofs += 1
        result = self.statements[evidence.bundle]
        if isinstance(result, UntrustedSignatureError):
            raise result
        return result

    def add(self, what: VerifiedStatement | UntrustedSignatureError) -> None:
        name = str(len(self.statements)).encode()
        self.statements[name] = what
        assert isinstance(self.found, list)
        self.found.append(Evidence(f"bundle {len(self.statements)}", name))

    def verdicts(self, *artifacts: Artifact, policy: Policy = POLICY) -> tuple[Verdict, ...]:
        verification = Verification(self.hash_files, self, self, evaluate, lambda _: policy)
        return tuple(verification.run(artifacts))


def _file(name: str = "app.tar.gz") -> Artifact:
    return Artifact(name, Path(name))


def test_a_file_is_accepted_when_a_bundle_names_it_and_passes_every_rule() -> None:
    """The plain case."""
    world = _World(files={"app.tar.gz": (ONE,)})
    world.add(proved(provenance()))

    (verdict,) = world.verdicts(_file())

    assert verdict.outcome is Outcome.ACCEPTED
    assert exit_code(verdict) == 0


def test_another_file_is_refused_and_the_stranger_shown() -> None:
    """The bundle names another digest: the verdict says which rule that broke."""
    world = _World(files={"app.tar.gz": (TWO,)})
    world.add(proved(provenance()))

    (verdict,) = world.verdicts(_file())

    assert verdict.outcome is Outcome.REFUSED
    reasons = [c.reason for c in verdict.attestations[0].checks if not c.passed]
    assert reasons == [Reason.SUBJECT_DIGEST_NOT_IN_STATEMENT]


def test_one_good_bundle_among_bad_ones_is_enough_and_the_others_are_told() -> None:
    """Refusals of other bundles stay in the verdict."""
    world = _World(files={"app.tar.gz": (ONE,)})
    world.add(UntrustedSignatureError("no", reason=Reason.LOG_SET, hint="h"))
    world.add(proved(provenance()))

    (verdict,) = world.verdicts(_file())

    assert verdict.outcome is Outcome.ACCEPTED
    assert [a.accepted for a in verdict.attestations] == [False, True]
    assert verdict.attestations[0].checks[0].reason is Reason.LOG_SET
    assert verdict.attestations[0].signer is None


def test_two_halves_do_not_make_a_whole() -> None:
    """One bundle of the right file, another of the right repository: refused."""
    world = _World(files={"app.tar.gz": (ONE,)})
    world.add(proved(provenance()))
    world.add(proved(provenance((subject(digit="2"),))))

    (verdict,) = world.verdicts(_file(), policy=Policy.make(repo="octo/other"))

    assert verdict.outcome is Outcome.REFUSED


def test_nothing_found_is_a_refusal() -> None:
    """Every place was searched and answered."""
    world = _World(files={"app.tar.gz": (ONE,)})

    (verdict,) = world.verdicts(_file())

    assert verdict.outcome is Outcome.REFUSED
    assert verdict.problem is not None
    assert verdict.problem.reason is Reason.EVIDENCE_NONE
    assert exit_code(verdict) == 1


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (NoEvidenceError("none", reason=Reason.EVIDENCE_NONE), Outcome.REFUSED, 1),
        (TrustError("away", reason=Reason.EVIDENCE_UNREADABLE), Outcome.UNDECIDED, 3),
        (UsageError("odd", reason=Reason.USAGE_OPTION), Outcome.UNDECIDED, 2),
    ],
)
def test_a_place_that_cannot_be_searched_leaves_it_undecided(
    error: SlsaGenError, outcome: Outcome, code: int
) -> None:
    """Could-not-check is neither a yes nor a no."""
    world = _World(files={"app.tar.gz": (ONE,)}, found=error)

    (verdict,) = world.verdicts(_file())

    assert (verdict.outcome, exit_code(verdict)) == (outcome, code)


def test_a_file_that_cannot_be_read_leaves_the_others_judged() -> None:
    """One artifact's trouble is its own."""
    missing = SubjectError("not there", reason=Reason.USAGE_NOTHING)
    world = _World(files={"missing": missing, "app.tar.gz": (ONE,)})
    world.add(proved(provenance()))

    first, second = world.verdicts(_file("missing"), _file())

    assert (first.outcome, second.outcome) == (Outcome.UNDECIDED, Outcome.ACCEPTED)
    assert worst(map(exit_code, (first, second))) == 2


def test_a_digest_alone_can_be_asked_about() -> None:
    """No file is read."""
    world = _World()
    world.add(proved(provenance()))

    (verdict,) = world.verdicts(Artifact(str(ONE), None, (ONE,)))

    assert verdict.outcome is Outcome.ACCEPTED


def test_a_statement_with_sha512_alone_is_matched_by_hashing_once_more() -> None:
    """The file is hashed with what the statement has."""
    world = _World(files={"app.tar.gz": (ONE, LONG)})
    world.add(proved(provenance((Subject("app.tar.gz", (LONG,)),))))

    (verdict,) = world.verdicts(_file())

    assert verdict.outcome is Outcome.ACCEPTED
    assert verdict.digests == (ONE, LONG)


def test_a_file_that_changes_between_two_hashings_is_not_matched() -> None:
    """What was read first must be what is read again."""
    world = _World(files={"app.tar.gz": (ONE,)})
    world.add(proved(provenance((Subject("app.tar.gz", (LONG,)),))))
    answers: Iterator[list[tuple[Digest, ...]]] = iter([[(ONE,)], [(TWO, LONG)]])

    def hash_files(*_: object) -> Sequence[tuple[Digest, ...] | SlsaGenError]:
        return next(answers)

    (verdict,) = Verification(hash_files, world, world, evaluate, lambda _: POLICY).run([_file()])

    assert verdict.outcome is Outcome.REFUSED


def test_a_bundle_is_proved_once_however_many_artifacts_it_names() -> None:
    """A thousand files under one bundle cost one proof."""
    names = [f"f{n}" for n in range(50)]
    world = _World(files=dict.fromkeys(names, (ONE,)))
    world.add(proved(provenance()))

    verdicts = world.verdicts(*(_file(name) for name in names))

    assert {v.outcome for v in verdicts} == {Outcome.ACCEPTED}
    assert world.proofs == 1


def test_the_same_bundle_in_two_places_is_named_by_both() -> None:
    """Who looks for the second line must not be sent to the first."""
    world = _World(files={"app.tar.gz": (ONE,)})
    world.add(UntrustedSignatureError("no", reason=Reason.SIGNATURE_INVALID))
    assert isinstance(world.found, list)
    world.found.append(replace(world.found[0], source="bundle 2"))

    (verdict,) = world.verdicts(_file())

    assert [a.source for a in verdict.attestations] == ["bundle 1", "bundle 2"]


def _with(code: int) -> Verdict:
    outcome = {0: Outcome.ACCEPTED, 1: Outcome.REFUSED, 3: Outcome.UNDECIDED}.get(code)
    if outcome is not None:
        return Verdict("a", (), outcome, ())
    return Verdict("a", (), Outcome.UNDECIDED, (), Problem(Reason.USAGE_OPTION, "m", "", code))


@pytest.mark.parametrize("codes", list(itertools.product((0, 1, 2, 3), repeat=2)))
def test_the_worst_exit_code_counts(codes: tuple[int, int]) -> None:
    """2 > 1 > 3 > 0: a refusal is never hidden behind an outage."""
    expected = min(codes, key=[2, 1, 3, 0].index)

    assert worst(exit_code(_with(code)) for code in codes) == expected


def test_no_verdict_at_all_is_not_a_yes() -> None:
    """Nothing asked, nothing accepted."""
    assert worst([]) == 2


def test_no_checks_are_a_refusal() -> None:
    """An attestation that nobody looked at is not accepted."""
    assert not AttestationVerdict("s", ()).accepted
    passed = Check("r", "e", "f", passed=True)
    failed = Check("r", "e", "f", passed=False, reason=Reason.LOG_SET)
    assert AttestationVerdict("s", (passed,)).accepted
    assert not AttestationVerdict("s", (passed, failed)).accepted
