"""An error, kept as data: why an artifact has no verdict, or a target no bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsa_gen.errors import SlsaGenError
    from slsa_gen.reasons import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error says."""

    reason: Reason
    message: str
    hint: str
    exit_code: int

    @classmethod
    def of(cls, error: SlsaGenError) -> Problem:
        """Return what an error says."""
        return cls(error.reason, error.message, error.hint, error.exit_code)
