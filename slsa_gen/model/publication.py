"""Where a bundle was put, and how that went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PublicationOutcome(StrEnum):
    """What became of one target."""

    WRITTEN = "written"
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Publication:
    """One target and its outcome.

    ``target`` is the target's name (``file``), ``location`` the path or URL where the bundle
    is now. ``REUSED`` means that a valid bundle for the same subjects, commit and signer was
    already there.
    """

    target: str
    outcome: PublicationOutcome
    location: str
