"""The second pipeline: artifacts + bundles + expectation → a verdict for each.

::

    bundle → Evidence → VerifiedStatement ─┐
    artifact → digests ────────────────────┼→ Check* → Verdict
    options or policy file → Policy ───────┘

Every bundle that names an artifact is proved and judged by every rule; an artifact is
accepted when one of them passes all. What could not be searched or read is never a yes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from slsa_gen.errors import NoEvidenceError, RefusedError, SlsaGenError
from slsa_gen.model.problem import Problem
from slsa_gen.model.verdict import AttestationVerdict, Outcome, Verdict
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from slsa_gen.model.digest import Digest
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.model.verified import VerifiedStatement
    from slsa_gen.policy.policy import Policy

#: Bundles that are judged although none names the artifact, to show what they are about.
_SHOWN_STRANGERS = 4


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is asked about: a file, or a digest alone.

    ``name`` is what the user called it; ``path`` is None for a digest.
    """

    name: str
    path: Path | None
    digests: tuple[Digest, ...] = ()


class Prover(Protocol):
    """Proves a bundle against a trusted root."""

    def prove(self, evidence: Evidence, /) -> VerifiedStatement:
        """Return what the bundle proves, or raise one of the refusals."""
        ...


class Source(Protocol):
    """A place where evidence is found."""

    def find(self, artifact: Artifact, digests: tuple[Digest, ...], /) -> Sequence[Evidence]:
        """Return the bundles that may speak of the artifact.

        Raises:
            NoEvidenceError: every place was searched and there is none.
            SlsaGenError: a place could not be searched.
        """
        ...


class Judge(Protocol):
    """Applies every rule of a policy."""

    def __call__(
        self, verified: VerifiedStatement, digests: tuple[Digest, ...], policy: Policy, /
    ) -> AttestationVerdict:
        """Return the verdict on one proved statement."""
        ...


class Hash(Protocol):
    """Hashes files, many at once."""

    def __call__(
        self, paths: Sequence[Path], algorithms: tuple[str, ...], /
    ) -> Sequence[tuple[Digest, ...] | SlsaGenError]:
        """Return each file's digests, or why it could not be read, in order."""
        ...


class _Proved:
    """What proving one bundle gave: a statement, or the refusal."""

    __slots__ = ("error", "source", "statement")

    def __init__(
        self, source: str, statement: VerifiedStatement | None, error: RefusedError | None = None
    ) -> None:
        self.source = source
        self.statement = statement
        self.error = error

    def names(self, digests: tuple[Digest, ...]) -> bool:
        """Tell whether a subject has one of the digests."""
        verified = self.statement
        return verified is not None and verified.statement.subject_with(digests) is not None


