"""Services that are down for a while, with tokens and certificates that do not live so long.

What is asserted is what the services saw: how long they were left alone, and that tokens and
certificates were fetched anew.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.support import wrongs
from tests.support.faults import Endpoint
from tests.unit.signing.material import make_bench, make_statement

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.sandboxes import FaultySandboxes
    from tests.unit.signing.material import Bench

pytestmark = pytest.mark.network


def sign_through_an_outage(bench: Bench, seconds: float) -> float:
    """Sign one statement, let all services be down, sign another; return how long it took."""
    with bench.signer as signer:
        assert signer.sign(make_statement()).extra_entries == 0
        start = time.monotonic()
        bench.server.outage(seconds)
        assert signer.sign(make_statement(names=2)).extra_entries == 0
        return time.monotonic() - start


def test_an_outage_is_outlived_with_fresh_tokens_and_certificates(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """All services are down for three seconds; tokens and certificates live two."""
    server = faulty_sandbox(token_seconds=2, certificate_seconds=2)
    bench = make_bench(server, tmp_path, first_wait_seconds=0.3, longest_wait_seconds=0.5)
    assert 3.0 <= sign_through_an_outage(bench, 3.0) < 15
    assert len({token.raw for token in bench.tokens.fetched}) == 2
    assert server.count(Endpoint.TOKEN) > 2  # some of them while it was down
    assert server.count(Endpoint.LOG) == 2
    assert bench.notices[0].startswith("the token endpoint (")


def test_retry_after_is_honoured_as_the_services_see_it(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A service is left alone as long as it asked, in seconds or by a date of whole seconds."""
    server = faulty_sandbox(token_seconds=2, certificate_seconds=2)
    server.inject(Endpoint.CERTIFICATE, wrongs.status(429, retry_after=1))
    server.inject(Endpoint.LOG, wrongs.status(503, retry_after=2, as_date=True))
    bench = make_bench(server, tmp_path)
    with bench.signer as signer:
        assert signer.sign(make_statement()).extra_entries == 0
    assert 1.0 <= server.gaps(Endpoint.CERTIFICATE)[0] < 5
    assert 0.9 <= server.gaps(Endpoint.LOG)[0] < 5
    # Both live two seconds only: each try had a token and a certificate of its own.
    assert server.count(Endpoint.CERTIFICATE) == 3
    assert len({token.raw for token in bench.tokens.fetched}) == 3


@pytest.mark.soak
def test_twenty_seconds_of_outage_are_outlived(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The full length: 20 real seconds with the real waits, lives of four seconds."""
    server = faulty_sandbox(token_seconds=4, certificate_seconds=4)
    bench = make_bench(server, tmp_path, budget=120.0, first_wait_seconds=1.0)
    took = sign_through_an_outage(bench, 20.0)
    assert 20.0 <= took < 80
    assert len({token.raw for token in bench.tokens.fetched}) == 2
    assert server.count(Endpoint.LOG) == 2
    asked = server.count(Endpoint.TOKEN)
    assert asked < 20
    print(f"\n20 s outage: signed after {took:.1f} s, token endpoint asked {asked} times")  # noqa: T201 (a measurement that people want to see)
