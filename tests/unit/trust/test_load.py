"""Tests of slsa_gen.trust.load: refreshed, cached, or as shipped, and never unverified."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import InstanceKind
from slsa_gen.trust.load import load_instance
from tests.support.temporary import take_away
from tests.support.wrongs import status
from tests.unit.trust.loader import SHIPPED, Loader

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.clock import FakeClock
    from tests.support.tuf_repository import TufRepository


@pytest.mark.network
def test_a_first_load_refreshes(tuf: TufRepository, load: Loader) -> None:
    """Without a cache the root comes through TUF, and its origin says so."""
    instance = load()
    assert instance.trusted_root == b'{"made":1}'
    assert instance.signing_config == b'{"config":1}'
    assert instance.origin == "TUF, fetched less than a minute ago"
    assert instance.kind is InstanceKind.PUBLIC_GOOD
    assert instance.public_log
    assert "/timestamp.json" in tuf.asked


@pytest.mark.network
def test_a_fresh_cache_is_used_without_asking(tuf: TufRepository, load: Loader) -> None:
    """Within a day nothing is asked, and the age is said."""
    load()
    tuf.asked.clear()
    tuf.publish(b'{"made":2}')
    instance = load(later=3 * 3600 + 60)
    assert instance.trusted_root == b'{"made":1}'
    assert instance.origin == "TUF, fetched 3 hours ago"
    assert tuf.asked == []


@pytest.mark.network
def test_an_old_cache_is_refreshed_with_what_is_new(tuf: TufRepository, load: Loader) -> None:
    """After a day the new root comes; what is still right is not fetched again."""
    load()
    tuf.asked.clear()
    tuf.publish(b'{"made":2}')
    assert load(later=86_400 + 1).trusted_root == b'{"made":2}'
    assert not any(path.startswith("/1.") for path in tuf.asked)
    config = [path for path in tuf.asked if path.endswith("signing_config.v0.2.json")]
    assert config == []


@pytest.mark.network
def test_keys_may_change(tuf: TufRepository, load: Loader) -> None:
    """New roots are followed, each signed by the one before, and are cached."""
    load()
    for role in ("timestamp", "root", "targets"):
        tuf.rotate(role)
    tuf.publish(b'{"made":2}')
    assert load(later=86_401).trusted_root == b'{"made":2}'
    assert load(offline=True).trusted_root == b'{"made":2}'


@pytest.mark.network
def test_when_the_refresh_fails_the_cache_serves_and_its_age_is_said(
    tuf: TufRepository, load: Loader
) -> None:
    """A repository that answers 500 does not stop anyone who has a verified cache."""
    load()
    tuf.faults[""] = status(500)
    instance = load(later=2 * 86_400)
    assert instance.trusted_root == b'{"made":1}'
    assert instance.origin.startswith("TUF, fetched 2 days ago; the trusted root of test could ")
    assert "answered 500 Internal Server Error" in instance.origin


@pytest.mark.network
def test_metadata_that_expired_is_used_when_there_is_no_newer(
    tuf: TufRepository, load: Loader
) -> None:
    """Offline for weeks: the last verified root still serves, and that it is old is said."""
    load()
    instance = load(offline=True, later=20 * 86_400)
    assert instance.trusted_root == b'{"made":1}'
    until = tuf.now + timedelta(days=7)
    assert instance.origin == (
        f"TUF, fetched 20 days ago, out of date since {until:%Y-%m-%d}; not refreshed (offline)"
    )


@pytest.mark.network
def test_without_any_cache_the_shipped_copy_serves(tuf: TufRepository, load: Loader) -> None:
    """When nothing can be reached and nothing is cached, there is the package's copy."""
    tuf.faults[""] = status(503)
    instance = load()
    assert instance.trusted_root == SHIPPED
    assert instance.signing_config == b'{"shipped":"config"}'
    assert "that ships with slsa-gen, 30 days old; the trusted root of test" in instance.origin


