"""The third pipeline: artifacts + a layout + the links of its steps → a verdict for each.

::

    layout + its signature ─┐
    links → proved, counted ┼→ Check* → Verdict
    artifact → digests ─────┘

The verdict has the shape of the second pipeline's: the layout stands where a bundle stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from slsa_gen.errors import RefusedError, SlsaGenError
from slsa_gen.model.problem import Problem
from slsa_gen.model.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsa_gen.model.digest import Digest
    from slsa_gen.model.verdict import AttestationVerdict
    from slsa_gen.verify import Artifact, Hash

#: Links name their products by either of them.
_ALGORITHMS: Final = ("sha256", "sha512")


class LayoutJudge(Protocol):
    """Judges one artifact by a layout, of either kind."""

    def __call__(
        self, artifact: Artifact, digests: tuple[Digest, ...], /
    ) -> tuple[AttestationVerdict, ...]:
        """Return the verdict on the layout's signature, its steps and the artifact.

        Several stand for the bundles of a layout of which none is accepted.

        Raises:
            SlsaGenError: nothing could be judged.
        """
        ...


@dataclass(frozen=True, slots=True)
class LayoutVerification:
    """One call of verify with a layout: how artifacts are hashed and judged."""

    hash_files: Hash
    judge: LayoutJudge

    def run(self, artifacts: Sequence[Artifact]) -> Iterator[Verdict]:
        """Yield one verdict for each artifact, in order, each as soon as it is reached."""
        paths = [a.path for a in artifacts if a.path is not None]
        hashed = iter(self.hash_files(paths, _ALGORITHMS))
        for artifact in artifacts:
            digests = artifact.digests if artifact.path is None else next(hashed)
            yield self._verdict(artifact, digests)

    def _verdict(self, artifact: Artifact, digests: tuple[Digest, ...] | SlsaGenError) -> Verdict:
        if isinstance(digests, SlsaGenError):
            return _problem(artifact, (), digests)
        try:
            found = self.judge(artifact, digests)
        except SlsaGenError as error:
            return _problem(artifact, digests, error)
        accepted = len(found) == 1 and found[0].accepted
        outcome = Outcome.ACCEPTED if accepted else Outcome.REFUSED
        return Verdict(artifact.name, digests, outcome, found)


def _problem(artifact: Artifact, digests: tuple[Digest, ...], error: SlsaGenError) -> Verdict:
    outcome = Outcome.REFUSED if isinstance(error, RefusedError) else Outcome.UNDECIDED
    return Verdict(artifact.name, digests, outcome, (), Problem.of(error))
