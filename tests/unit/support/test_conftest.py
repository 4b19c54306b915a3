"""The ground that every test stands on: closed sockets, a clean environment, hand-set clocks."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from slsa_gen import environment
from tests.support import corpus as corpus_support
from tests.support.clock import START, FakeClock, SkewedClock
from tests.support.sockets import is_local

FAILED = pytest.fail.Exception


def test_a_socket_fails_the_test() -> None:
    """Without the marker no connection, listener or look-up succeeds."""
    with socket.socket() as sock, pytest.raises(FAILED, match="network"):
        sock.connect(("127.0.0.1", 9))
    with socket.socket() as sock, pytest.raises(FAILED, match="network"):
        sock.bind(("127.0.0.1", 0))
    with pytest.raises(FAILED, match="network"):
        socket.getaddrinfo("localhost", 80)


@pytest.mark.network
def test_the_marker_opens_loopback_alone() -> None:
    """With the marker this machine can be reached and nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.socket() as sock, pytest.raises(FAILED, match="not this machine"):
        sock.connect(("192.0.2.1", 80))
    with pytest.raises(FAILED, match="not this machine"):
        socket.getaddrinfo("example.invalid", 80)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (("127.0.0.1", 1), True),
        (("::1", 1, 0, 0), True),
        (("localhost", 1), True),
        ("/run/socket", True),
        (("10.0.0.1", 1), False),
        (("sigstore.dev", 1), False),
    ],
)
def test_which_addresses_are_local(address: object, *, expected: bool) -> None:
    """Loopback and Unix sockets are this machine."""
    assert is_local(address) is expected


def test_the_home_folder_is_empty() -> None:
    """A test finds nothing of the user's."""
    assert list(Path.home().iterdir()) == []
    assert not [n for n in environment.variables() if n.startswith(("GITHUB_", "XDG_"))]


def test_a_fake_clock_moves_when_told(clock: FakeClock) -> None:
    """Sleeping is noted and takes no time."""
    clock.sleep(2.5)
    clock.advance(1)
    assert clock.sleeps == [2.5]
    assert clock.now() == START + timedelta(seconds=3.5)
    before = clock.monotonic()
    clock.set(START)
    assert (clock.now(), clock.monotonic()) == (START, before)


def test_a_skewed_clock_is_wrong_by_its_seconds(clock: FakeClock) -> None:
    """The time of day is wrong, durations are not."""
    skewed = SkewedClock(clock, -90)
    skewed.sleep(1)
    assert skewed.now() == clock.now() - timedelta(seconds=90)
    assert skewed.monotonic() == clock.monotonic()


def test_the_corpus_is_where_the_variable_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SLSA_GEN_CORPUS wins, and a folder that is not there is none."""
    monkeypatch.setenv("SLSA_GEN_CORPUS", str(tmp_path))
    assert corpus_support.corpus_folder() == tmp_path
    monkeypatch.setenv("SLSA_GEN_CORPUS", str(tmp_path / "none"))
    assert corpus_support.corpus_folder() is None
