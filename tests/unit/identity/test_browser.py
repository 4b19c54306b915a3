"""Signing in with a browser: what is sent, and every answer that is none."""

from __future__ import annotations

import errno
import socket
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from slsa_gen.errors import SlsaGenError
from slsa_gen.identity import browser
from slsa_gen.identity.browser import authorization_url, browser_command
from slsa_gen.identity.exchange import TokenVerifier
from slsa_gen.identity.pkce import Question
from slsa_gen.identity.provider import Provider, discover
from slsa_gen.identity.redirect import Redirect
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.support.openid import CODE, EMAIL, FakeProvider, signing_key

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from slsa_gen.identity.surroundings import Surroundings
    from slsa_gen.model.token import IdentityToken

pytestmark = pytest.mark.network
_SHORT = replace(DEFAULT_LIMITS, sign_in_seconds=0.3)


def _sign_in(provider: FakeProvider, around: Surroundings | None = None) -> IdentityToken:
    around = around or provider.around()
    found = discover(provider.url, around.http, around.limits)
    assert found is not None
    answer, nonce = browser.sign_in(found, around, None)
    return TokenVerifier(found, around.http, around.limits).verify(
        answer, around.clock.now(), nonce
    )


def _refusal(provider: FakeProvider, around: Surroundings | None = None) -> SlsaGenError:
    with pytest.raises(SlsaGenError) as caught:
        _sign_in(provider, around)
    assert CODE not in caught.value.message
    return caught.value


def test_a_person_signs_in(provider: FakeProvider) -> None:
    """The provider itself checks proof, redirect and client."""
    token = _sign_in(provider)

    assert token.claims["email"] == EMAIL
    ((path, form),) = provider.asked
    assert path == "/token"
    assert form["grant_type"] == "authorization_code"
    # A public client has no secret, and sends none.
    assert "client_secret" not in form


def test_the_address_holds_the_question_and_nothing_secret() -> None:
    """The proof's hash is in it, and not the proof."""
    question = Question()
    asked = Provider("https://p", "https://p/token", "https://p/jwks", "https://p/auth?tenant=1")

    url = authorization_url(asked, question, "http://127.0.0.1:1/auth/callback")

    fields = dict(parse_qsl(urlsplit(url).query))
    assert fields == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "sigstore",
        "redirect_uri": "http://127.0.0.1:1/auth/callback",
        "scope": "openid email",
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": question.challenge,
        "code_challenge_method": "S256",
    }
    assert question.verifier not in url


@pytest.mark.parametrize(
    ("returned", "reason", "words"),
    [
        ({"state": "another"}, Reason.IDENTITY_ANSWER, "another state"),
        ({"state": None}, Reason.IDENTITY_ANSWER, "another state"),
        ({"state": "ä"}, Reason.IDENTITY_ANSWER, "another state"),
        ({"iss": "https://evil.example"}, Reason.IDENTITY_ANSWER, "is not said to be of"),
        ({"iss": None}, Reason.IDENTITY_ANSWER, "is not said to be of"),
        ({"code": None}, Reason.IDENTITY_ANSWER, "no code"),
        ({"code": "x" * 20}, Reason.IDENTITY_DENIED, "invalid_grant"),
        (
            {"code": None, "error": "access_denied", "error_description": "no\x1b[31m thanks"},
            Reason.IDENTITY_DENIED,
            "access_denied (no [31m thanks)",
        ),
        ({"code": None, "error": "<b>"}, Reason.IDENTITY_DENIED, "answered an error"),
    ],
)
def test_an_answer_that_is_none_to_the_question_is_refused(
    provider: FakeProvider, returned: dict[str, str | None], reason: Reason, words: str
) -> None:
    """Whoever sent it; the code goes nowhere."""
    provider.returned = returned

    error = _refusal(provider)

    assert error.reason is reason
    assert words in error.message
    if reason is Reason.IDENTITY_ANSWER:
        assert provider.asked == []


def test_an_answer_need_not_name_who_answers_where_none_was_promised(
    provider: FakeProvider,
) -> None:
    """RFC 9207 is younger than many providers."""
    provider.described = {"authorization_response_iss_parameter_supported": None}
    provider.returned = {"iss": None}

    assert _sign_in(provider).claims["email"] == EMAIL


def test_a_field_that_stands_twice_is_refused(provider: FakeProvider) -> None:
    """Two parsers could each take another one."""
    provider.further = [("code", "another")]

    assert _refusal(provider).reason is Reason.IDENTITY_ANSWER


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"nonce": "another"}, "its nonce"),
        ({"nonce": None}, "its nonce"),
        ({"nonce": 1}, "its nonce"),
        ({"iss": "https://evil.example"}, "it was issued by"),
        ({"aud": "another"}, "it was issued for"),
        ({"aud": ["sigstore", "another"]}, "it was issued for"),
        ({"exp": 1}, "it expired at"),
        ({"iat": 4_000_000_000}, "it is issued at"),
    ],
)
def test_a_token_that_is_not_ours_is_refused(
    provider: FakeProvider, claims: dict[str, Any], words: str
) -> None:
    """Whatever endpoint it came from."""
    provider.claims = claims

    error = _refusal(provider)

    assert error.reason is Reason.IDENTITY_TOKEN
    assert words in error.message
    assert "workflow" not in error.hint


