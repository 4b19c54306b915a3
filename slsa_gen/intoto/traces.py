"""What a link records: where two differ, and why an artifact of one was left over by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SHOWN: Final = 5


class Recorded(Protocol):
    """What a step's link says: the ``Link`` of the package, or a link of ours.

    Both sides map an artifact's name to its digests (algorithm to hexadecimal).
    """

    @property
    def materials(self) -> Mapping[str, Mapping[str, str]]:
        """What the step began with."""
        ...

    @property
    def products(self) -> Mapping[str, Mapping[str, str]]:
        """What the step ended with."""
        ...


class Trace:
    """The last rule that an artifact of one side missed, in words; it decides nothing."""

    def __init__(self, step: str, side: str, links: Mapping[str, Recorded]) -> None:
        self._step = step
        self._artifacts: Mapping[str, Mapping[str, str]] = getattr(links[step], side)
        self._links = links
        self._missed: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {}

    def note(self, words: Sequence[str], parts: Mapping[str, str], names: Iterable[str]) -> None:
        """Remember that a rule's pattern met these artifacts, and did not take them."""
        for name in names:
            self._missed[name] = (words, parts)

    def why(self, name: str) -> str:
        """Return the artifact, and why no rule took it."""
        digests = self._artifacts[name]
        if name not in self._missed:
            return f"{name!r} ({_digests(digests)}), which no rule names"
        words, parts = self._missed[name]
        because = {
            "create": "it was there before",
            "delete": "it is still there",
            "modify": "it is unchanged, or on one side only",
        }.get(parts["rule_type"]) or self._unmatched(name, digests, parts)
        return f"{name!r}, not taken by {' '.join(words)!r}: {because}"

    def _unmatched(self, name: str, digests: Mapping[str, str], parts: Mapping[str, str]) -> str:
        step, side = parts["dest_name"], parts["dest_type"]
        link = self._links.get(step)
        if link is None:
            return f"there is no link of step {step!r}"
        there: Mapping[str, Mapping[str, str]] = getattr(link, side)
        prefix = parts["source_prefix"].rstrip("/")
        inner = name[len(prefix) :].lstrip("/") if prefix else name
        target = "/".join(part for part in (parts["dest_prefix"].rstrip("/"), inner) if part)
        if target not in there:
            return f"step {step!r} has no {target!r} among its {side}"
        return f"here {_digests(digests)}, in the {side} of {step!r} {_digests(there[target])}"


def first_difference(one: Recorded, other: Recorded) -> tuple[str, str] | None:
    """Return the side and the name of the first artifact of which two links say different things.

    None where they say the same: an artifact that one of them lacks is a difference.
    """
    for side in ("materials", "products"):
        left: Mapping[str, Mapping[str, str]] = getattr(one, side)
        right: Mapping[str, Mapping[str, str]] = getattr(other, side)
        for name in sorted({*left, *right}):
            if left.get(name) != right.get(name):
                return side, name
    return None


def listed(texts: Sequence[str]) -> str:
    """Return the first of some texts, and how many more there are."""
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f"; and {more:,} more" if more > 0 else "")


def _digests(digests: Mapping[str, str]) -> str:
    return ", ".join(f"{name}:{value}" for name, value in sorted(digests.items())) or "no digest"
