"""Every fault does the wrong that its name says, and a server without faults does none."""

from __future__ import annotations

import gzip
import json
import socket
import time
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any

import jwt
import pytest
import requests
from sigstore import dsse
from sigstore.errors import VerificationError
from sigstore.models import ClientTrustConfig, TrustedRoot
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext
from sigstore.verify import Verifier, policy

from slsa_gen.clock import SystemClock
from tests.support import wrongs
from tests.support.clock import SkewedClock
from tests.support.faults import Endpoint, FaultyServer
from tests.support.sandboxes import client_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sigstore.models import Bundle

    from tests.support.sandboxes import FaultySandboxes

pytestmark = pytest.mark.network

STATEMENT = json.dumps(
    {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a", "digest": {"sha256": "a" * 64}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {},
    }
).encode()


def token(server: FaultyServer, folder: Path) -> str:
    """Fetch a token as a client in a run does."""
    variables = server.run_variables(folder)
    answer = requests.get(
        variables["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=sigstore",
        headers={"Authorization": f"bearer {variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
        timeout=10,
    )
    answer.raise_for_status()
    raw: str = answer.json()["value"]
    return raw


def sign(server: FaultyServer, raw: str, *, times: int = 1) -> Bundle:
    """Sign the statement with Sigstore's library and return the last bundle."""
    config = ClientTrustConfig.from_json(client_config(server.instance()))
    with SigningContext.from_trust_config(config).signer(IdentityToken(raw)) as signer:
        return [signer.sign_dsse(dsse.Statement(STATEMENT)) for _ in range(times)][-1]


def verify(server: FaultyServer, folder: Path, bundle: Bundle) -> None:
    """Verify a bundle against the sandbox's true root."""
    (folder / "root.json").write_bytes(server.instance().trusted_root)
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(folder / "root.json")))
    verifier.verify_dsse(bundle, policy.OIDCIssuerV2("https://token.sandbox.slsa-gen.invalid"))


def get(server: FaultyServer, path: str = "/api/v1/log/entries") -> requests.Response:
    """Ask without following redirects."""
    return requests.get(server.base_url + path, timeout=10, allow_redirects=False)


