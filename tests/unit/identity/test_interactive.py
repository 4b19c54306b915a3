"""Which way somebody signs in, how often, and where nobody can."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import ContextError
from slsa_gen.identity.interactive import InteractiveTokens, check_person_present
from slsa_gen.model.instance import InstanceKind, SigstoreInstance
from slsa_gen.reasons import Reason
from tests.support.clock import PatientClock
from tests.support.openid import EMAIL, USER_CODE, FakeProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Opens nothing: the test's person reads the address.
BROWSER = {"BROWSER": "true %s"}


def _tokens(provider: FakeProvider, variables: Mapping[str, str]) -> InteractiveTokens:
    config = json.dumps({"oidcUrls": [{"url": provider.url}]}).encode()
    instance = SigstoreInstance("s", InstanceKind.NAMED, b"{}", config)
    return InteractiveTokens(instance, provider.around(budget=300.0), variables)


@pytest.mark.network
def test_a_browser_is_used_where_there_is_one(provider: FakeProvider) -> None:
    """And no code is shown."""
    token = _tokens(provider, BROWSER).fetch()

    assert token.claims["email"] == EMAIL
    assert [path for path, _ in provider.asked] == ["/token"]


@pytest.mark.network
def test_a_code_is_shown_where_there_is_none() -> None:
    """As in a container."""
    with FakeProvider(PatientClock()) as provider:
        token = _tokens(provider, {}).fetch()

    assert token.claims["email"] == EMAIL
    assert USER_CODE in provider.said[0]


@pytest.mark.network
def test_an_address_is_shown_where_the_provider_gives_no_codes(provider: FakeProvider) -> None:
    """It can be opened by hand, on the same machine."""
    provider.described = {"device_authorization_endpoint": None}

    assert _tokens(provider, {}).fetch().claims["email"] == EMAIL


@pytest.mark.network
def test_a_code_is_shown_where_the_provider_takes_no_browser() -> None:
    """Whatever there is here."""
    with FakeProvider(PatientClock()) as provider:
        provider.described = {"authorization_endpoint": None}
        token = _tokens(provider, BROWSER).fetch()

    assert token.claims["email"] == EMAIL


@pytest.mark.network
def test_nobody_signs_in_twice_while_a_token_is_good() -> None:
    """Sigstore's own provider gives tokens of a minute: each is used to its end."""
    clock = PatientClock()
    with FakeProvider(clock) as provider:
        tokens = _tokens(provider, {})
        first = tokens.fetch()
        clock.advance(100)
        again = tokens.fetch()
        clock.advance(16)
        renewed = tokens.fetch()

    assert first is again
    assert renewed is not first
    assert any("has expired: sign in once more" in text for text in provider.said)


@pytest.mark.parametrize(
    ("variables", "terminal"),
    [({}, True), ({"BROWSER": "x"}, False), ({"DISPLAY": ":0"}, False)],
)
def test_somebody_is_there_with_a_terminal_or_a_browser(
    variables: dict[str, str], *, terminal: bool
) -> None:
    """One of them is enough."""
    check_person_present(variables, terminal=terminal)


@pytest.mark.parametrize(
    ("variables", "terminal", "words"),
    [
        ({}, False, "no terminal is here, and no browser"),
        ({"GITHUB_ACTIONS": "true"}, True, "this is a run of a workflow"),
        ({"GITHUB_ACTIONS": "true", "BROWSER": "x"}, False, "this is a run of a workflow"),
    ],
)
def test_where_nobody_is_nothing_is_waited_for(
    variables: dict[str, str], words: str, *, terminal: bool
) -> None:
    """It is refused at once."""
    with pytest.raises(ContextError) as caught:
        check_person_present(variables, terminal=terminal)

    assert caught.value.reason is Reason.IDENTITY_NOBODY
    assert words in caught.value.message
