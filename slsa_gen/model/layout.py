"""A keyless layout: which steps a supply chain has, and who may do each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: The predicate type of a signed keyless layout. A URN names no host that is somebody else's.
LAYOUT_V1: Final = "urn:slsa-gen:predicate:layout:v1"


@dataclass(frozen=True, slots=True, order=True)
class Functionary:
    """Who may do a step: an issuer of identity tokens, and the certificate's name, exactly."""

    issuer: str
    identity: str

    @property
    def person(self) -> tuple[str, str]:
        """Return who it is where people are counted: names in upper and lower case are one's.

        Mail goes to the same box, and a repository is the same, however they are written.
        """
        return (self.issuer, self.identity.casefold())

    def __str__(self) -> str:
        return f"{self.identity} (issuer {self.issuer})"


@dataclass(frozen=True, slots=True)
class LayoutStep:
    """One step: who may do it, how many of them must have, and its artifact rules.

    ``materials`` and ``products`` are rules in in-toto's words; ``expected_command`` is the
    command that must have run, None where any may have.
    """

    name: str
    functionaries: tuple[Functionary, ...]
    threshold: int
    materials: tuple[tuple[str, ...], ...] = ()
    products: tuple[tuple[str, ...], ...] = ()
    expected_command: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class KeylessLayout:
    """A layout, as its document says.

    ``artifact`` is the name of the step whose products are what is verified; ``document`` is
    the whole document as JSON, which is the predicate when it is signed; ``expires`` has a
    zone.
    """

    source: str
    expires: datetime
    artifact: str
    steps: tuple[LayoutStep, ...]
    document: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemandedStep:
    """A step as people read it: who, how many of them, and the rules in words.

    ``people`` are identities, or key ids in a classic layout; ``lets_through`` names the
    sides (``materials``, ``products``) on which no rule DISALLOW * stands.
    ``may_lack`` tells that materials are matched and none is required: a link without any passes.
    """

    name: str
    people: tuple[str, ...]
    threshold: int
    materials: tuple[str, ...]
    products: tuple[str, ...]
    command: tuple[str, ...]
    lets_through: tuple[str, ...]
    may_lack: bool = False


@dataclass(frozen=True, slots=True)
class Demands:
    """What a layout of either kind demands.

    ``inspections`` are the commands that a classic layout wants run, by name.
    """

    source: str
    kind: str
    expires: datetime
    artifact: str
    steps: tuple[DemandedStep, ...]
    inspections: tuple[tuple[str, tuple[str, ...]], ...] = ()
