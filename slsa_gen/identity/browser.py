"""Sign in with a browser: the authorization code flow with PKCE.

RFC 6749, section 4.1; RFC 7636; RFC 8252; RFC 9207 (who answered).
"""

from __future__ import annotations

import hmac
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from slsa_gen.errors import ContextError
from slsa_gen.identity.exchange import (
    TOKEN_SERVICE,
    Denied,
    answer_error,
    asked,
    denial,
    form_request,
    refused,
    too_late,
)
from slsa_gen.identity.pkce import Question
from slsa_gen.identity.provider import CLIENT_ID
from slsa_gen.identity.redirect import Redirect
from slsa_gen.reasons import Reason
from slsa_gen.retry import in_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.identity.provider import Provider
    from slsa_gen.identity.surroundings import Surroundings

SCOPES: Final = "openid email"


def browser_command(environment: Mapping[str, str]) -> str | None:
    """Return BROWSER, or an empty text where the system's own can be shown, or None.

    Args:
        environment: Where BROWSER, DISPLAY and WAYLAND_DISPLAY are looked up.
    """
    named = environment.get("BROWSER", "").strip()
    if named:
        return named
    shown = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return "" if shown or sys.platform in {"darwin", "win32"} else None


def sign_in(
    provider: Provider, around: Surroundings, browser: str | None
) -> tuple[Mapping[str, object], str]:
    """Have a person sign in, and return the token endpoint's answer and the nonce in it.

    Args:
        provider: Who is asked.
        around: The clock, the client and the terminal.
        browser: What opens the address: a command, empty for the system's own, or None.

    Raises:
        ContextError: nobody signed in, in time.
        ServiceError: the provider does not answer, or not as the protocol says.
    """
    question = Question()
    try:
        redirect = Redirect()
    except OSError as error:
        raise ContextError(
            f"no browser's answer can be taken: 127.0.0.1 cannot be listened on: {error.strerror}",
            reason=Reason.IDENTITY_BROWSER,
            hint="Unset BROWSER and DISPLAY: then a code is shown, to be typed on another device.",
        ) from error
    with redirect:
        url = authorization_url(provider, question, redirect.url)
        around.say(f"To sign in, open this address in a browser on this machine:\n\n    {url}\n")
        if browser is not None:
            _open(browser, url)
        seconds = around.limits.sign_in_seconds
        with around.person_is_asked():
            fields = redirect.wait(around.clock, seconds)
    if fields is None:
        raise too_late(in_seconds(seconds))
    code = _code(fields, provider, question)
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": code,
        "redirect_uri": redirect.url,
        "code_verifier": question.verifier,
    }
    request = form_request(provider.token_endpoint, TOKEN_SERVICE, form, around.limits)
    secrets = (code, question.verifier)
    try:
        answer = around.http.repeat(
            lambda allowed: asked(around.http, request, allowed, secrets, around.limits),
            TOKEN_SERVICE,
        )
    except Denied as error:
        raise refused(provider, error.said) from error
    return answer, question.nonce


def authorization_url(provider: Provider, question: Question, redirect_url: str) -> str:
    """Return the address at which the person signs in; it holds no secret of the answer's."""
    fields = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_url,
        "scope": SCOPES,
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": question.challenge,
        "code_challenge_method": "S256",
    }
    mark = "&" if "?" in provider.authorization_endpoint else "?"
    return f"{provider.authorization_endpoint}{mark}{urlencode(fields)}"


def _open(browser: str, url: str) -> None:
    """Open the address, without waiting: some browsers end only when they are closed."""
    threading.Thread(
        target=_opened, args=(browser, url), name="slsa-gen browser", daemon=True
    ).start()


def _opened(browser: str, url: str) -> None:
    # What cannot be opened is opened by hand: the address is shown.
    try:
        webbrowser.get(browser or None).open(url)
    except (webbrowser.Error, OSError, ValueError):
        return


def _code(fields: Sequence[tuple[str, str]], provider: Provider, question: Question) -> str:
    """Return the code of an answer that is one to our question, from the one we asked."""
    answer = dict(fields)
    if len(answer) != len(fields):
        raise answer_error("the browser's answer names a field twice")
    state = answer.get("state", "")
    if not hmac.compare_digest(state.encode(), question.state.encode()):
        raise answer_error(
            "the browser's answer has another state than the question: it was made for somebody "
            "else, or by somebody else"
        )
    issuer = answer.get("iss")
    if (issuer is None and provider.names_itself) or issuer not in {None, provider.issuer}:
        raise answer_error(
            f"the browser's answer is not said to be of {provider.issuer}, which was asked"
        )
    if "error" in answer:
        error = denial(answer["error"], answer.get("error_description"))
        raise refused(provider, error.said)
    code = answer.get("code", "")
    if not code:
        raise answer_error("the browser's answer holds no code")
    return code
