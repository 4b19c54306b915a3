"""Tokens with enough life left, all of one identity."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import SigningError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from slsa_gen.clock import Clock
    from slsa_gen.limits import Limits
    from slsa_gen.model.token import IdentityToken, TokenSource

#: The claims that say who a token is for: those that a certificate authority copies into
#: certificates. Others (when it was made, its own id) change with each token.
IDENTITY_CLAIMS: Final = (
    "iss",
    "sub",
    "aud",
    "email",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "ref",
    "sha",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "job_workflow_ref",
    "job_workflow_sha",
    "event_name",
    "environment",
    "runner_environment",
    "run_id",
    "run_attempt",
)


def is_short(end: datetime, clock: Clock, limits: Limits) -> bool:
    """Tell whether so little of a life is left that it is renewed."""
    return end - clock.now() < timedelta(seconds=limits.renew_below_seconds)


class FreshTokens:
    """Hands out a token until little of its life is left, then fetches another.

    Args:
        source: Where tokens come from.
        clock: Tells what has expired.
        limits: When one is renewed.
    """

    def __init__(self, source: TokenSource, clock: Clock, limits: Limits) -> None:
        self._source = source
        self._clock = clock
        self._limits = limits
        self._token: IdentityToken | None = None

    def current(self) -> IdentityToken:
        """Return a token that has not expired, of the same identity as those before.

        Raises:
            SigningError: the source gave one that has expired, or of another identity.
            ContextError: the source has none.
            ServiceError: the source could not be reached.
        """
        before = self._token
        if before is not None and not is_short(before.expires_at, self._clock, self._limits):
            return before
        token = self._source.fetch()
        if token.expires_at <= self._clock.now():
            raise SigningError(
                f"the identity token expired at {token.expires_at.isoformat()}",
                reason=Reason.SIGNING_TOKEN_EXPIRED,
                hint="Get a fresh one, and look at this machine's clock (`date -u`).",
            )
        if before is not None:
            _require_same(before.claims, token.claims)
        self._token = token
        return token


def _require_same(before: Mapping[str, object], after: Mapping[str, object]) -> None:
    changed = [name for name in IDENTITY_CLAIMS if before.get(name) != after.get(name)]
    if changed:
        raise SigningError(
            "the new identity token is for another identity than the one before: "
            f"{', '.join(changed)} changed",
            reason=Reason.SIGNING_TOKEN_CHANGED,
            hint="All statements of one call are signed by one identity: run it again.",
        )
