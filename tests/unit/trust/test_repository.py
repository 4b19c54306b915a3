"""A TUF repository that gives wrong answers, or none: what is said, and how long it takes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.trust.load import load_repository
from tests.support.tuf_repository import TufRepository
from tests.support.wire import serving
from tests.support.wrongs import cut_before, status
from tests.unit.trust.loader import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.trust.loader import Loader

pytestmark = pytest.mark.network


def test_an_older_version_from_the_repository_is_refused(tuf: TufRepository, load: Loader) -> None:
    """A repository that goes back to old metadata (a replay) is not followed."""
    old = dict(tuf.files)
    tuf.publish(b'{"made":2}')
    assert load().trusted_root == b'{"made":2}'
    tuf.files = old
    instance = load(later=86_401)
    assert instance.trusted_root == b'{"made":2}'
    assert "could not be refreshed" in instance.origin


@pytest.mark.parametrize("path", ["/timestamp.json", "/1.snapshot.json", "/1.targets.json"])
def test_a_repository_with_foreign_signatures_is_refused(
    tuf: TufRepository, load: Loader, path: str
) -> None:
    """What the repository's own keys did not sign is not taken, and not cached."""
    other = TufRepository(tuf.now)
    tuf.files[path] = other.files[path]
    assert load().trusted_root == SHIPPED
    assert not load.path.exists()


def test_a_trusted_root_of_other_bytes_is_refused(tuf: TufRepository, load: Loader) -> None:
    """A target that is not the one that was signed is not taken."""
    (path,) = [path for path in tuf.files if path.endswith("trusted_root.json")]
    tuf.files[path] = b'{"made":9}'
    assert load().trusted_root == SHIPPED


def test_a_repository_without_a_trusted_root_is_refused(tuf: TufRepository, load: Loader) -> None:
    """There must be one."""
    tuf.publish(None)
    instance = load()
    assert instance.trusted_root == SHIPPED
    assert "the repository has no trusted root" in instance.origin


def test_a_repository_without_a_signing_configuration_is_one_to_verify_with(
    tuf: TufRepository, load: Loader
) -> None:
    """The root alone is enough to verify."""
    tuf.publish(b'{"made":2}', config=None)
    instance = load()
    assert (instance.trusted_root, instance.signing_config) == (b'{"made":2}', None)


def test_metadata_longer_than_it_may_be_is_not_read(tuf: TufRepository, load: Loader) -> None:
    """A timestamp of a megabyte is no timestamp."""
    tuf.files["/timestamp.json"] += b" " * (1 << 20)

    instance = load()

    assert instance.trusted_root == SHIPPED
    assert "bytes; 16384 at most were expected" in instance.origin


@pytest.mark.parametrize("slow", [True, False])
def test_only_a_failure_that_took_long_is_remembered(
    tuf: TufRepository, load: Loader, *, slow: bool
) -> None:
    """What fails at once is asked for again by the next command."""
    load.limits = replace(DEFAULT_LIMITS, trust_slow_seconds=0.0 if slow else 5.0)
    tuf.faults[""] = status(500)
    first = load()
    asked = len(tuf.asked)
    tuf.faults.clear()

    second = load()
    later = load(later=301)

    assert "answered 500 Internal Server Error" in first.origin
    assert (second.trusted_root == SHIPPED) is slow
    if slow:
        assert second.origin == (
            "the copy of 2026-10-25 that ships with slsa-gen, 30 days old; not refreshed (that "
            "failed less than a minute ago and took long; the next try is due in 4 minutes)"
        ).replace("2026-10-25", f"{load.repository.dated:%Y-%m-%d}")
        assert later.trusted_root == b'{"made":1}'
    assert len(tuf.asked) > asked


def test_a_remembered_failure_does_not_keep_a_fresh_cache_away(
    tuf: TufRepository, load: Loader
) -> None:
    """Nor does --offline say anything of it."""
    load()
    load.limits = replace(DEFAULT_LIMITS, trust_slow_seconds=0.0)
    tuf.faults[""] = status(500)
    load(later=86_401)

    assert load(later=60).origin == "TUF, fetched 1 minute ago"
    assert load(later=86_402, offline=True).origin == (
        "TUF, fetched 1 day ago; not refreshed (offline)"
    )
    assert load(later=86_402).origin.startswith(
        "TUF, fetched 1 day ago; not refreshed (that failed less than a minute ago and took long"
    )


def test_no_seconds_left_is_said_as_such(tuf: TufRepository, load: Loader) -> None:
    """Between two files the time may be over: that is no fault of the address."""
    load.limits = replace(DEFAULT_LIMITS, trust_refresh_seconds=0.0)
    instance = load()
    assert instance.origin.endswith(
        "; the trusted root of test could not be refreshed: "
        "the TUF repository had not sent everything after 0.0 s"
    )
    assert tuf.asked == []


@pytest.mark.parametrize("path", ["/timestamp.json", "/1.snapshot.json", "/1.targets.json"])
def test_a_lost_connection_is_said_as_such(tuf: TufRepository, load: Loader, path: str) -> None:
    """And not as the cached file that tuf's client had looked for before."""
    tuf.faults[path] = cut_before
    assert load().origin.endswith(
        f"{path}) could not be reached: the connection was closed without an answer"
    )


def test_a_silent_repository_costs_no_more_than_its_seconds(tmp_path: Path) -> None:
    """A black hole is given up when the seconds for a refresh are over."""
    ended = threading.Event()
    now = SystemClock().now()
    with TufRepository(now) as other, serving(lambda _socket: _wait(ended)) as hole:
        repository = replace(other.known(), url=hole.url)
        clock = SystemClock()
        start = clock.monotonic()
        instance = load_repository(
            repository,
            offline=False,
            environment={"SLSA_GEN_CACHE": str(tmp_path)},
            clock=clock,
            limits=replace(DEFAULT_LIMITS, trust_refresh_seconds=0.5),
        )
        took = clock.monotonic() - start
        ended.set()
    assert 0.4 < took < 3
    assert instance.trusted_root == SHIPPED


def _wait(ended: threading.Event) -> None:
    ended.wait(10)
