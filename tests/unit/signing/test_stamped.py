"""Bundles with timestamps: version 1 logs with an authority, and version 2 logs.

A version 2 log's entries carry no time. Its API is played here with a fixed answer: the
library takes it as it is, and whether it holds is not this package's question.
"""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from slsa_gen.errors import ServiceError, SigningError
from slsa_gen.reasons import Reason
from tests.support import wrongs
from tests.support.clock import START
from tests.support.faults import Endpoint
from tests.support.timestamps import TimestampAuthority
from tests.support.wire import Server, answer, serving
from tests.unit.signing.material import Bench, make_bench, make_statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slsa_gen.model.instance import SigstoreInstance
    from tests.support.faults import FaultyServer
    from tests.support.sandboxes import FaultySandboxes

pytestmark = pytest.mark.network

V2_ENTRY = {
    "logIndex": "5",
    "logId": {"keyId": base64.b64encode(b"x" * 32).decode()},
    "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
    "inclusionProof": {
        "logIndex": "5",
        "rootHash": base64.b64encode(b"y" * 32).decode(),
        "treeSize": "6",
        "hashes": [],
        "checkpoint": {"envelope": "log\n6\nx\n\n— log x\n"},
    },
    "canonicalizedBody": base64.b64encode(b"{}").decode(),
}


def with_services(server: FaultyServer, **lists: list[str]) -> SigstoreInstance:
    """Return the sandbox's instance with these services instead, by their lists' names."""
    instance = server.instance()
    assert instance.signing_config is not None
    config = json.loads(instance.signing_config)
    for name, urls in lists.items():
        versions = 2 if name == "rekorTlogUrls" else 1
        config[name] = [
            {"url": url, "majorApiVersion": versions, "operator": str(number)}
            for number, url in enumerate(urls)
        ]
    return replace(instance, signing_config=json.dumps(config).encode())


@contextmanager
def stamping(
    faulty_sandbox: FaultySandboxes, folder: Path, *, v2: bool = False, budget: float = 5.0
) -> Iterator[tuple[Bench, TimestampAuthority, Server]]:
    """Serve a sandbox with a timestamp authority, and a version 2 log if wanted."""
    made = answer(
        json.dumps(V2_ENTRY).encode(), "201 Created", "Content-Type: application/json\r\n"
    )
    server = faulty_sandbox()
    with TimestampAuthority() as authority, serving(made) as log:
        lists = {"tsaUrls": [authority.url]}
        if v2:
            lists["rekorTlogUrls"] = [log.url]
        instance = with_services(server, **lists)
        bench = make_bench(server, folder, instance=instance, budget=budget)
        with bench.signer:
            yield bench, authority, log


def stamps_of(bundle: dict[str, Any]) -> list[bytes]:
    """Return a bundle's timestamps."""
    data = bundle["verificationMaterial"]["timestampVerificationData"]
    return [base64.b64decode(stamp["signedTimestamp"]) for stamp in data["rfc3161Timestamps"]]


