"""Bundles by the digests that they claim to speak of, so that thousands are found at once.

The claim is read from an unproved statement, so it only chooses what will be proved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.errors import RefusedError
from slsa_gen.evidence.contents import claimed_subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.evidence import Evidence

#: What every artifact is hashed with first.
_USUAL: Final = "sha256"


class DigestIndex:
    """Evidence by claimed digest.

    Args:
        limits: What is bounded while the claims are read.

    Attributes:
        unreadable: Evidence of which it cannot be said what it speaks of, in order.
        unusual: Evidence with a subject that has no SHA-256: whether it speaks of an
            artifact is only known once that is hashed with another algorithm.
    """

    def __init__(self, limits: Limits) -> None:
        self.unreadable: list[Evidence] = []
        self.unusual: list[Evidence] = []
        self._limits = limits
        self._by_digest: dict[Digest, list[Evidence]] = {}

    def add(self, evidence: Evidence) -> bool:
        """Add one bundle, whatever it is, and tell whether it can be read."""
        try:
            subjects = claimed_subjects(evidence, self._limits)
        except RefusedError:
            self.unreadable.append(evidence)
            return False
        if any(subject.digest_of(_USUAL) is None for subject in subjects):
            self.unusual.append(evidence)
        for digest in {digest for subject in subjects for digest in subject.digests}:
            self._by_digest.setdefault(digest, []).append(evidence)
        return True

    def speaking_of(self, digests: Iterable[Digest]) -> list[Evidence]:
        """Return the bundles that claim to speak of one of the digests, each once."""
        found = (e for digest in digests for e in self._by_digest.get(digest, ()))
        return list(dict.fromkeys(found))
