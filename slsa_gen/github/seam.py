"""What this package asks of an HTTP client: one method (``slsa_gen.http`` has it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Answer(Protocol):
    """A service's answer with a status of 200 to 299."""

    @property
    def body(self) -> bytes:
        """The document, no longer than was asked for."""
        ...


class HttpGet(Protocol):
    """Fetches a document within the limits of time and size of the whole command."""

    def get(
        self,
        url: str,
        *,
        service: str,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer.

        Raises:
            ServiceError: There was none in time, or it says no.
        """
        ...
