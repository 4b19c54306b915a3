"""The provider's token endpoint, and the ID token verified before anybody uses it.

RFC 6749, sections 4.1.3 and 5; OpenID Connect Core 1.0, section 3.1.3.7. What is sent there
(a code and its proof) is worth a token: it is in no message, and goes to no other address.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from slsa_gen import strictjson
from slsa_gen.errors import ContextError, ServiceError
from slsa_gen.github.keys import IssuerKeys
from slsa_gen.http import Request, StatusError
from slsa_gen.model.instance import Issuer
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from slsa_gen.http import HttpClient, Response
    from slsa_gen.identity.provider import Provider
    from slsa_gen.limits import Limits
    from slsa_gen.model.token import IdentityToken

TOKEN_SERVICE: Final = "the identity provider's token endpoint"  # noqa: S105 (its name)
_ERROR_CODE: Final = re.compile(r"[a-z_]{1,60}")
_AGAIN: Final = "Run it again, and sign in."
#: A hidden text must be this long to be looked for in an answer: shorter ones are no secret.
_SECRET_LENGTH: Final = 8


class Denied(Exception):  # noqa: N818 (an answer that the flows tell apart, not an error of ours)
    """The provider answered with an error of OAuth's.

    Args:
        code: Such as ``access_denied``; empty where it gave none.
        said: Code and description, harmless, for people.
    """

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code
        self.said = said


def form_request(url: str, service: str, fields: Mapping[str, str], limits: Limits) -> Request:
    """Return a POST of form fields, whose answer is JSON."""
    return Request(
        "POST",
        url,
        service,
        limits.answer_bytes,
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        body=urlencode(fields).encode("ascii"),
    )


def asked(
    client: HttpClient, request: Request, seconds: float, secrets: tuple[str, ...], limits: Limits
) -> Mapping[str, object]:
    """Ask once, and return the answer's JSON object.

    Args:
        client: Asks.
        request: A POST.
        seconds: How long it may take.
        secrets: What was sent and must not be shown, should the provider repeat it.
        limits: The answer's size.

    Raises:
        Denied: an error of OAuth's.
        TransientFailure: another try may do.
        ServiceError: another try would not.
    """
    try:
        answer = client.attempt(request, seconds)
    except StatusError as error:
        raise denied(error, secrets, limits) from error
    document = _document(answer, request.service, limits)
    if isinstance(document.get("error"), str):  # some answer 200 all the same
        raise denial(document["error"], document.get("error_description"), secrets)
    return document


def denied(error: StatusError, secrets: tuple[str, ...], limits: Limits) -> Exception:
    """Return what an answer with a status of 4xx means: OAuth's own error, or another one."""
    try:
        document = strictjson.loads_object(
            error.body, max_bytes=limits.answer_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError:
        document = {}
    if not isinstance(document.get("error"), str):
        # Whatever it says may repeat what was sent.
        return ServiceError(
            error.message.partition(": ")[0], reason=Reason.IDENTITY_ANSWER, hint=_AGAIN
        )
    return denial(document.get("error"), document.get("error_description"), secrets)


def denial(code: object, description: object, secrets: tuple[str, ...] = ()) -> Denied:
    """Return an error of OAuth's, made harmless."""
    known = code if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
    said = description if isinstance(description, str) else ""
    for secret in secrets:
        if len(secret) >= _SECRET_LENGTH:
            said = said.replace(secret, "[secret]")
    words = harmless(said, 200)
    return Denied(known, f"{known or 'an error'}" + (f" ({words})" if words else ""))


def _document(answer: Response, service: str, limits: Limits) -> Mapping[str, object]:
    try:
        return strictjson.loads_object(
            answer.body, max_bytes=limits.answer_bytes, max_depth=limits.json_depth
        )
    except strictjson.StrictJsonError:
        # Not chained, and not shown: what is in it may be a token.
        raise answer_error(f"{service} answered, but not with one JSON object") from None


class TokenVerifier:
    """Verifies a provider's ID tokens, with its keys.

    Args:
        provider: Whose.
        http: Asks for the keys.
        limits: Sizes, and the clock's leeway.
    """

    def __init__(self, provider: Provider, http: HttpClient, limits: Limits) -> None:
        issuer = Issuer(provider.issuer, "", jwks_url=provider.jwks_uri)
        self._keys = IssuerKeys(issuer, http, limits)

    def verify(
        self, answer: Mapping[str, object], now: datetime, nonce: str | None
    ) -> IdentityToken:
        """Return the ID token of a token endpoint's answer, once everything about it holds.

        Args:
            answer: The document.
            now: The time of day.
            nonce: What was sent to be repeated in it; None where none was.

        Raises:
            ServiceError: there is no ID token in it, or the keys could not be had.
            ContextError: it does not verify.
        """
        raw = answer.get("id_token")
        if not isinstance(raw, str) or not raw:
            raise answer_error(f"{TOKEN_SERVICE} answered without an ID token")
        return self.verify_raw(raw, now, nonce)

    def verify_raw(self, raw: str, now: datetime, nonce: str | None = None) -> IdentityToken:
        """Return a token, once everything about it holds; errors are those of verify."""
        try:
            token = self._keys.verify(raw, now)
        except ContextError as error:
            raise ContextError(
                error.message, reason=Reason.IDENTITY_TOKEN, hint=f"{_AGAIN} {_SETTINGS}"
            ) from None
        if nonce is not None and not _equal(token.claims.get("nonce"), nonce):
            raise ContextError(
                "the identity token is refused: its nonce is not the one that was sent, so it "
                "was made for another sign-in",
                reason=Reason.IDENTITY_TOKEN,
                hint=_AGAIN,
            )
        return token


_SETTINGS: Final = (
    "If it stays so, look at this machine's clock (`date -u`), and at the provider's settings "
    "for the client 'sigstore'."
)


def _equal(found: object, expected: str) -> bool:
    return isinstance(found, str) and hmac.compare_digest(found.encode(), expected.encode())


def answer_error(message: str) -> ServiceError:
    """Return the error for an answer that is not what the protocol says."""
    return ServiceError(message, reason=Reason.IDENTITY_ANSWER, hint=_AGAIN)


def refused(provider: Provider, said: str) -> ContextError:
    """Return the error for a sign-in that the person, or the provider, refused."""
    return ContextError(
        f"nobody was signed in: {provider.issuer} answered {said}",
        reason=Reason.IDENTITY_DENIED,
        hint=f"{_AGAIN} Where the provider refuses, its operator can say why.",
    )


def too_late(seconds: str) -> ContextError:
    """Return the error for a sign-in that took too long; it says how long there was."""
    return ContextError(
        f"nobody signed in within {seconds}",
        reason=Reason.IDENTITY_TIME,
        hint="Run it again, and open the address at once. Where no browser can reach this machine "
        "(a container, SSH), unset BROWSER and DISPLAY: then a code is shown, to be typed on "
        "another device.",
    )
