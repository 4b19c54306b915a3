"""Tests of slsa_gen.signing.timestamps: asked again, and checked, before they are used."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from slsa_gen.errors import SigningError
from slsa_gen.http import HttpClient
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from slsa_gen.retry import Budget, Retrier
from slsa_gen.signing.timestamps import TimestampClient
from tests.support.timestamps import TimestampAuthority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.clock import FakeClock

pytestmark = pytest.mark.network

SIGNATURE = b"a signature"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def authority() -> Iterator[TimestampAuthority]:
    """Serve an authority."""
    with TimestampAuthority() as served:
        yield served


def client(clock: FakeClock, *authorities: TimestampAuthority, wanted: int = 1) -> TimestampClient:
    """Return a client of these authorities; waits take no time."""
    limits = replace(DEFAULT_LIMITS, attempt_seconds=5.0)
    retrier = Retrier(Budget(20, clock), clock, limits, lambda: 0.5)
    urls = tuple(one.url for one in authorities)
    return TimestampClient(urls, wanted, HttpClient(retrier, limits), retrier, limits)


def test_a_timestamp_is_over_the_signature(clock: FakeClock, authority: TimestampAuthority) -> None:
    """The answer is kept as it came, verifies, and its time is handed on."""
    authority.now = MOMENT
    ((stamp, time),) = client(clock, authority).fetch(SIGNATURE)
    assert time == MOMENT
    verifier = VerifierBuilder().add_root_certificate(authority.root)
    authority.now = None
    ((stamp, _),) = client(clock, authority).fetch(SIGNATURE)
    verifier.build().verify_message(decode_timestamp_response(stamp), SIGNATURE)


def test_each_request_has_its_own_nonce(clock: FakeClock, authority: TimestampAuthority) -> None:
    """An answer that was recorded once is of no use to anyone."""
    stamps = client(clock, authority)
    nonces = {
        decode_timestamp_response(stamps.fetch(SIGNATURE)[0][0]).tst_info.nonce for _ in range(3)
    }
    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("turn", "says"),
    [
        (lambda a: setattr(a, "nonce", 7), "carries another nonce"),
        (lambda a: setattr(a, "imprint", b"\0" * 32), "over something other than this signature"),
        (
            lambda a: setattr(a, "hash_oid", "2.16.840.1.101.3.4.2.3"),
            "over something other than this signature",
        ),
        (lambda a: setattr(a, "status", 2), "it refused with status 2: not today"),
        (lambda a: setattr(a, "status", 3), "it refused with status 3"),
        (lambda a: setattr(a, "raw", b"no"), "its answer is no timestamp response"),
        (lambda a: setattr(a, "raw", b""), "its answer is no timestamp response"),
    ],
    ids=["nonce", "digest", "algorithm", "refused", "waiting", "nonsense", "nothing"],
)
def test_a_timestamp_of_something_else_is_refused(
    clock: FakeClock,
    authority: TimestampAuthority,
    turn: Callable[[TimestampAuthority], None],
    says: str,
) -> None:
    """Granted, over this signature, for this request: each is checked, and final."""
    turn(authority)
    with pytest.raises(SigningError, match=says) as caught:
        client(clock, authority).fetch(SIGNATURE)
    assert caught.value.reason is Reason.SIGNING_TIMESTAMP
    assert caught.value.message.startswith(f"the timestamp authority ({authority.url}) ")
    assert authority.asked == 1


def test_an_authority_that_granted_with_changes_has_granted(
    clock: FakeClock, authority: TimestampAuthority
) -> None:
    """PKIStatus 1 comes with a timestamp."""
    authority.status = 1
    assert len(client(clock, authority).fetch(SIGNATURE)) == 1


def test_an_authority_that_is_down_is_asked_again(
    clock: FakeClock, authority: TimestampAuthority
) -> None:
    """Failures that may pass are tried again within the budget."""
    authority.http = [503, 429, 500]
    assert len(client(clock, authority).fetch(SIGNATURE)) == 1
    assert authority.asked == 4


def test_an_authority_that_stays_down_is_an_error_of_signing(
    clock: FakeClock, authority: TimestampAuthority
) -> None:
    """The message says what failed, with the authority's own answer."""
    authority.http = [503] * 1000
    with pytest.raises(SigningError) as caught:
        client(clock, authority).fetch(SIGNATURE)
    assert caught.value.reason is Reason.SIGNING_TIMESTAMP
    assert caught.value.message.startswith(
        f"no timestamp could be had: the timestamp authority ({authority.url}) answered "
        "503 Service Unavailable: later (tried "
    )


def test_another_authority_is_asked_where_one_is_enough(clock: FakeClock) -> None:
    """Down or refusing: the next one is asked; one that refused is not asked again."""
    with ExitStack() as stack:
        one, two = (stack.enter_context(TimestampAuthority()) for _ in range(2))
        one.http = [404] * 10
        two.http = [503]
        assert len(client(clock, one, two).fetch(SIGNATURE)) == 1
        assert (one.asked, two.asked) == (1, 2)


def test_as_many_authorities_answer_as_are_wanted(clock: FakeClock) -> None:
    """Each answers once; when too few are left, it is an error."""
    with ExitStack() as stack:
        served = [stack.enter_context(TimestampAuthority()) for _ in range(3)]
        assert len(client(clock, *served, wanted=2).fetch(SIGNATURE)) == 2
        assert [one.asked for one in served] == [1, 1, 0]
        for one in served[:2]:
            one.http = [404]
        with pytest.raises(SigningError, match="answered 404 Not Found"):
            client(clock, *served, wanted=2).fetch(SIGNATURE)
