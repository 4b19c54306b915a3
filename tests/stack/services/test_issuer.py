"""What a user meets when the issuer itself cannot be believed, or cannot be reached."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from slsa_gen.clock import SystemClock
from tests.stack.services import keys
from tests.stack.services.between import between
from tests.support import wrongs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stack.services.between import Between
    from tests.stack.services.readings import Readings
    from tests.stack.services.runs import Run
    from tests.support.wrongs import Fault

pytestmark = [
    pytest.mark.network,
    # The log comes later: which one it would be makes no difference.
    pytest.mark.parametrize("log", [2], indirect=True, ids=["rekor-v2"]),
]


def _untrusted(folder: Path) -> tuple[Path, Path]:
    return keys.server_certificate(folder, "stranger", SystemClock().now())


def _other_name(folder: Path) -> tuple[Path, Path]:
    return keys.server_certificate(folder, "elsewhere", SystemClock().now(), "192.0.2.1")


def _expired(folder: Path) -> tuple[Path, Path]:
    then = SystemClock().now() - timedelta(days=90)
    return keys.server_certificate(folder, "expired", then)


#: What the issuer shows, whether its own certificate is what is trusted, and what is said.
CERTIFICATES: Final[dict[str, tuple[Callable[[Path], tuple[Path, Path]], bool, str]]] = {
    "an untrusted certificate": (_untrusted, False, "self-signed certificate"),
    "a certificate for another name": (_other_name, True, "IP address mismatch"),
    "an expired certificate": (_expired, True, "certificate has expired"),
}


def _nobody_else_heard(there: Between) -> bool:
    return not any(proxy.calls for name, proxy in there.proxies.items() if name != "token")


@pytest.mark.parametrize("fault", CERTIFICATES)
def test_an_issuer_that_tls_does_not_vouch_for_is_not_believed(
    run: Run, readings: Readings, fault: str
) -> None:
    """At once, since another try would show the same; and nobody sees the token."""
    make, trusted, words = CERTIFICATES[fault]
    certificate = make(run.cli.write("tls/folder").parent)
    if trusted:
        run.cli.variables["REQUESTS_CA_BUNDLE"] = str(certificate[0])
    with between(run) as there, run.stack.issuer_server.presenting(certificate):
        outcome, seconds = there.attest()

    message = readings.add((fault, "issuer", run.log), outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, "service.certificate")
    assert words in message
    assert "trying again" not in outcome.err
    assert there.proxies["token"].calls == 1
    assert all(door.calls == 0 for door in there.documents.values())
    assert _nobody_else_heard(there)
    assert not list(run.cli.folder.glob("*.jsonl"))


def test_without_the_ca_of_ones_own_the_hint_says_how_it_is_named(
    run: Run, readings: Readings
) -> None:
    """As when the variable was forgotten."""
    del run.cli.variables["REQUESTS_CA_BUNDLE"]
    with between(run) as there:
        outcome, seconds = there.attest()

    readings.add(("its CA is not named", "issuer", run.log), outcome, seconds)
    assert (outcome.code, outcome.reason) == (3, "service.certificate")
    assert "export REQUESTS_CA_BUNDLE=/path/to/ca.pem" in outcome.err


@pytest.mark.parametrize("server", ["issuer", "token"])
def test_an_issuer_that_does_not_listen_is_an_error_in_time(
    run: Run, readings: Readings, server: str
) -> None:
    """Refused connections are tried again until the time is used up."""
    server_port = run.stack.ports[server]
    config = run.sigstore
    run.cli.write("app")
    with run.stack.issuer_server.away(server_port):
        outcome = run.cli("attest", "--sigstore", config, "--retry-budget", "2", "app")

    message = readings.add(("nobody listens", server, run.log), outcome, 2)
    assert (outcome.code, outcome.reason) == (3, "service.unreachable")
    assert "Connection refused" in message
    again = run.cli("attest", "--sigstore", config, "app")
    assert again.code == 0, again.err


def _no_keys(document: dict[str, Any]) -> None:
    document["keys"] = []


def _keys_elsewhere(document: dict[str, Any]) -> None:
    document["jwks_uri"] = "https://evil.example.org/keys"


def _another_issuer(document: dict[str, Any]) -> None:
    document["issuer"] = "https://token.example.org"


#: Documents that parse and do not hold: where, how, and what is said.
LIES: Final[dict[str, tuple[str, Fault, str, str]]] = {
    "a key set without keys": (
        "keys",
        wrongs.rewrite(_no_keys),
        "context.token",
        "has the key id",
    ),
    "keys that are somewhere else": (
        "discovery",
        wrongs.rewrite(_keys_elsewhere),
        "context.issuer-keys",
        "another origin",
    ),
    "the configuration of another issuer": (
        "discovery",
        wrongs.rewrite(_another_issuer),
        "context.issuer-keys",
        "is that of 'https://token.example.org'",
    ),
}


@pytest.mark.parametrize("fault", LIES)
def test_documents_of_the_issuer_that_do_not_hold_are_not_believed(
    run: Run, readings: Readings, fault: str
) -> None:
    """No token is shown to the certificate authority then."""
    document, wrong, reason, words = LIES[fault]
    with between(run) as there:
        there.documents[document].always(wrong)
        outcome, seconds = there.attest()

    message = readings.add(
        (fault, document, run.log), outcome, seconds, there.documents[document].calls
    )
    assert (outcome.code, outcome.reason) == (3, reason)
    assert words in message
    assert _nobody_else_heard(there)
    assert not list(run.cli.folder.glob("*.jsonl"))
