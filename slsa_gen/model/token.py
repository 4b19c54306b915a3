"""An identity token whose signature was checked, and where tokens come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A JWT and its claims, verified against the issuer's keys.

    ``raw`` is a secret: it is left out of the representation and must never be printed.
    """

    raw: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)
    expires_at: datetime


class TokenSource(Protocol):
    """Gives a fresh, verified token each time it is asked."""

    def fetch(self) -> IdentityToken:
        """Return a token that is valid now.

        Raises:
            ContextError: there is none to be had here, or it does not verify.
            ServiceError: the token endpoint or the issuer's keys could not be reached.
        """
        ...
