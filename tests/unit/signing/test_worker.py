"""Tests of slsa_gen.signing.worker and .keyless, in the test's own process."""

from __future__ import annotations

import base64
import json
import resource
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.signing.protocol import Frame
from slsa_gen.signing.services import choose
from slsa_gen.signing.worker import ROOM, ROOM_PER_BYTE, Worker, limit_memory
from tests.unit.signing.material import make_bench, make_statement

if TYPE_CHECKING:
    from tests.support.sandboxes import FaultySandboxes


@pytest.mark.network
def test_a_worker_configures_certifies_and_signs(
    faulty_sandbox: FaultySandboxes, tmp_path: Path
) -> None:
    """Each step is a frame; the last answer is the bundle, over the statement's own bytes."""
    server = faulty_sandbox()
    services = choose(server.instance(), SystemClock().now(), DEFAULT_LIMITS)
    token = make_bench(server, tmp_path).tokens.fetch()
    statement = make_statement()
    worker = Worker()
    configure = worker.answer(Frame({"ask": "configure"}, services.trust_config))
    assert configure.header == {"ok": True}
    early = worker.answer(Frame({"ask": "sign"}, statement.payload))
    assert "no certificate was asked for yet" in early.text("why")
    for _ in range(2):
        certify = worker.answer(Frame({"ask": "certify"}, token.raw.encode()))
        assert certify.header == {"ok": True}
        assert certify.body == b""
    signed = worker.answer(Frame({"ask": "sign"}, statement.payload))
    envelope = json.loads(signed.body)["dsseEnvelope"]
    assert base64.b64decode(envelope["payload"]) == statement.payload


def test_a_statement_that_the_library_refuses_is_reported() -> None:
    """What is no statement fails with the library's own words, not with a dead process."""
    frame = Worker().answer(Frame({"ask": "certify"}, b"token"))
    assert frame.header["failure"] == "other"
    assert "not configured yet" in frame.text("why")


def test_memory_is_limited_during_a_request_and_free_after_it() -> None:
    """The limit is what is in use and the room on top; afterwards it is as it was."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    used = pages * resource.getpagesize()
    try:
        limit_memory(ROOM)
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        with pytest.raises(MemoryError):
            bytearray(2 * ROOM)
    finally:
        limit_memory(None)
    assert hard == before[1]
    assert used + ROOM <= soft < used + 2 * ROOM
    assert resource.getrlimit(resource.RLIMIT_AS) == (hard, hard)
    assert ROOM_PER_BYTE > 4


def test_where_the_kernel_says_nothing_no_memory_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without /proc the deadline alone holds."""
    before = resource.getrlimit(resource.RLIMIT_AS)

    def missing(*_arguments: object, **_options: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    limit_memory(ROOM)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
