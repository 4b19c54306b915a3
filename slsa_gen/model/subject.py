"""What was built: a name and its digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsa_gen.model.digest import Digest


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """One subject of a statement: an in-toto ResourceDescriptor with a digest.

    ``digests`` is sorted by algorithm and holds one digest an algorithm. ``name`` is empty
    in a statement of others that leaves it out; matching is by digest alone.
    """

    name: str
    digests: tuple[Digest, ...]

    def digest_of(self, algorithm: str) -> Digest | None:
        """Return the digest of one algorithm, or None."""
        return next((d for d in self.digests if d.algorithm == algorithm), None)
