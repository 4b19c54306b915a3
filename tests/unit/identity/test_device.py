"""A code to type: its pace, its end, and every answer that is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.errors import SlsaGenError
from slsa_gen.identity import device
from slsa_gen.identity.exchange import TokenVerifier
from slsa_gen.identity.provider import discover
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.support.clock import FakeClock
from tests.support.openid import DEVICE_CODE, EMAIL, PENDING, USER_CODE, FakeProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsa_gen.model.token import IdentityToken

pytestmark = pytest.mark.network


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock on which waits pass at once."""
    return FakeClock()


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[FakeProvider]:
    """Return a provider by that clock."""
    with FakeProvider(clock) as served:
        yield served


def _sign_in(provider: FakeProvider, budget: float = 30.0) -> IdentityToken:
    around = provider.around(budget=budget)
    found = discover(provider.url, around.http, around.limits)
    assert found is not None
    answer = device.sign_in(found, around)
    return TokenVerifier(found, around.http, around.limits).verify(answer, around.clock.now(), None)


def _refusal(provider: FakeProvider) -> SlsaGenError:
    with pytest.raises(SlsaGenError) as caught:
        _sign_in(provider)
    assert DEVICE_CODE not in caught.value.message
    return caught.value


def test_the_person_is_told_where_to_type_what(provider: FakeProvider) -> None:
    """And the token is asked for at the pace that the provider names."""
    provider.polls = [PENDING, PENDING]

    assert _sign_in(provider).claims["email"] == EMAIL

    assert f"{provider.url}/code" in provider.said[0]
    assert USER_CODE in provider.said[0]
    assert DEVICE_CODE not in provider.said[0]
    assert isinstance(provider.clock, FakeClock)
    assert provider.clock.sleeps == [5, 5, 5]


def test_a_provider_that_says_slow_down_is_asked_less_often(provider: FakeProvider) -> None:
    """Five seconds more from then on (RFC 8628, section 3.5)."""
    provider.polls = ["slow_down", PENDING]

    _sign_in(provider)

    assert isinstance(provider.clock, FakeClock)
    assert provider.clock.sleeps == [5, 10, 10]


def test_a_provider_that_is_down_for_a_moment_is_asked_less_often(provider: FakeProvider) -> None:
    """The code may have been typed meanwhile."""
    provider.polls = ["", PENDING]

    assert _sign_in(provider).claims["email"] == EMAIL

    assert isinstance(provider.clock, FakeClock)
    assert provider.clock.sleeps == [5, 10, 10]


@pytest.mark.parametrize(
    ("polls", "reason", "words"),
    [
        (["access_denied"], Reason.IDENTITY_DENIED, "access_denied"),
        ([PENDING, "expired_token"], Reason.IDENTITY_TIME, "within 120 s"),
        (["invalid_client"], Reason.IDENTITY_DENIED, "invalid_client"),
        ([PENDING] * 100, Reason.IDENTITY_TIME, "within 120 s"),
        ([""] * 100, Reason.SERVICE_FAILED, "503"),
    ],
)
def test_a_sign_in_that_comes_to_nothing_ends(
    provider: FakeProvider, polls: list[str], reason: Reason, words: str
) -> None:
    """With what became of it, and within the code's life."""
    provider.polls = polls
    start = provider.clock.monotonic()

    error = _refusal(provider)

    assert error.reason is reason
    assert words in error.message
    assert provider.clock.monotonic() - start <= 121


def test_a_code_that_lives_long_is_not_waited_for_as_long(provider: FakeProvider) -> None:
    """Five minutes are the most."""
    provider.device_answer = {"expires_in": 10**12}
    provider.polls = [PENDING] * 1000

    assert "within 300 s" in _refusal(provider).message


def test_a_persons_time_is_not_that_of_the_services(provider: FakeProvider) -> None:
    """A budget of ten seconds outlives a minute of looking for the telephone."""
    provider.polls = [PENDING] * 12

    assert _sign_in(provider, budget=10.0).claims["email"] == EMAIL


def test_a_provider_may_leave_out_the_pace(provider: FakeProvider) -> None:
    """Five seconds, as RFC 8628 says; and some call the address otherwise."""
    provider.device_answer = {
        "interval": None,
        "verification_uri": None,
        "verification_url": f"{provider.url}/old",
    }

    _sign_in(provider)

    assert f"{provider.url}/old" in provider.said[0]
    assert isinstance(provider.clock, FakeClock)
    assert provider.clock.sleeps == [5]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"device_code": None}, "without a device_code"),
        ({"device_code": 1}, "without a device_code"),
        ({"user_code": None}, "without a user_code"),
        ({"user_code": "\x1b[2J"}, "without a user_code"),
        ({"user_code": "A" * 65}, "without a user_code"),
        ({"verification_uri": None}, "without a verification_uri"),
        ({"verification_uri": "http://example.org/"}, "only https"),
        ({"verification_uri": "javascript:alert(1)"}, "not opened"),
        ({"verification_uri": "https://a b"}, "not opened"),
        ({"expires_in": "soon"}, "expires_in"),
        ({"expires_in": True}, "expires_in"),
        ({"interval": -1}, "interval"),
        ({"interval": 0}, "interval"),
    ],
)
def test_an_answer_that_no_person_could_follow_is_refused(
    provider: FakeProvider, answer: dict[str, Any], words: str
) -> None:
    """Nothing of it is shown as it is."""
    provider.device_answer = answer

    error = _refusal(provider)

    assert error.reason is Reason.IDENTITY_ANSWER
    assert words in error.message
    assert provider.said == []


def test_a_provider_that_refuses_the_client_is_heard(provider: FakeProvider) -> None:
    """Before anybody types anything."""
    provider.device_answer = {"error": "unauthorized_client"}

    error = _refusal(provider)

    assert error.reason is Reason.IDENTITY_DENIED
    assert provider.said == []


def test_a_token_of_another_issuer_is_refused_here_too(provider: FakeProvider) -> None:
    """There is no nonce; the token comes from the endpoint itself."""
    provider.claims = {"iss": "https://evil.example"}

    assert _refusal(provider).reason is Reason.IDENTITY_TOKEN


def test_the_limit_is_the_callers(provider: FakeProvider) -> None:
    """A smaller one counts."""
    provider.polls = [PENDING] * 100
    around = provider.around(replace(DEFAULT_LIMITS, sign_in_seconds=20))
    found = discover(provider.url, around.http, around.limits)
    assert found is not None

    with pytest.raises(SlsaGenError, match="within 20 s"):
        device.sign_in(found, around)
