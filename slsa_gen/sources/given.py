"""The bundles that the user gave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.sources.index import DigestIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest
    from slsa_gen.model.evidence import Evidence
    from slsa_gen.sources.interface import Wanted

#: Bundles that are returned although none speaks of the artifact, to show what was given.
_STRANGERS: Final = 4
#: Bundles that cannot be read and are returned with each artifact; the last counts the rest.
_UNREADABLE: Final = 4


class Given:
    """Answers with the given bundles that may speak of an artifact.

    The first few that cannot be read are always among them: whoever gave them must hear of it.

    Args:
        evidence: What the bundle files held, in order.
        limits: What is bounded while it is looked through.
    """

    def __init__(self, evidence: Sequence[Evidence], limits: Limits = DEFAULT_LIMITS) -> None:
        self._index = DigestIndex(limits)
        self._readable = [one for one in evidence if self._index.add(one)]
        self._unreadable = _counted(self._index.unreadable)

    def find(self, artifact: Wanted, digests: tuple[Digest, ...], /) -> tuple[Evidence, ...]:
        """Return the bundles that claim to speak of the artifact, or that may.

        When none does, the first few are returned, so that the verdict shows what they are
        about.
        """
        index = self._index
        found = index.speaking_of(digests)
        if not found and artifact.path is not None:
            found = list(index.unusual)
        if not found:
            found = self._readable[:_STRANGERS]
        return (*found, *self._unreadable)


def _counted(unreadable: list[Evidence]) -> tuple[Evidence, ...]:
    shown, left = unreadable[:_UNREADABLE], len(unreadable) - _UNREADABLE
    if left > 0:
        last = shown.pop()
        shown.append(replace(last, source=f"{last.source} (and {left} more that cannot be read)"))
    return tuple(shown)
