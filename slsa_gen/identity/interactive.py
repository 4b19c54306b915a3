"""A person's tokens: signed in for when first needed, and again when a token has expired."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError
from slsa_gen.identity import browser, device
from slsa_gen.identity.exchange import TokenVerifier
from slsa_gen.identity.provider import find
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.identity.surroundings import Surroundings
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.model.token import IdentityToken

#: A provider's tokens may live no longer than a minute: one is used to its end, but for the
#: time that the certificate authority needs.
_LAST: Final = timedelta(seconds=5)


class InteractiveTokens:
    """Has a person sign in, and gives the token to whoever signs.

    Args:
        instance: The Sigstore that is signed with, which names the provider.
        around: The client, the clock and the terminal.
        environment: Where a browser is looked up.
    """

    def __init__(
        self, instance: SigstoreInstance, around: Surroundings, environment: Mapping[str, str]
    ) -> None:
        self._instance = instance
        self._around = around
        self._environment = environment
        self._token: IdentityToken | None = None

    def fetch(self) -> IdentityToken:
        """Return the token, after a sign-in where there is none that is still good.

        Raises:
            ContextError: nobody signed in, in time; or the token does not verify.
            ServiceError: the provider could not be reached, or answers otherwise than it must.
        """
        token = self._token
        if token is not None and token.expires_at - self._around.clock.now() > _LAST:
            return token
        if token is not None:
            self._around.say("The identity token has expired: sign in once more.")
        self._token = self._signed_in()
        return self._token

    def _signed_in(self) -> IdentityToken:
        around = self._around
        provider = find(self._instance, around.http, around.clock.now(), around.limits)
        verifier = TokenVerifier(provider, around.http, around.limits)
        command = browser.browser_command(self._environment)
        by_code = command is None and bool(provider.device_endpoint)
        if by_code or not provider.authorization_endpoint:
            answer, nonce = device.sign_in(provider, around), None
        else:
            answer, nonce = browser.sign_in(provider, around, command)
        return verifier.verify(answer, around.clock.now(), nonce)


def check_person_present(environment: Mapping[str, str], *, terminal: bool) -> None:
    """Make sure that somebody can sign in here, before anything waits for them.

    Args:
        environment: Tells a workflow's run, and whether there is a browser.
        terminal: Whether somebody reads what is said.

    Raises:
        ContextError: nobody is there.
    """
    in_run = environment.get("GITHUB_ACTIONS") == "true"
    if not in_run and (terminal or browser.browser_command(environment) is not None):
        return
    where = "a run of a workflow" if in_run else "no terminal is here, and no browser"
    run_hint = "Leave --identity interactive away: the run has an identity of its own."
    own_hint = (
        "Run it in a terminal (with docker: docker run -it …), or name a browser: "
        "BROWSER=/path/to/browser"
    )
    raise ContextError(
        f"nobody can sign in: {where if not in_run else 'this is ' + where}",
        reason=Reason.IDENTITY_NOBODY,
        hint=run_hint if in_run else own_hint,
    )
