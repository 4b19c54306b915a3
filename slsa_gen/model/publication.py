"""Where a bundle was put, and how that went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsa_gen.model.problem import Problem


class PublicationOutcome(StrEnum):
    """What became of one target."""

    WRITTEN = "written"
    REUSED = "reused"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Publication:
    """One target and its outcome.

    ``target`` is the target's name (``file``, ``release``), ``location`` the path or URL where
    the bundle is now, empty when it is not there. ``REUSED`` means that a valid bundle for the
    same subjects, commit and signer was already there. ``problem`` is set exactly when it
    ``FAILED``. ``asset`` is the name of a release's asset, and ``draft`` the tag of a release
    that is still to be published; empty for all else.
    """

    target: str
    outcome: PublicationOutcome
    location: str
    problem: Problem | None = None
    asset: str = ""
    draft: str = ""
