"""When timestamps are fetched, by whom, and whether they will do for a bundle."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from slsa_gen.errors import SigningError
from slsa_gen.http import HttpClient
from slsa_gen.reasons import Reason
from slsa_gen.signing.timestamps import TimestampClient, check_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from slsa_gen.limits import Limits
    from slsa_gen.retry import Retrier
    from slsa_gen.signing.bundle import Draft
    from slsa_gen.signing.services import Services


class Stamper:
    """Sees to the timestamps of one configuration's bundles.

    Args:
        services: Which authorities there are, and who asks them.
        retrier: Holds the budget.
        limits: The bytes of an answer.
        environment: Where proxies are looked up.
    """

    def __init__(
        self,
        services: Services,
        retrier: Retrier,
        limits: Limits,
        environment: Mapping[str, str],
    ) -> None:
        self._services = services
        self._client = TimestampClient(
            services.timestamp_urls,
            services.timestamps,
            HttpClient(retrier, limits, environment),
            retrier,
            limits,
        )

    def prepare(self) -> None:
        """Wait for authorities that the library will ask once, before the log has an entry.

        Raises:
            SigningError: they do not serve within the budget.
        """
        if self._services.library_stamps:
            self._client.fetch(secrets.token_bytes(32))

    def stamp(self, draft: Draft) -> list[tuple[bytes, datetime]]:
        """Return a draft's timestamps, each with the time that it says.

        Raises:
            SigningError: the authorities do not serve, or what they gave will not do.
        """
        wanted = self._services.timestamps
        if not wanted and not draft.has_log_time:
            raise _error(
                "the log's entry has no time and no timestamp authority is named: nobody could "
                "verify the bundle"
            )
        if not self._services.library_stamps:
            return self._client.fetch(draft.signature)
        if len(draft.stamps) < wanted:
            raise _error(
                f"{len(draft.stamps)} of {wanted} timestamp authorities answered the library"
            )
        url = ", ".join(self._services.timestamp_urls)
        return [
            (stamp, check_timestamp(stamp, draft.signature, url, nonce=None))
            for stamp in draft.stamps
        ]


def outside(draft: Draft, stamps: list[tuple[bytes, datetime]]) -> SigningError | None:
    """Return the error for timestamps outside of the certificate's life, if there are such."""
    late = [time for _, time in stamps if not draft.not_before <= time <= draft.not_after]
    if not late:
        return None
    return SigningError(
        f"the timestamp ({late[0].isoformat()}) is outside the certificate's life "
        f"({draft.not_before.isoformat()} to {draft.not_after.isoformat()})",
        reason=Reason.SIGNING_TIMESTAMP,
        hint="The clocks of the two services differ, or one of them is too slow.",
    )


def _error(message: str) -> SigningError:
    return SigningError(
        message,
        reason=Reason.SIGNING_TIMESTAMP,
        hint="Use a Sigstore configuration whose timestamp authority (tsaUrls) answers.",
    )
