"""A repository that does not answer as it should: within seconds the newest known root serves."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import InstanceKind
from tests.integration.trust.conftest import DAY
from tests.support import wrongs
from tests.support.runner import ROOT
from tests.support.sandboxes import REPOSITORY
from tests.support.tuf_client import described
from tests.support.tuf_repository import TufRepository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.integration.trust.conftest import Person, Signer
    from tests.support.wrongs import Fault

pytestmark = pytest.mark.network

START: Final = "the trusted root of test could not be refreshed: the TUF repository (URL"
EVERY: Final = ""
EVIL: Final = "https://evil.example.com/2.root.json"
TIMESTAMP: Final = "/timestamp.json"

#: What goes wrong where, and what is said of it.
FAULTS: Final[dict[str, tuple[str, Fault, str]]] = {
    "404 for all": (
        EVERY,
        wrongs.status(404, b""),
        "/timestamp.json) answered 404 Not Found",
    ),
    "403 for all": (
        EVERY,
        wrongs.status(403, b"<Error>AccessDenied</Error>"),
        "/timestamp.json) answered 403 Forbidden: <Error>AccessDenied</Error>",
    ),
    "429 for all": (
        EVERY,
        wrongs.status(429, b"", retry_after=3600),
        "/2.root.json) answered 429 Too Many Requests",
    ),
    "500 for all": (
        EVERY,
        wrongs.status(500, b"oops"),
        "/2.root.json) answered 500 Internal Server Error: oops",
    ),
    "503 for one": (
        TIMESTAMP,
        wrongs.status(503, b""),
        "/timestamp.json) answered 503 Service Unavailable",
    ),
    "a redirect": (
        EVERY,
        wrongs.redirect(EVIL),
        f"/2.root.json) answered 307 Temporary Redirect and pointed to '{EVIL}'; redirects are",
    ),
    "cut before": (EVERY, wrongs.cut_before, "/2.root.json) could not be reached: "),
    "cut half-way": (TIMESTAMP, wrongs.cut_halfway, "/timestamp.json) could not be reached: "),
    "100 MiB": (TIMESTAMP, wrongs.flood(), "answered with more than the 4194304 bytes"),
    "100 MiB, compressed": (
        TIMESTAMP,
        wrongs.flood(compressed=True),
        "answered with more than the 4194304 bytes",
    ),
    "100 MiB of an error": (TIMESTAMP, wrongs.flood(code=500), "/timestamp.json) answered 500"),
    "more than a timestamp": (
        TIMESTAMP,
        wrongs.reply(b" " * 20_000),
        "/timestamp.json) answered with 20000 bytes; 16384 at most were expected",
    ),
    "no JSON": (TIMESTAMP, wrongs.reply(b"<html>"), "serves does not hold: "),
    "deep JSON": (TIMESTAMP, wrongs.reply(b"[" * 16_000), "serves does not hold: "),
    "a large number": (
        TIMESTAMP,
        wrongs.reply(b'{"signed":{"version":' + b"9" * 16_000 + b"}}"),
        "serves does not hold: ",
    ),
    "nothing": (TIMESTAMP, wrongs.reply(b""), "serves does not hold: "),
    "an odd root": (
        "/2.root.json",
        wrongs.reply(b'{"signed":{"_type":"root"},"signatures":[]}'),
        "serves does not hold: ",
    ),
    "words for a terminal": (
        TIMESTAMP,
        wrongs.status(400, "\x1b[2J\r\n::error::\u202e".encode()),
        "/timestamp.json) answered 400 Bad Request",
    ),
}


@pytest.mark.parametrize("cached", [False, True], ids=["nothing cached", "a cache of yesterday"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_a_note_and_the_next_command_asks_again(
    person: Person, name: str, *, cached: bool
) -> None:
    """The newest known root serves, its age is said, and the cache is as it was."""
    if cached:
        person.is_right()
        person.later = DAY
    path, fault, said = FAULTS[name]
    person.tuf.faults[path] = fault

    note = person.is_right()

    assert note.startswith("TUF, fetched 1 day ago; " if cached else "the copy of ")
    assert said in note
    assert note.isprintable()
    assert "\u202e" not in note
    assert person.asks("real").seconds < DEFAULT_LIMITS.trust_slow_seconds
    person.tuf.faults.clear()
    assert person.is_right() == "TUF, fetched less than a minute ago"


@pytest.mark.parametrize("cached", [False, True], ids=["nothing cached", "a cache of yesterday"])
def test_nobody_answers(person: Person, signers: Mapping[str, Signer], *, cached: bool) -> None:
    """A refused connection is said at once, and asked for again by the next command."""
    if cached:
        person.is_right()
        person.later = DAY
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = _Elsewhere(person.tuf.now, signers["real"].root, None)
    nobody.__dict__ |= {**person.tuf.__dict__, "elsewhere": f"http://127.0.0.1:{port}"}
    reachable, person.tuf = person.tuf, nobody

    note = person.is_right()

    assert note.startswith("TUF, fetched 1 day ago; " if cached else "the copy of ")
    assert note.endswith(f"{START}/2.root.json) could not be reached: Connection refused")
    person.tuf = reachable
    assert person.is_right() == "TUF, fetched less than a minute ago"


class _Elsewhere(TufRepository):
    """A repository under an address where nobody listens."""

    elsewhere: str

    @property
    def url(self) -> str:
        """Return the address."""
        return self.elsewhere


TOO_LATE: Final = re.compile(
    r"could not be refreshed: the TUF repository .*"
    r"(no whole answer within|had not sent everything after|in time)"
)
#: What answers too late: where, and how.
SLOW: Final[dict[str, tuple[str, Fault]]] = {
    "silence": (EVERY, wrongs.black_hole),
    "silence at the last": (TIMESTAMP, wrongs.black_hole),
    "a byte now and then": (TIMESTAMP, wrongs.drip(0.5)),
    "each part in three seconds": (EVERY, wrongs.late(3)),
}


def test_what_takes_for_ever_is_given_up_and_remembered(
    signers: Mapping[str, Signer], tmp_path: Path
) -> None:
    """Four repositories at once, each in ten seconds; the next command asks nobody."""
    clock = SystemClock()
    (tmp_path / "app").write_bytes(b"content\n")
    for name, signer in signers.items():
        (tmp_path / f"{name}.jsonl").write_bytes(signer.bundle)
    with ExitStack() as stack:
        now = clock.now().replace(microsecond=0)
        started = []
        began = clock.monotonic()
        for number, (path, fault) in enumerate(SLOW.values()):
            tuf = stack.enter_context(TufRepository(now, signers["real"].root, None))
            tuf.faults[path] = fault
            started.append(_verifying(tuf, tmp_path, str(number), "real", signers))
        first = [_ended(process) for process in started]
        took = clock.monotonic() - began
        began = clock.monotonic()
        started = [
            _verifying(tuf, tmp_path, str(number), "forged", signers) for number in range(len(SLOW))
        ]
        again = [_ended(process) for process in started]
        second = clock.monotonic() - began

    assert [code for code, _ in first] == [0] * len(SLOW), first
    assert all(TOO_LATE.search(said) for _, said in first), first
    assert DEFAULT_LIMITS.trust_refresh_seconds <= took < 60
    assert [code for code, _ in again] == [1] * len(SLOW), again
    assert all("not refreshed (that failed less than a minute ago" in s for _, s in again), again
    assert second < DEFAULT_LIMITS.trust_refresh_seconds


def test_commands_that_refresh_at_once_leave_a_whole_cache(person: Person) -> None:
    """Two processes, none with a cache; afterwards nobody needs to ask."""
    signers: dict[str, Signer] = {}
    folder = person.cli.folder
    started = [_verifying(person.tuf, folder, "cache", "real", signers) for _ in range(2)]
    found = [_ended(process) for process in started]

    assert [code for code, _ in found] == [0, 0], found
    assert [path.name for path in person.cache.parent.iterdir()] == ["test.json"]
    person.tuf.asked.clear()
    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert person.tuf.asked == []


def _verifying(
    tuf: TufRepository, folder: Path, cache: str, bundle: str, signers: Mapping[str, Signer]
) -> subprocess.Popen[str]:
    """Start a process that verifies ``app``."""
    known = tuf.known(kind=InstanceKind.SANDBOX)
    if signers:
        known = replace(known, trusted_root=signers["real"].root)
    file = folder / f"{cache}.repository"
    file.write_text(described(known))
    kept = {k: v for k, v in environment.variables().items() if k.startswith("COVERAGE_")}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.support.tuf_client", str(file)),
            *("verify", str(folder / "app"), "--sigstore", "own", "--repo", REPOSITORY),
            *("--bundle", str(folder / f"{bundle}.jsonl")),
        ],
        cwd=ROOT,
        env={**kept, "PATH": "/usr/bin:/bin", "SLSA_GEN_CACHE": str(folder / cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return how a process ended, and what it said."""
    said = process.communicate(timeout=60)[1]
    return process.returncode, said