@dataclass(frozen=True, slots=True)
class Verification:
    """One call of verify: how artifacts are hashed, evidence found, proved and judged."""

    hash_files: Hash
    source: Source
    prover: Prover
    judge: Judge
    policy_for: Callable[[Artifact], Policy]
    _proved: dict[Evidence, _Proved] = field(default_factory=dict)

    def run(self, artifacts: Sequence[Artifact]) -> Iterator[Verdict]:
        """Yield one verdict for each artifact, in order, each as soon as it is reached."""
        digests = self._digests(artifacts)
        for artifact, found in zip(artifacts, digests, strict=True):
            yield self._verdict(artifact, found)

    def _digests(
        self, artifacts: Sequence[Artifact]
    ) -> Iterable[tuple[Digest, ...] | SlsaGenError]:
        paths = [a.path for a in artifacts if a.path is not None]
        hashed = iter(self.hash_files(paths, ("sha256",)))
        return [a.digests if a.path is None else next(hashed) for a in artifacts]

    def _verdict(self, artifact: Artifact, digests: tuple[Digest, ...] | SlsaGenError) -> Verdict:
        if isinstance(digests, SlsaGenError):
            return _problem(artifact, (), digests)
        try:
            policy = self.policy_for(artifact)
            found = self.source.find(artifact, digests)
        except SlsaGenError as error:
            return _problem(artifact, digests, error)
        if not found:
            return _problem(artifact, digests, _nothing(artifact))
        return self._judged(artifact, digests, found, policy)

    def _judged(
        self,
        artifact: Artifact,
        digests: tuple[Digest, ...],
        found: Sequence[Evidence],
        policy: Policy,
    ) -> Verdict:
        proved = [self._prove(e) for e in found]
        digests = self._with_other_algorithms(artifact, digests, proved)
        chosen = [p for p in proved if p.error is not None or p.names(digests)]
        verdicts = tuple(self._on(p, digests, policy) for p in chosen or proved[:_SHOWN_STRANGERS])
        accepted = any(v.accepted for v in verdicts)
        outcome = Outcome.ACCEPTED if accepted else Outcome.REFUSED
        return Verdict(artifact.name, digests, outcome, verdicts)

    def _on(
        self, proved: _Proved, digests: tuple[Digest, ...], policy: Policy
    ) -> AttestationVerdict:
        if proved.statement is None:
            return _unproved(proved)
        return self.judge(proved.statement, digests, policy)

    def _prove(self, evidence: Evidence) -> _Proved:
        """Prove a bundle once, however many artifacts it speaks of."""
        result = self._proved.get(evidence)
        if result is None:
            try:
                result = _Proved(evidence.source, self.prover.prove(evidence))
            except RefusedError as error:
                result = _Proved(evidence.source, None, error)
            self._proved[evidence] = result
        return result

    def _with_other_algorithms(
        self,
        artifact: Artifact,
        digests: tuple[Digest, ...],
        results: Sequence[_Proved],
    ) -> tuple[Digest, ...]:
        """Hash once more where a statement names subjects without a digest that we have."""
        if artifact.path is None or any(p.names(digests) for p in results):
            return digests
        wanted = sorted(
            {
                digest.algorithm
                for proved in results
                if proved.statement is not None
                for subject in proved.statement.statement.subjects
                if subject.digest_of("sha256") is None
                for digest in subject.digests
            }
        )
        if not wanted:
            return digests
        more = self.hash_files([artifact.path], ("sha256", *wanted))[0]
        # The file was read a moment ago; should it differ or be gone now, nothing is added.
        if isinstance(more, SlsaGenError) or not set(digests) <= set(more):
            return digests
        return tuple(sorted(more))


def _unproved(proved: _Proved) -> AttestationVerdict:
    error = proved.error
    if error is None:
        return AttestationVerdict(source=proved.source, checks=())
    return AttestationVerdict.unproved(proved.source, error)


def _problem(artifact: Artifact, digests: tuple[Digest, ...], error: SlsaGenError) -> Verdict:
    outcome = Outcome.REFUSED if isinstance(error, RefusedError) else Outcome.UNDECIDED
    return Verdict(artifact.name, digests, outcome, (), Problem.of(error))


def _nothing(artifact: Artifact) -> NoEvidenceError:
    return NoEvidenceError(
        f"no bundle speaks of {artifact.name!r}",
        hint="Give the bundle that belongs to it: --bundle FILE",
        reason=Reason.EVIDENCE_NONE,
    )


def exit_code(verdict: Verdict) -> int:
    """Return the exit code for one artifact."""
    if verdict.problem is not None:
        return verdict.problem.exit_code
    return {Outcome.ACCEPTED: 0, Outcome.REFUSED: 1, Outcome.UNDECIDED: 3}[verdict.outcome]


def worst(codes: Iterable[int]) -> int:
    """Return the exit code for many artifacts; the worst counts: 2 > 1 > 3 > 0.

    A refusal is never hidden behind an outage, and taking evidence away never turns a
    refusal into "try later". No artifact at all is wrong usage.
    """
    found = set(codes)
    return next((code for code in (2, 1, 3, 0) if code in found), 2)
