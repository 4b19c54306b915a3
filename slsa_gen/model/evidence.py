"""What is offered as proof, before anything is believed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Evidence:
    """One bundle as found: nothing in it is believed yet.

    ``source`` says where it was found, for people: a path, with ``:LINE`` when the file
    holds several.
    """

    source: str
    bundle: bytes = field(repr=False)