def test_a_token_of_another_key_is_refused(provider: FakeProvider) -> None:
    """The signature is checked with the keys that the issuer publishes."""
    provider.signed_with = signing_key("another")

    assert "signature does not verify" in _refusal(provider).message


@pytest.mark.parametrize(
    ("status", "body", "reason", "words"),
    [
        (200, b"{}", Reason.IDENTITY_ANSWER, "without an ID token"),
        (200, b'{"id_token": 1}', Reason.IDENTITY_ANSWER, "without an ID token"),
        (200, b"<html>", Reason.IDENTITY_ANSWER, "not with one JSON object"),
        (200, b'{"a":1,"a":2}', Reason.IDENTITY_ANSWER, "not with one JSON object"),
        (200, b'{"error":"invalid_request"}', Reason.IDENTITY_DENIED, "invalid_request"),
        (200, b" " * 2_000_000, Reason.SERVICE_ANSWER_TOO_LARGE, "more than"),
        (400, b"the code is " + CODE.encode(), Reason.IDENTITY_ANSWER, "400 Bad Request"),
        (
            401,
            b'{"error":"invalid_client","error_description":"of ' + CODE.encode() + b'"}',
            Reason.IDENTITY_DENIED,
            "invalid_client (of [secret])",
        ),
        (302, b"", Reason.SERVICE_REDIRECT, "redirects are not followed"),
    ],
)
def test_what_the_token_endpoint_says_instead_is_told(
    provider: FakeProvider, status: int, body: bytes, reason: Reason, words: str
) -> None:
    """Without the code, which it may repeat."""
    provider.token_answer = (status, body)

    error = _refusal(provider)

    assert error.reason is reason
    assert words in error.message


def test_a_provider_that_is_down_for_a_moment_is_asked_again(provider: FakeProvider) -> None:
    """Within the services' time."""
    provider.token_answer = (503, b"")

    assert _refusal(provider, provider.around(budget=1.2)).reason is Reason.SERVICE_FAILED
    assert len(provider.asked) > 1


def test_nobody_is_waited_for_longer_than_said(provider: FakeProvider) -> None:
    """And nobody listens afterwards."""
    around = replace(provider.around(_SHORT), say=provider.said.append)

    error = _refusal(provider, around)

    assert error.reason is Reason.IDENTITY_TIME
    assert "within 0.3 s" in error.message
    (url,) = (word for word in provider.said[0].split() if word.startswith("http"))
    redirect = urlsplit(dict(parse_qsl(urlsplit(url).query))["redirect_uri"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", redirect.port), timeout=1)


def test_the_time_of_a_person_is_not_that_of_the_services(provider: FakeProvider) -> None:
    """Whoever looks for a password does not use up what the log may need."""
    around = replace(provider.around(_SHORT), say=provider.said.append)

    _refusal(provider, around)

    assert around.budget.spent() < _SHORT.sign_in_seconds


def test_the_answer_page_has_no_script_and_nothing_of_the_answer(provider: FakeProvider) -> None:
    """It is not kept, and tells nobody where the browser came from."""
    _sign_in(provider)

    ((status, fields, body),) = provider.pages
    assert status == 200
    assert b"script" not in body
    assert CODE.encode() not in body
    assert fields["Content-Security-Policy"] == "default-src 'none'"
    assert (fields["Cache-Control"], fields["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_where_loopback_cannot_be_listened_on_another_way_is_named(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code on another device."""

    def full(_: Redirect) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Redirect, "__init__", full)

    error = _refusal(provider)

    assert error.reason is Reason.IDENTITY_BROWSER
    assert "Too many open files" in error.message


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BROWSER": " firefox "}, "firefox"),
        ({"DISPLAY": ":0"}, ""),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ""),
        ({"BROWSER": "", "DISPLAY": ""}, None),
        ({}, None),
    ],
)
def test_a_browser_is_one_that_is_named_or_can_be_seen(
    variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Linux; other systems always have one."""
    monkeypatch.setattr(sys, "platform", "linux")

    assert browser_command(variables) == expected


def test_the_browser_that_is_named_opens_the_address(
    provider: FakeProvider, tmp_path: Path
) -> None:
    """It is one argument of its own, whatever stands in it."""
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/opened\n')
    program.chmod(0o755)
    around = replace(
        provider.around(replace(_SHORT, sign_in_seconds=1.5)), say=provider.said.append
    )
    found = discover(provider.url, around.http, around.limits)
    assert found is not None

    with pytest.raises(SlsaGenError):
        browser.sign_in(found, around, f"{program} %s")

    assert (tmp_path / "opened").read_text().strip() in provider.said[0]


@pytest.mark.parametrize("command", ["/nowhere/browser %s", "nobrowser", "'"])
def test_a_browser_that_does_not_open_leaves_the_address(
    provider: FakeProvider, command: str
) -> None:
    """It is shown, to be opened by hand."""
    around = provider.around()
    found = discover(provider.url, around.http, around.limits)
    assert found is not None

    answer, _ = browser.sign_in(found, around, command)

    assert "id_token" in answer