@pytest.mark.network
def test_a_cache_older_than_the_shipped_copy_does_not_serve(
    tuf: TufRepository, load: Loader
) -> None:
    """An old cache, genuine as it is, must not bring back keys that were withdrawn."""
    load()
    load.repository = tuf.known(dated=tuf.now + timedelta(days=8))
    assert load(offline=True, later=9 * 86_400).trusted_root == SHIPPED


@pytest.mark.network
def test_metadata_that_expired_is_not_fresh(tuf: TufRepository, load: Loader) -> None:
    """Within its day, a cache whose metadata has expired is refreshed all the same."""
    tuf.publish(b'{"made":2}', life=timedelta(hours=1))
    load()
    tuf.publish(b'{"made":3}')
    assert load(later=7200).trusted_root == b'{"made":3}'


@pytest.mark.network
def test_a_cache_from_the_future_is_not_fresh(tuf: TufRepository, load: Loader) -> None:
    """A date that lies ahead does not keep the refresh away for ever."""
    load(later=3600)
    tuf.publish(b'{"made":2}')
    assert load().trusted_root == b'{"made":2}'


@pytest.mark.network
@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_cache_is_out_of_date_when_the_first_of_its_parts_is(
    tuf: TufRepository, load: Loader, role: str
) -> None:
    """Each part's expiry is signed, and each counts."""
    tuf.publish(b'{"made":2}', lives={role: timedelta(hours=1)})
    load()
    tuf.publish(b'{"made":3}')

    assert ", out of date since " in load(later=7200, offline=True).origin
    assert load(later=7200).trusted_root == b'{"made":3}'


@pytest.mark.network
def test_a_root_that_expires_is_an_expiry_too(tuf: TufRepository, load: Loader) -> None:
    """Nobody vouches for the keys any longer, whatever they have signed."""
    tuf.root.expires = tuf.now + timedelta(hours=1)
    tuf.rotate("timestamp")
    tuf.publish(b'{"made":2}')
    assert load().trusted_root == b'{"made":2}'

    assert ", out of date since " in load(later=7200, offline=True).origin


@pytest.mark.network
def test_a_cache_that_cannot_be_written_is_none(tuf: TufRepository, tmp_path: Path) -> None:
    """A read-only home costs the cache, and nothing else."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    load = Loader(tuf.known(), blocked)
    assert load().trusted_root == b'{"made":1}'
    load.environment = {}
    assert load().trusted_root == b'{"made":1}'
    assert load(offline=True).trusted_root == SHIPPED


@pytest.mark.network
def test_memory_is_place_enough_for_a_refresh(
    load: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container whose root is read-only there is no folder for temporary files."""
    take_away(monkeypatch, tmp_path)

    assert load().trusted_root == b'{"made":1}'


@pytest.mark.network
def test_without_a_place_for_temporary_files_the_shipped_copy_serves(
    load: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a refresh lacks is said, and is no fault of slsa-gen's."""
    take_away(monkeypatch, tmp_path / "absent")

    instance = load()

    assert instance.trusted_root == SHIPPED
    assert instance.origin.endswith(
        "the trusted root of test could not be refreshed: there is no folder for temporary files"
    )


@pytest.mark.network
def test_processes_that_refresh_at_once_leave_a_whole_cache(load: Loader) -> None:
    """Eight loads at once all get the root, and what they leave is verified."""
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(load().trusted_root)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b'{"made":1}'] * 8
    assert load(offline=True).trusted_root == b'{"made":1}'
    assert [path.name for path in load.path.parent.iterdir()] == ["test.json"]


@pytest.mark.parametrize("name", ["public-good", "staging"])
def test_offline_opens_no_socket(name: str, clock: FakeClock, tmp_path: Path) -> None:
    """Sockets are closed in this test: the public instances load from what ships."""
    instance = load_instance(
        name,
        offline=True,
        environment={"SLSA_GEN_CACHE": str(tmp_path)},
        clock=clock,
        limits=DEFAULT_LIMITS,
    )
    assert instance.kind.value == name
    assert instance.public_log
    assert instance.issuer is None
    assert instance.origin.endswith("; not refreshed (offline)")
    assert list(tmp_path.iterdir()) == []