def test_without_faults_all_is_well(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """Everything is passed on, and counted."""
    server = faulty_sandbox()
    verify(server, tmp_path, sign(server, token(server, tmp_path), times=2))
    assert server.count(Endpoint.TOKEN) == 1
    assert server.count(Endpoint.CERTIFICATE) == 1
    assert server.count(Endpoint.LOG) == 2
    assert len(server.gaps(Endpoint.LOG)) == 1


def test_faults_come_in_their_order_and_end(faulty_sandbox: FaultySandboxes) -> None:
    """First those that were injected, then what is always so, until it is healed."""
    server = faulty_sandbox()
    server.inject(Endpoint.LOOK_UP, wrongs.status(503), wrongs.status(429))
    server.always(Endpoint.LOOK_UP, wrongs.status(500))
    assert [get(server).status_code for _ in range(4)] == [503, 429, 500, 500]
    server.heal()
    assert get(server).status_code == 422


def test_retry_after_in_both_forms(faulty_sandbox: FaultySandboxes) -> None:
    """Seconds, and a date so many seconds ahead."""
    server = faulty_sandbox()
    server.inject(
        Endpoint.LOOK_UP,
        wrongs.status(429, retry_after=7),
        wrongs.status(503, retry_after=7, as_date=True),
    )
    assert get(server).headers["Retry-After"] == "7"
    answer = get(server)
    date = parsedate_to_datetime(answer.headers["Retry-After"])
    assert 5 <= (date - parsedate_to_datetime(answer.headers["Date"])).total_seconds() <= 8


def test_an_outage_ends_by_itself(faulty_sandbox: FaultySandboxes) -> None:
    """Every endpoint is down for the seconds that were said."""
    server = faulty_sandbox()
    server.outage(0.3)
    started = time.monotonic()
    while get(server, "/api/v1/log").status_code == 503:
        assert get(server, "/healthz").status_code in {200, 503}
        time.sleep(0.02)
    assert time.monotonic() - started >= 0.25


def test_redirects_and_replies(faulty_sandbox: FaultySandboxes) -> None:
    """The sandbox is not asked."""
    server = faulty_sandbox()
    server.inject(
        Endpoint.LOOK_UP,
        wrongs.redirect("http://127.0.0.1:9/elsewhere"),
        wrongs.reply(b"{malformed"),
    )
    answer = get(server)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://127.0.0.1:9/elsewhere")
    assert get(server).content == b"{malformed"


def test_cut_connections(faulty_sandbox: FaultySandboxes) -> None:
    """Before, in the middle of, and after the answer was made."""
    server = faulty_sandbox()
    address = server.base_url.removeprefix("http://")
    server.inject(Endpoint.LOOK_UP, wrongs.cut_before, wrongs.cut_halfway, wrongs.cut_after)
    for _ in range(3):
        connection = HTTPConnection(address, timeout=10)
        connection.request("GET", "/api/v1/log/entries")
        with pytest.raises((HTTPException, ConnectionError)):
            connection.getresponse().read()
        connection.close()


def test_an_answer_that_is_lost_was_given(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """After cut_after the log holds the entry; after cut_before it does not."""
    for fault, size in ((wrongs.cut_after, 1), (wrongs.cut_before, 0), (wrongs.cut_halfway, 1)):
        server = faulty_sandbox()
        server.inject(Endpoint.LOG, fault)
        with pytest.raises(requests.RequestException):
            sign(server, token(server, tmp_path))
        assert get(server, "/api/v1/log").json()["treeSize"] == size


def test_a_black_hole_says_nothing(faulty_sandbox: FaultySandboxes) -> None:
    """The connection is open, and no byte comes."""
    server = faulty_sandbox()
    server.inject(Endpoint.LOOK_UP, wrongs.black_hole)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{server.base_url}/api/v1/log/entries", timeout=0.2)


def test_a_drip_takes_its_time(faulty_sandbox: FaultySandboxes) -> None:
    """The whole answer comes, slowly."""
    server = faulty_sandbox()
    whole = get(server).content
    server.inject(Endpoint.LOOK_UP, wrongs.drip(0.005), wrongs.late(0.1))
    started = time.monotonic()
    assert get(server).content == whole
    assert time.monotonic() - started >= 0.005 * len(whole)
    started = time.monotonic()
    assert get(server).content == whole
    assert time.monotonic() - started >= 0.1


def test_a_flood_is_as_large_as_it_says(faulty_sandbox: FaultySandboxes) -> None:
    """Compressed it is small on the wire and large once opened."""
    server = faulty_sandbox()
    server.inject(
        Endpoint.LOOK_UP, wrongs.flood(3), wrongs.flood(3, compressed=True), wrongs.flood(500)
    )
    assert len(get(server).content) == 3 * 1024 * 1024
    answer = get(server)
    assert int(answer.headers["Content-Length"]) < 10_000
    raw = socket.create_connection(("127.0.0.1", int(server.base_url.rpartition(":")[2])))
    raw.sendall(b"GET /api/v1/log/entries HTTP/1.1\r\nHost: x\r\n\r\n")
    response = HTTPResponse(raw)
    response.begin()
    response.close()
    raw.close()
    assert gzip.decompress(gzip.compress(b" ")) == b" "
    assert get(server).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        wrongs.corrupt_promise,
        wrongs.corrupt_proof,
        wrongs.corrupt_checkpoint,
        wrongs.corrupt_body,
        wrongs.corrupt_time,
    ],
)
def test_a_corrupt_entry_makes_a_bundle_that_does_not_verify(
    faulty_sandbox: FaultySandboxes, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    """The library takes it from the log, and refuses it when it verifies."""
    server = faulty_sandbox()
    server.always(Endpoint.LOG, wrongs.rewrite(change))
    for times in (1, 2):
        bundle = sign(server, token(server, tmp_path), times=times)
        with pytest.raises(VerificationError):
            verify(server, tmp_path, bundle)


def test_another_entry_does_not_verify(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A good entry, of something else."""
    server = faulty_sandbox()
    server.inject(Endpoint.LOG, wrongs.pass_on, wrongs.replay)
    bundle = sign(server, token(server, tmp_path), times=2)
    with pytest.raises(VerificationError):
        verify(server, tmp_path, bundle)


def test_parts_can_be_taken_away(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A log that gives no promise."""
    server = faulty_sandbox()
    change = wrongs.without("verification", "signedEntryTimestamp")
    server.inject(Endpoint.LOG, wrongs.rewrite(change))
    with pytest.raises(KeyError):
        sign(server, token(server, tmp_path))
    document = {"a": 1, "b": 2}
    wrongs.without("a")(document)
    assert document == {"b": 2}


def test_a_corrupt_certificate_is_none(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """Its SCT still holds, its own signature does not."""
    server = faulty_sandbox()
    server.inject(Endpoint.CERTIFICATE, wrongs.rewrite(wrongs.corrupt_certificate))
    raw = token(server, tmp_path)
    with pytest.raises(Exception, match="not one that this sandbox issued"):
        sign(server, raw)


@pytest.mark.parametrize("forged", ["ct_key", "log_key", "intermediate_key"])
def test_a_forging_sandbox_is_found_out(
    faulty_sandbox: FaultySandboxes, tmp_path: Path, forged: str
) -> None:
    """It signs, but with keys that its root does not know."""
    server = faulty_sandbox(forged=forged)
    raw = token(server, tmp_path)
    with pytest.raises(VerificationError):
        verify(server, tmp_path, sign(server, raw))


def test_lifetimes(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """Tokens and certificates as short as a test wants them."""
    server = faulty_sandbox(token_seconds=4, certificate_seconds=3)
    raw = token(server, tmp_path)
    claims = jwt.decode(raw, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 4
    certificate = sign(server, raw).signing_certificate
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert life.total_seconds() == 3


def test_a_wrong_clock(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """The sandbox's time is its own: what it signs holds by it."""
    server = faulty_sandbox(clock=SkewedClock(SystemClock(), -120))
    bundle = sign(server, token(server, tmp_path))
    behind = SystemClock().now() - bundle.signing_certificate.not_valid_before_utc
    assert 119 <= behind.total_seconds() <= 130
    verify(server, tmp_path, bundle)
