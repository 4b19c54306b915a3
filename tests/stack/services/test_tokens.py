"""Tokens that the real Fulcio would refuse are refused before it is asked; so is a wrong clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.clock import SystemClock
from tests.stack.services.between import between
from tests.stack.services.issuer import CLAIMS, Issuer
from tests.support import wrongs
from tests.support.clock import SkewedClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stack.services.readings import Readings
    from tests.stack.services.runs import Run

pytestmark = [
    pytest.mark.network,
    # Which log would be used says nothing about a token.
    pytest.mark.parametrize("log", [2], indirect=True, ids=["rekor-v2"]),
]


def _now() -> int:
    return int(SystemClock().now().timestamp())


def _expired(issuer: Issuer) -> str:
    return issuer.issue({**CLAIMS, "exp": _now() - 1, "iat": _now() - 301}, "sigstore")


def _early(issuer: Issuer) -> str:
    times = {"iat": _now() + 3600, "nbf": _now() + 3600, "exp": _now() + 3900}
    return issuer.issue({**CLAIMS, **times}, "sigstore")


def _other_audience(issuer: Issuer) -> str:
    return issuer.issue(CLAIMS, "https://github.com/octo-org")


def _other_issuer(issuer: Issuer) -> str:
    return issuer.issue({**CLAIMS, "iss": "https://token.example.org"}, "sigstore")


def _other_key(issuer: Issuer) -> str:
    stranger = Issuer(0, 0, SystemClock())
    stranger.url = issuer.url
    return stranger.issue(CLAIMS, "sigstore")


#: Each makes a token that will not do, and what the message must say of it.
TOKENS: Final[dict[str, tuple[Callable[[Issuer], str], str]]] = {
    "an expired one": (_expired, "it expired at"),
    "one of tomorrow": (_early, "check the clock"),
    "one for another audience": (_other_audience, "expected 'sigstore' alone"),
    "one of another issuer": (_other_issuer, "it was issued by 'https://token.example.org'"),
    "one with a strange key": (_other_key, "has the key id"),
}


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_that_will_not_do_is_not_shown_to_anyone(
    run: Run, readings: Readings, token: str
) -> None:
    """The runner's endpoint gives it, and no service hears of it."""
    make, words = TOKENS[token]
    with between(run) as there:
        answer = json.dumps({"value": make(run.stack.issuer)}).encode()
        there.proxies["token"].always(wrongs.reply(answer))
        outcome, seconds = there.attest()

    readings.add((f"a token: {token}", "token", run.log), outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, "context.token")
    assert words in outcome.err
    assert {name: p.calls for name, p in there.proxies.items() if name != "token"} == {
        "fulcio": 0,
        "log": 0,
        "timestamp-authority": 0,
    }
    assert not list(run.cli.folder.glob("*.jsonl"))


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_off_is_named(run: Run, readings: Readings, hours: int) -> None:
    """The token's times show it, before anything is signed."""
    run.cli.clock = SkewedClock(SystemClock(), hours * 3600)
    with between(run) as there:
        outcome, seconds = there.attest()

    readings.add((f"a clock that is {hours:+} h off", "token", run.log), outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, "context.token")
    assert ("check the clock" if hours < 0 else "it expired at") in outcome.err
    assert there.proxies["log"].calls == 0
