"""Sign in where there is no browser: a code, to be typed on any other device (RFC 8628)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slsa_gen.identity.browser import SCOPES
from slsa_gen.identity.exchange import (
    TOKEN_SERVICE,
    Denied,
    answer_error,
    asked,
    form_request,
    refused,
    too_late,
)
from slsa_gen.identity.provider import CLIENT_ID
from slsa_gen.model.urls import UrlError, split_service_url
from slsa_gen.retry import TransientFailure, in_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.identity.provider import Provider
    from slsa_gen.identity.surroundings import Surroundings

_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_SERVICE: Final = "the identity provider's device endpoint"
#: Seconds between two questions where the provider names none, and what "slow down" adds
#: (RFC 8628, sections 3.2 and 3.5).
_INTERVAL: Final = 5.0
_LONGEST_INTERVAL: Final = 60.0
_USER_CODE: Final = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class _Code:
    """What the provider gave: a code for the person, and one for us."""

    device_code: str = field(repr=False)
    user_code: str
    url: str
    seconds: float
    interval: float


def sign_in(provider: Provider, around: Surroundings) -> Mapping[str, object]:
    """Show a code, wait until it was typed, and return the token endpoint's answer.

    Raises:
        ContextError: nobody signed in, in time.
        ServiceError: the provider does not answer, or not as the protocol says.
    """
    fields = {"client_id": CLIENT_ID, "scope": SCOPES}
    request = form_request(provider.device_endpoint, _SERVICE, fields, around.limits)
    try:
        answer = around.http.repeat(
            lambda allowed: asked(around.http, request, allowed, (), around.limits), _SERVICE
        )
    except Denied as error:
        raise refused(provider, error.said) from error
    code = _read(answer, around)
    around.say(
        f"To sign in, open this address in a browser on any device:\n\n    {code.url}\n\n"
        f"and type this code there, within {in_seconds(code.seconds)}:\n\n    {code.user_code}\n"
    )
    with around.person_is_asked():
        return _polled(provider, code, around)


def _read(answer: Mapping[str, object], around: Surroundings) -> _Code:
    device_code, user_code = answer.get("device_code"), answer.get("user_code")
    # Some providers of old call it a URL.
    url = answer.get("verification_uri", answer.get("verification_url"))
    if not isinstance(device_code, str) or not device_code:
        raise answer_error(f"{_SERVICE} answered without a device_code")
    if not isinstance(user_code, str) or not _USER_CODE.fullmatch(user_code):
        raise answer_error(f"{_SERVICE} answered without a user_code that can be typed")
    if not isinstance(url, str):
        raise answer_error(f"{_SERVICE} answered without a verification_uri")
    try:
        split_service_url(url)
    except UrlError as error:
        raise answer_error(
            f"{_SERVICE} answered with a verification_uri that is not opened: {error}"
        ) from error
    longest = around.limits.sign_in_seconds
    seconds = _seconds(answer, "expires_in", longest)
    interval = _seconds(answer, "interval", _INTERVAL)
    return _Code(device_code, user_code, url, min(seconds, longest), interval)


def _seconds(answer: Mapping[str, object], name: str, default: float) -> float:
    value = answer.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise answer_error(f"{_SERVICE} answered with a value of {name} that is no time")
    return min(float(value), 1e9)


def _polled(provider: Provider, code: _Code, around: Surroundings) -> Mapping[str, object]:
    """Ask for the token, at the pace that the provider wants, until it is there."""
    form = {"grant_type": _GRANT, "client_id": CLIENT_ID, "device_code": code.device_code}
    request = form_request(provider.token_endpoint, TOKEN_SERVICE, form, around.limits)
    clock, limits, interval = around.clock, around.limits, code.interval
    end = clock.monotonic() + code.seconds
    lost: TransientFailure | None = None
    while (left := end - clock.monotonic()) > 0:
        clock.sleep(min(interval, left))
        allowed = min(limits.attempt_seconds, max(end - clock.monotonic(), 1.0))
        try:
            return asked(around.http, request, allowed, (code.device_code,), limits)
        except TransientFailure as failure:
            lost, interval = failure, min(2 * interval, _LONGEST_INTERVAL)
            continue
        except Denied as error:
            lost = None
            if error.code == "slow_down":
                interval = min(interval + _INTERVAL, _LONGEST_INTERVAL)
            elif error.code == "expired_token":
                break
            elif error.code != "authorization_pending":
                raise refused(provider, error.said) from error
    if lost is not None:  # nobody can say whether the code was typed
        raise lost.error
    raise too_late(in_seconds(code.seconds))