def test_a_named_authority_stamps_the_bundle(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The timestamp stands in the bundle; a failure before it costs no further log entry."""
    with stamping(faulty_sandbox, tmp_path) as (bench, authority, log):
        authority.http = [503, 503]
        signed = bench.signer.sign(make_statement())
        assert signed.extra_entries == 0
        assert len(stamps_of(json.loads(signed.bundle))) == 1
        assert authority.asked == 3
        assert bench.server.count(Endpoint.LOG) == 1
        assert log.heads == []


def test_a_version_2_entry_has_the_librarys_timestamp(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The authority is waited for before the log takes an entry; the library then asks it."""
    with stamping(faulty_sandbox, tmp_path, v2=True) as (bench, authority, log):
        authority.http = [503, 503]
        signed = bench.signer.sign(make_statement())
        assert signed.extra_entries == 0
        assert len(stamps_of(json.loads(signed.bundle))) == 1
        assert authority.asked == 4
        assert [head.split()[1] for head in log.heads] == ["/api/v2/log/entries"]


def test_a_version_2_entry_without_a_timestamp_is_made_anew(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The authority fails just when the library asks: one entry in vain, and it is counted."""
    with stamping(faulty_sandbox, tmp_path, v2=True) as (bench, authority, log):
        authority.http = [200, 503]
        assert bench.signer.sign(make_statement()).extra_entries == 1
        assert len(log.heads) == 2
    assert "the timestamp authority gave no timestamp for it" in bench.notices[0]


def test_a_version_2_log_is_not_filled_with_entries_in_vain(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """After three entries without a timestamp it is an error that says so."""
    with stamping(faulty_sandbox, tmp_path, v2=True) as (bench, authority, log):
        authority.http = [200, 503] * 10
        with pytest.raises(SigningError) as caught:
            bench.signer.sign(make_statement())
        assert len(log.heads) == 3
    assert caught.value.reason is Reason.SIGNING_TIMESTAMP
    assert caught.value.message.endswith("; the log may hold 3 entries that no bundle names")


def test_a_version_2_timestamp_of_something_else_is_refused(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The library does not look at what a timestamp is over; we do."""
    with stamping(faulty_sandbox, tmp_path, v2=True) as (bench, authority, _log):
        original = authority.answer

        def wrong_at_last(request: bytes) -> bytes:
            authority.imprint = None if authority.asked == 1 else b"\0" * 32
            return original(request)

        authority.answer = wrong_at_last  # type: ignore[method-assign]  # right when probed
        with pytest.raises(SigningError, match="over something other than this signature"):
            bench.signer.sign(make_statement())


def test_a_version_2_log_is_left_alone_while_the_authority_is_down(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """An authority that stays down is an error before the log has any entry."""
    with stamping(faulty_sandbox, tmp_path, v2=True, budget=10.0) as (bench, authority, log):
        authority.http = [503] * 1000
        with pytest.raises(SigningError, match="no timestamp could be had") as caught:
            bench.signer.sign(make_statement())
        assert log.heads == []
    assert "entries" not in caught.value.message.rpartition("(tried")[2]


def test_without_a_timestamp_there_is_no_bundle(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """An authority that refuses is an error, and the entry that the log has is said."""
    with stamping(faulty_sandbox, tmp_path) as (bench, authority, _log):
        authority.http = [404] * 10
        with pytest.raises(SigningError) as caught:
            bench.signer.sign(make_statement())
    assert caught.value.reason is Reason.SIGNING_TIMESTAMP
    assert caught.value.message.endswith("; the log holds an entry that no bundle names")


def test_a_timestamp_after_the_certificates_end_is_of_no_use(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """The statement is signed anew, twice at most; the entries in vain are counted."""
    with stamping(faulty_sandbox, tmp_path) as (bench, authority, _log):
        authority.now = START + timedelta(days=36500)
        with pytest.raises(SigningError) as caught:
            bench.signer.sign(make_statement())
        assert authority.asked == 3
    assert caught.value.reason is Reason.SIGNING_TIMESTAMP
    assert "is outside the certificate's life" in caught.value.message
    assert caught.value.message.endswith("; the log holds 3 entries that no bundle names")


def test_a_slow_authority_is_survived(faulty_sandbox: FaultySandboxes, tmp_path: Path) -> None:
    """One timestamp that came too late costs a second entry, and the bundle is whole."""
    with stamping(faulty_sandbox, tmp_path) as (bench, authority, _log):
        original = authority.answer

        def late_once(request: bytes) -> bytes:
            authority.now = START + timedelta(days=36500) if authority.asked == 1 else None
            return original(request)

        authority.answer = late_once  # type: ignore[method-assign]  # one wrong answer
        signed = bench.signer.sign(make_statement())
    assert signed.extra_entries == 1
    assert len(stamps_of(json.loads(signed.bundle))) == 1
    assert bench.server.count(Endpoint.CERTIFICATE) == 2


def test_a_version_2_log_without_an_authority_is_not_even_asked(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """Nobody could verify the bundle: that is said before the log takes an entry."""
    server = faulty_sandbox()
    with serving(answer(b"{}")) as log:
        instance = with_services(server, rekorTlogUrls=[log.url])
        with pytest.raises(ServiceError, match="it names no timestamp authority") as caught:
            make_bench(server, tmp_path, instance=instance)
        assert log.heads == []
    assert caught.value.reason is Reason.SIGNING_CONFIGURATION


def test_a_version_1_entry_without_a_time_needs_an_authority(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """A log that leaves its time out makes a bundle that nobody can verify: an error."""
    server = faulty_sandbox()

    def no_time(document: dict[str, Any]) -> None:
        wrongs.entry_of(document)["integratedTime"] = 0

    server.always(Endpoint.LOG, wrongs.rewrite(no_time))
    bench = make_bench(server, tmp_path)
    with bench.signer, pytest.raises(SigningError) as caught:
        bench.bundle()
    assert caught.value.reason is Reason.SIGNING_TIMESTAMP
    assert caught.value.message.endswith("; the log holds an entry that no bundle names")


def test_a_version_2_bundle_has_as_many_timestamps_as_are_wanted(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """Two are wanted, one failed the library, which goes on with a warning: an error here."""
    made = answer(
        json.dumps(V2_ENTRY).encode(), "201 Created", "Content-Type: application/json\r\n"
    )
    server = faulty_sandbox()
    with TimestampAuthority() as one, TimestampAuthority() as two, serving(made) as log:
        instance = with_services(server, tsaUrls=[one.url, two.url], rekorTlogUrls=[log.url])
        two.http = [200, 503]
        bench = make_bench(server, tmp_path, instance=instance)
        with bench.signer, pytest.raises(SigningError, match="1 of 2 timestamp authorities"):
            bench.signer.sign(make_statement())
