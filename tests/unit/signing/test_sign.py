"""Tests of slsa_gen.signing.sign: against the sandbox, well and with faults before it."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import ContextError, ServiceError, SigningError
from slsa_gen.reasons import Reason
from tests.support import wrongs
from tests.support.faults import Endpoint
from tests.support.wire import answer, serving
from tests.unit.signing.material import as_token, make_bench, make_statement

if TYPE_CHECKING:
    from slsa_gen.model.token import IdentityToken
    from tests.support.sandboxes import FaultySandboxes
    from tests.support.wrongs import Fault

pytestmark = pytest.mark.network


def test_a_statement_becomes_a_bundle_of_one_line(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The bundle carries the statement byte for byte, a certificate and one log entry."""
    server = faulty_sandbox()
    statement = make_statement(names=3)
    bench = make_bench(server, tmp_path)
    with bench.signer as signer:
        signer.start()
        signed = signer.sign(statement)
    assert signed.extra_entries == 0
    assert b"\n" not in signed.bundle
    document = json.loads(signed.bundle)
    assert base64.b64decode(document["dsseEnvelope"]["payload"]) == statement.payload
    assert len(document["verificationMaterial"]["tlogEntries"]) == 1
    assert bench.notices == []


def test_one_certificate_serves_many_statements(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """As long as it lives, neither a token nor a certificate is asked for again."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    with bench.signer:
        for _ in range(3):
            bench.bundle()
    assert server.count(Endpoint.CERTIFICATE) == 1
    assert server.count(Endpoint.TOKEN) == 1
    assert server.count(Endpoint.LOG) == 3


def test_short_lived_tokens_and_certificates_are_renewed(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """What has less than a minute left is renewed, also when it never has more."""
    server = faulty_sandbox(token_seconds=5, certificate_seconds=5)
    bench = make_bench(server, tmp_path)
    with bench.signer:
        bench.bundle()
        bench.bundle()
    assert server.count(Endpoint.CERTIFICATE) == 2
    assert len(bench.tokens.fetched) == 2
    assert bench.tokens.fetched[0].raw != bench.tokens.fetched[1].raw


REFUSALS = [
    (
        Endpoint.CERTIFICATE,
        wrongs.status(400, b'{"code":3,"message":"bad audience"}'),
        Reason.SIGNING_CERTIFICATE_REFUSED,
        '400 Bad Request: {"code":3,"message":"bad audience"}',
    ),
    (
        Endpoint.CERTIFICATE,
        wrongs.status(403, b""),
        Reason.SIGNING_CERTIFICATE_REFUSED,
        "403 Forbidden",
    ),
    (
        Endpoint.CERTIFICATE,
        wrongs.reply(b"not json"),
        Reason.SIGNING_CERTIFICATE_ANSWER,
        "gave an answer that cannot be used",
    ),
    (
        Endpoint.CERTIFICATE,
        wrongs.reply(b'{"signedCertificateEmbeddedSct":{"chain":{"certificates":[]}}}'),
        Reason.SIGNING_CERTIFICATE_ANSWER,
        "Certificate chain is too short",
    ),
    (
        Endpoint.LOG,
        wrongs.status(400, b'{"code":400,"message":"no"}'),
        Reason.SIGNING_LOG_REFUSED,
        '400 Bad Request: {"code":400,"message":"no"}',
    ),
    (
        Endpoint.LOG,
        wrongs.status(413, b"too \x1b[31mlarge\n"),
        Reason.SIGNING_LOG_REFUSED,
        f"answered 413 {HTTPStatus(413).phrase}: too [31mlarge",
    ),
    (
        Endpoint.LOG,
        wrongs.reply(b"{}", 201),
        Reason.SIGNING_LOG_ANSWER,
        "gave an answer that cannot be used",
    ),
    (
        Endpoint.LOG,
        wrongs.rewrite(wrongs.without("verification", "signedEntryTimestamp")),
        Reason.SIGNING_LOG_ANSWER,
        "KeyError",
    ),
]


def test_what_will_not_pass_is_said_once(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A refusal or a useless answer is final: the stage, the service's words, and a hint."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    with bench.signer:
        for endpoint, fault, reason, says in REFUSALS:
            before = server.count(endpoint)
            server.inject(endpoint, fault)
            with pytest.raises(SigningError) as caught:
                bench.bundle()
            assert caught.value.reason is reason
            assert says in caught.value.message
            assert caught.value.hint
            assert caught.value.message.isprintable()
            assert server.count(endpoint) == before + 1


def test_an_untrusted_certificate_is_not_used(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A certificate whose SCT the trusted root does not confirm ends the signing."""
    server = faulty_sandbox(forged="ct_key")
    bench = make_bench(server, tmp_path)
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_CERTIFICATE_ANSWER
    assert "the trusted root does not confirm its answer" in caught.value.message
    assert server.count(Endpoint.LOG) == 0


def test_what_may_pass_is_tried_again(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """Either service may fail often; each wait is announced with the service's name."""
    server = faulty_sandbox()
    faults = [*(wrongs.status(code) for code in (408, 429, 499, 503)), wrongs.cut_before]
    server.inject(Endpoint.CERTIFICATE, *faults)
    server.inject(Endpoint.LOG, *faults)
    bench = make_bench(server, tmp_path, longest_wait_seconds=0.05)
    with bench.signer:
        bench.bundle()
    assert server.count(Endpoint.LOG) == 6
    names = [line.partition(" (http://127.0.0.1:")[0] for line in bench.notices]
    assert names == ["the certificate authority"] * 5 + ["the transparency log"] * 5


def test_entries_without_a_bundle_are_counted(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """An answer that was lost after the log may have accepted is counted, no other."""
    cases = [
        (wrongs.cut_after, 1),
        (wrongs.cut_halfway, 1),
        (wrongs.status(502), 1),
        (wrongs.status(504), 1),
        (wrongs.status(500), 1),
        (wrongs.status(499), 1),
        (wrongs.status(503), 0),
        (wrongs.status(429), 0),
    ]
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    with bench.signer as signer:
        for fault, extra in cases:
            server.inject(Endpoint.LOG, fault)
            assert signer.sign(make_statement()).extra_entries == extra


def test_a_lost_answer_of_the_authority_is_no_entry(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """Only the transparency log's requests count."""
    server = faulty_sandbox()
    server.inject(Endpoint.CERTIFICATE, wrongs.cut_after)
    bench = make_bench(server, tmp_path)
    with bench.signer as signer:
        assert signer.sign(make_statement()).extra_entries == 0


def test_the_error_says_what_the_log_may_hold(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """When no try succeeds, the entries that may be there are part of the message."""
    server = faulty_sandbox()
    server.inject(Endpoint.LOG, wrongs.cut_after, wrongs.cut_after)
    server.always(Endpoint.LOG, wrongs.status(400))
    bench = make_bench(server, tmp_path)
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.message.endswith("; the log may hold 2 entries that no bundle names")
    assert caught.value.reason is Reason.SIGNING_LOG_REFUSED


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [(Endpoint.CERTIFICATE, wrongs.drip(0.05)), (Endpoint.LOG, wrongs.black_hole)],
    ids=["authority drips", "log is silent"],
)
def test_no_service_holds_a_try_beyond_its_deadline(
    faulty_sandbox: FaultySandboxes, tmp_path: Path, endpoint: Endpoint, fault: Fault
) -> None:
    """Silence and drips are cut off by ending the child; the next try has a new one."""
    server = faulty_sandbox()
    server.inject(endpoint, fault)
    bench = make_bench(server, tmp_path, attempt_seconds=0.7)
    with bench.signer as signer:
        signed = signer.sign(make_statement())
    assert signed.extra_entries == (1 if endpoint is Endpoint.LOG else 0)
    assert "could not be reached: no whole answer within 0." in bench.notices[0]
    assert server.count(endpoint) == 2


def test_a_black_hole_ends_with_the_budget(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A service that never answers is given up when the budget is used up, not later."""
    server = faulty_sandbox()
    server.always(Endpoint.CERTIFICATE, wrongs.black_hole)
    bench = make_bench(server, tmp_path, budget=1.5, attempt_seconds=0.5)
    start = time.monotonic()
    with bench.signer, pytest.raises(ServiceError) as caught:
        bench.bundle()
    assert time.monotonic() - start < 60  # without a bound it would never end
    assert caught.value.reason in {
        Reason.SIGNING_CERTIFICATE_UNREACHABLE,
        Reason.SIGNING_PROCESS,
    }


def test_an_endless_answer_is_an_error_and_no_full_machine(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """300 MiB, or 300 KiB that decompress to them, end in an error in the child."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    with bench.signer as signer:
        for endpoint in (Endpoint.CERTIFICATE, Endpoint.LOG):
            for compressed in (False, True):
                server.inject(endpoint, wrongs.flood(300, compressed=compressed))
                with pytest.raises(SigningError) as caught:
                    bench.bundle()
                assert caught.value.reason is Reason.SIGNING_ANSWER_TOO_LARGE
        status = Path(f"/proc/{signer._session.start().pid}/status").read_text("ascii")
    (peak,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    assert int(peak) < 250_000


def test_a_redirect_never_takes_anything_elsewhere(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """Neither token nor statement reaches the server that a redirect names."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    with serving(answer(b"stolen")) as other, bench.signer:
        for endpoint in (Endpoint.CERTIFICATE, Endpoint.LOG):
            for code in (301, 302, 303, 307, 308):
                server.inject(endpoint, wrongs.redirect(f"{other.url}/x", code))
                with pytest.raises(SigningError) as caught:
                    bench.bundle()
                assert caught.value.reason is Reason.SIGNING_REDIRECT
                says = f"pointed to '{other.url}/x'; redirects are not followed"
                assert says in caught.value.message
        assert other.heads == []


def test_a_netrc_does_not_replace_the_token(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A .netrc in the home folder, which requests would prefer to the token, is not read."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password wrong\n")
    netrc.chmod(0o600)
    environment = {"HOME": str(tmp_path), "NETRC": str(netrc)}
    bench = make_bench(faulty_sandbox(), tmp_path, environment=environment)
    with bench.signer:
        bench.bundle()


def test_loopback_never_goes_through_a_proxy(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A proxy in the environment does not see what goes to this machine."""
    with serving(answer(b"proxied")) as proxy:
        names = ("HTTPS_PROXY", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
        environment = dict.fromkeys(names, proxy.url)
        bench = make_bench(faulty_sandbox(), tmp_path, environment=environment)
        with bench.signer:
            bench.bundle()
        assert proxy.heads == []


def test_a_token_of_another_identity_is_refused(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A renewed token must be for the same run; the message names the claims that differ."""
    server = faulty_sandbox(token_seconds=5, certificate_seconds=5)
    bench = make_bench(server, tmp_path)
    with bench.signer:
        bench.bundle()
        bench.tokens.variables = server.run_variables(tmp_path)
        with pytest.raises(SigningError) as caught:
            bench.bundle()
    assert caught.value.reason is Reason.SIGNING_TOKEN_CHANGED
    assert "run_id changed" in caught.value.message
    assert server.count(Endpoint.CERTIFICATE) == 1


def test_an_expired_token_is_not_sent(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A source that gives a token of yesterday is told so, and nothing is asked."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    token = bench.tokens.fetch()
    old = replace(token, expires_at=token.expires_at - timedelta(hours=1))
    bench.tokens.fetch = lambda: old  # type: ignore[method-assign]  # a source that keeps one
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_TOKEN_EXPIRED
    assert old.raw not in caught.value.message
    assert server.count(Endpoint.CERTIFICATE) == 0


def test_a_token_that_the_library_refuses_is_said(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A token for another audience ends before the authority is asked; it is not printed."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    variables = bench.tokens.variables
    url = variables["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=other"
    raw = json.loads(
        bench.tokens.client.get(
            url, service="x", bearer=variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        ).body
    )["value"]
    bench.tokens.fetch = lambda: as_token(raw)  # type: ignore[method-assign]  # as above
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_TOKEN
    assert "InvalidAudienceError" in caught.value.message
    assert raw not in caught.value.message
    assert server.count(Endpoint.CERTIFICATE) == 0


def test_a_token_that_the_authority_repeats_is_not_printed(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """An authority that echoes the token does not bring it into the message."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)
    token = bench.tokens.fetch()
    bench.tokens.fetch = lambda: token  # type: ignore[method-assign]  # one that is known here
    server.always(Endpoint.CERTIFICATE, wrongs.status(400, f"no: {token.raw}".encode()))
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert token.raw not in caught.value.message
    assert "no: [token]" in caught.value.message


def test_a_killed_child_is_replaced(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A child that died between two statements costs a new one, and no error."""
    bench = make_bench(faulty_sandbox(), tmp_path)
    with bench.signer as signer:
        bench.bundle()
        child = signer._session.start()
        os.kill(child.pid, signal.SIGKILL)
        child._process.wait()
        bench.bundle()
    assert bench.server.count(Endpoint.CERTIFICATE) == 2


def test_a_root_alone_cannot_sign(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """An instance without a signing configuration is refused when the signer is made."""
    server = faulty_sandbox()
    instance = replace(server.instance(), signing_config=None)
    with pytest.raises(SigningError, match="a trusted root only") as caught:
        make_bench(server, tmp_path, instance=instance)
    assert caught.value.reason is Reason.SIGNING_CONFIGURATION


def test_a_root_that_the_library_does_not_take_is_said(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """What the child cannot read as a configuration is an error of the configuration."""
    server = faulty_sandbox()
    instance = replace(server.instance(), trusted_root=b'{"mediaType": "x"}')
    bench = make_bench(server, tmp_path, instance=instance)
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_CONFIGURATION
    assert "does not take the Sigstore configuration" in caught.value.message


def test_a_large_predicate_is_signed(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """The child's memory limit grows with the statement: 4 MiB here, 16 in the soak tests."""
    bench = make_bench(faulty_sandbox(), tmp_path)
    with bench.signer:
        bench.bundle(make_statement(filling=4 * 1024 * 1024))


@pytest.mark.soak
def test_the_largest_predicate_is_signed(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """A predicate of 16 MiB, the most that is taken, is signed within the memory limit."""
    bench = make_bench(faulty_sandbox(), tmp_path)
    with bench.signer:
        bench.bundle(make_statement(filling=16 * 1024 * 1024))


def test_nothing_secret_is_in_arguments_or_environment(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The token and the run's variables are neither in the child's argv nor in its environ."""
    bench = make_bench(
        faulty_sandbox(), tmp_path, environment={"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "s3cret"}
    )
    with bench.signer as signer:
        bench.bundle()
        folder = Path("/proc", str(signer._session.start().pid))
        seen = folder.joinpath("cmdline").read_bytes() + folder.joinpath("environ").read_bytes()
    assert bench.tokens.fetched[0].raw.encode() not in seen
    assert b"s3cret" not in seen


def test_a_budget_that_is_used_up_is_said(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """Without any time left nothing is asked, and the option that gives more is named."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path, budget=0.0)
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_TIME_BUDGET
    assert "--retry-budget" in caught.value.hint
    assert server.seen == []


def test_a_child_that_dies_while_it_asks_is_said(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """Something (the kernel, for lack of memory) ends the process in the middle of a request."""
    server = faulty_sandbox()
    bench = make_bench(server, tmp_path)

    def kill(exchange: wrongs.Exchange) -> None:
        os.kill(bench.signer._session.start().pid, signal.SIGKILL)
        wrongs.black_hole(exchange)

    server.inject(Endpoint.LOG, kill)
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_PROCESS
    assert caught.value.message == (
        "the signing process ended while it asked the transparency log: it was ended by signal 9"
        "; the log may hold an entry that no bundle names"
    )


def test_no_further_token_does_not_hide_an_entry(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The run ends while a lost answer is tried again: the entry is said all the same."""
    server = faulty_sandbox(token_seconds=5, certificate_seconds=5)
    server.inject(Endpoint.LOG, wrongs.cut_after)
    bench = make_bench(server, tmp_path)
    first = bench.tokens.fetch

    def once() -> IdentityToken:
        if bench.tokens.fetched:
            raise ContextError("the run has ended", reason=Reason.SIGNING_TOKEN)
        return first()

    bench.tokens.fetch = once  # type: ignore[method-assign]  # as above
    with bench.signer, pytest.raises(ContextError) as caught:
        bench.bundle()
    assert str(caught.value) == (
        "the run has ended; the log may hold an entry that no bundle names"
    )
