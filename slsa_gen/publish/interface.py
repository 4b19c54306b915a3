"""What the pipeline asks of a target, whatever it is: a file, a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from slsa_gen.errors import SlsaGenError
    from slsa_gen.model.publication import Publication


class Target(Protocol):
    """A place where the bundles go.

    Before anything is signed it is asked for what is there (:meth:`existing`); when that is not
    the result, :meth:`refuse_existing`; and when nothing is there that may stay, :meth:`check`.
    """

    @property
    def name(self) -> str:
        """Return what it is called in reports: ``file``, ``release``."""
        ...

    def existing(self) -> bytes | None:
        """Return the bundle file that is already there, or None."""
        ...

    def refuse_existing(self, why: str) -> None:
        """Refuse to replace what is there, unless that was asked for."""
        ...

    def check(self) -> None:
        """Make sure that the place takes the bundles."""
        ...

    def publish(self, content: bytes) -> Publication:
        """Put the bundles there, which are signed and logged."""
        ...

    def reused(self) -> Publication:
        """Return the outcome for a place that already has the result."""
        ...


class FirstTarget(Target, Protocol):
    """The file: the first of all targets, so that no bundle is lost when another fails."""

    def rescue(self, content: bytes) -> str:
        """Save elsewhere what is signed and logged, and return the words that say where."""
        ...


class FurtherTarget(Target, Protocol):
    """Any target but the file."""

    def explain_kept(self, error: SlsaGenError) -> None:
        """Add to an error where the bundle file lies, and how it gets here from there."""
        ...


@dataclass(frozen=True, slots=True)
class Targets:
    """Every target of one call; their names differ."""

    file: FirstTarget
    further: tuple[FurtherTarget, ...] = ()
