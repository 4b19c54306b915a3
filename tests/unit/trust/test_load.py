"""Tests of slsa_gen.trust.load: refreshed, cached, or as shipped, and never unverified."""

from __future__ import annotations

import base64
import json
import tempfile
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import InstanceKind
from slsa_gen.trust.load import load_instance, load_repository
from tests.support.clock import FakeClock, SkewedClock
from tests.support.temporary import take_away
from tests.support.tuf_repository import TufRepository
from tests.support.wire import serving
from tests.support.wrongs import cut_before, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsa_gen.clock import Clock
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.trust.known import Repository

SHIPPED = b'{"shipped":true}'


@pytest.fixture
def tuf() -> Iterator[TufRepository]:
    """Serve a TUF repository that was published now."""
    with TufRepository(SystemClock().now().replace(microsecond=0)) as repository:
        yield repository


class Loader:
    """Loads a repository with a cache of the test's own."""

    def __init__(self, repository: Repository, cache: Path) -> None:
        self.repository = repository
        self.environment = {"SLSA_GEN_CACHE": str(cache)}
        self.path = cache / "trust" / "test.json"
        self.limits = DEFAULT_LIMITS

    def __call__(self, *, offline: bool = False, later: float = 0.0) -> SigstoreInstance:
        """Load, so many seconds from now."""
        clock: Clock = SkewedClock(SystemClock(), later)
        return load_repository(
            self.repository,
            offline=offline,
            environment=self.environment,
            clock=clock,
            limits=self.limits,
        )

    def edit(self, change: Callable[[dict[str, bytes]], None]) -> None:
        """Change the files in the cache."""
        document = json.loads(self.path.read_bytes())
        files = {name: base64.b64decode(data) for name, data in document["files"].items()}
        change(files)
        document["files"] = {n: base64.b64encode(d).decode() for n, d in files.items()}
        self.path.write_text(json.dumps(document))


@pytest.fixture
def load(tuf: TufRepository, tmp_path: Path) -> Loader:
    """Return a loader of the repository."""
    return Loader(tuf.known(), tmp_path / "cache")


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


def edit_target(files: dict[str, bytes]) -> None:
    """Change the trusted root itself."""
    files["targets/trusted_root.json"] = b'{"made":9}'


def edit_config(files: dict[str, bytes]) -> None:
    """Change the signing configuration."""
    files["targets/signing_config.v0.2.json"] = b'{"config":9}'


def edit_metadata(role: str) -> Callable[[dict[str, bytes]], None]:
    """Return a change of what a role has signed."""

    def change(files: dict[str, bytes]) -> None:
        document = json.loads(files[f"{role}.json"])
        document["signed"]["expires"] = "2999-01-01T00:00:00Z"
        files[f"{role}.json"] = json.dumps(document).encode()

    return change


def unsign(role: str) -> Callable[[dict[str, bytes]], None]:
    """Return a change that takes the signatures away."""

    def change(files: dict[str, bytes]) -> None:
        document = json.loads(files[f"{role}.json"])
        document["signatures"] = []
        files[f"{role}.json"] = json.dumps(document).encode()

    return change


def own_keys(files: dict[str, bytes]) -> None:
    """Replace everything by a repository of the attacker's own, whole in itself."""
    other = TufRepository(datetime.now(UTC))  # noqa: TID251 (a forger has the real time)
    other.publish(b'{"made":666}')
    files.clear()
    files["root_history/1.root.json"] = other.first_root
    for name in ("snapshot", "targets"):
        files[f"{name}.json"] = other.files[f"/2.{name}.json"]
    files["timestamp.json"] = other.files["/timestamp.json"]
    files["targets/trusted_root.json"] = b'{"made":666}'


def own_root(files: dict[str, bytes]) -> None:
    """Add a next root that only its own keys have signed."""
    other = TufRepository(datetime.now(UTC))  # noqa: TID251 (as above)
    other.root.version = 2
    files["root_history/2.root.json"] = other.sign_root()


def drop_targets(files: dict[str, bytes]) -> None:
    """Take a file away."""
    del files["targets.json"]


EDITS = [
    edit_target,
    edit_config,
    *[edit_metadata(role) for role in ("timestamp", "snapshot", "targets")],
    *[unsign(role) for role in ("timestamp", "snapshot", "targets")],
    own_keys,
    own_root,
    drop_targets,
]


@pytest.mark.network
@pytest.mark.parametrize("hashes", [True, False], ids=["hashes", "versions"])
@pytest.mark.parametrize("change", EDITS)
def test_an_edited_cache_is_not_believed(
    tuf: TufRepository,
    load: Loader,
    change: Callable[[dict[str, bytes]], None],
    *,
    hashes: bool,
) -> None:
    """Whatever is changed in the cache, the shipped copy serves, and that is said."""
    tuf.publish(b'{"made":1}', hashes=hashes)
    load()
    load.edit(change)
    instance = load(offline=True)
    assert instance.trusted_root == SHIPPED
    assert "the cached trusted root is not believed" in instance.origin


@pytest.mark.network
@pytest.mark.parametrize("change", [edit_target, own_keys, own_root])
def test_an_edited_cache_is_replaced_by_a_refresh(
    load: Loader, change: Callable[[dict[str, bytes]], None]
) -> None:
    """With the network at hand an edited cache costs a refresh, although it looks fresh."""
    load()
    load.edit(change)
    assert load().trusted_root == b'{"made":1}'
    assert load(offline=True).trusted_root == b'{"made":1}'


@pytest.mark.network
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no",
        b"[]",
        b'{"checkedAt":"2026-01-01T00:00:00","files":{}}',
        b'{"checkedAt":"never","files":{}}',
        b'{"files":{}}',
        b'{"checkedAt":"2026-01-01T00:00:00Z","files":[]}',
        b'{"checkedAt":"2026-01-01T00:00:00Z","files":{"../evil.json":""}}',
        b'{"checkedAt":"2026-01-01T00:00:00Z","files":{"timestamp.json":"!"}}',
        b'{"checkedAt":"2026-01-01T00:00:00Z","files":{"timestamp.json":"e30="}}',
    ],
)
def test_a_broken_cache_is_as_good_as_none(load: Loader, raw: bytes) -> None:
    """What cannot be read is passed over; no name in it leads out of the folder."""
    load.path.parent.mkdir(parents=True)
    load.path.write_bytes(raw)
    assert load(offline=True).trusted_root == SHIPPED
    assert load().trusted_root == b'{"made":1}'


@pytest.mark.network
@pytest.mark.parametrize("missing", ["by_old", "by_new"])
def test_a_new_root_needs_both_signatures(tuf: TufRepository, load: Loader, missing: str) -> None:
    """A next root that only the old or only the new keys signed is not followed."""
    tuf.rotate("root", **{missing: False})
    tuf.publish(b'{"made":2}')
    load.path.parent.mkdir(parents=True)
    load.path.write_text('{"checkedAt":"2026-01-01T00:00:00Z","files":{}}')
    load.edit(lambda files: files.update(tuf.client_files()))
    instance = load(offline=True)
    assert instance.trusted_root == SHIPPED
    assert "is not believed" in instance.origin


@pytest.mark.network
def test_a_root_of_another_version_is_not_followed(tuf: TufRepository, load: Loader) -> None:
    """A root under the name of a version that it is not is refused, genuine as it is."""
    tuf.root.version += 1
    tuf.rotate("timestamp")
    tuf.publish(b'{"made":2}')
    files = tuf.client_files()
    files["root_history/2.root.json"] = files.pop("root_history/3.root.json")
    load.path.parent.mkdir(parents=True)
    load.path.write_text('{"checkedAt":"2026-01-01T00:00:00Z","files":{}}')
    load.edit(lambda cached: cached.update(files))
    assert load(offline=True).trusted_root == SHIPPED


@pytest.mark.network
@pytest.mark.parametrize("roles", [["snapshot", "targets"], ["targets"]])
def test_a_file_of_another_hash_is_not_believed(
    tuf: TufRepository, load: Loader, roles: list[str]
) -> None:
    """Two files of one version, both signed: only the one that is named by its hash counts."""
    load()
    tuf.version -= 1
    tuf.publish(b'{"made":3}')
    changed = tuf.client_files()
    other = {f"{role}.json": changed[f"{role}.json"] for role in roles}
    load.edit(lambda files: files.update({**other, "targets/trusted_root.json": b'{"made":3}'}))
    assert load(offline=True).trusted_root == SHIPPED


@pytest.mark.network
def test_metadata_that_expired_is_not_fresh(tuf: TufRepository, load: Loader) -> None:
    """Within its day, a cache whose metadata has expired is refreshed all the same."""
    tuf.publish(b'{"made":2}', life=timedelta(hours=1))
    load()
    tuf.publish(b'{"made":3}')
    assert load(later=7200).trusted_root == b'{"made":3}'


@pytest.mark.network
def test_no_name_in_a_cache_leads_out_of_the_folder(load: Loader) -> None:
    """A cache that is whole but for one name is not unpacked anywhere."""
    load()
    name = f"../evil-{uuid.uuid4().hex}.json"
    load.edit(lambda files: files.update({name: b"{}"}))
    assert load(later=86_401).trusted_root == b'{"made":1}'
    assert not Path(tempfile.gettempdir(), name.removeprefix("../")).exists()


@pytest.mark.network
def test_a_cache_from_the_future_is_not_fresh(tuf: TufRepository, load: Loader) -> None:
    """A date that lies ahead does not keep the refresh away for ever."""
    load(later=3600)
    tuf.publish(b'{"made":2}')
    assert load().trusted_root == b'{"made":2}'


@pytest.mark.network
def test_an_older_version_from_the_repository_is_refused(tuf: TufRepository, load: Loader) -> None:
    """A repository that goes back to old metadata (a replay) is not followed."""
    old = dict(tuf.files)
    tuf.publish(b'{"made":2}')
    assert load().trusted_root == b'{"made":2}'
    tuf.files = old
    instance = load(later=86_401)
    assert instance.trusted_root == b'{"made":2}'
    assert "could not be refreshed" in instance.origin


@pytest.mark.network
@pytest.mark.parametrize("path", ["/timestamp.json", "/1.snapshot.json", "/1.targets.json"])
def test_a_repository_with_foreign_signatures_is_refused(
    tuf: TufRepository, load: Loader, path: str
) -> None:
    """What the repository's own keys did not sign is not taken, and not cached."""
    other = TufRepository(tuf.now)
    tuf.files[path] = other.files[path]
    assert load().trusted_root == SHIPPED
    assert not load.path.exists()


@pytest.mark.network
def test_a_trusted_root_of_other_bytes_is_refused(tuf: TufRepository, load: Loader) -> None:
    """A target that is not the one that was signed is not taken."""
    (path,) = [path for path in tuf.files if path.endswith("trusted_root.json")]
    tuf.files[path] = b'{"made":9}'
    assert load().trusted_root == SHIPPED


@pytest.mark.network
def test_a_repository_without_a_trusted_root_is_refused(tuf: TufRepository, load: Loader) -> None:
    """There must be one."""
    tuf.publish(None)
    instance = load()
    assert instance.trusted_root == SHIPPED
    assert "the repository has no trusted root" in instance.origin


@pytest.mark.network
@pytest.mark.parametrize("roles", [["snapshot", "targets"], ["targets"]])
def test_versions_cannot_be_mixed(tuf: TufRepository, load: Loader, roles: list[str]) -> None:
    """Older files, genuine in themselves, are not taken for those that the newer ones name."""
    tuf.publish(b'{"made":2}', hashes=False)
    tuf.publish(b'{"made":3}', hashes=False)
    load()
    old = {f"{role}.json": tuf.files[f"/2.{role}.json"] for role in roles}
    load.edit(lambda files: files.update({**old, "targets/trusted_root.json": b'{"made":2}'}))
    assert load(offline=True).trusted_root == SHIPPED


@pytest.mark.network
def test_a_repository_without_a_signing_configuration_is_one_to_verify_with(
    tuf: TufRepository, load: Loader
) -> None:
    """The root alone is enough to verify."""
    tuf.publish(b'{"made":2}', config=None)
    instance = load()
    assert (instance.trusted_root, instance.signing_config) == (b'{"made":2}', None)


@pytest.mark.network
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


@pytest.mark.network
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
def test_no_seconds_left_is_said_as_such(tuf: TufRepository, load: Loader) -> None:
    """Between two files the time may be over: that is no fault of the address."""
    load.limits = replace(DEFAULT_LIMITS, trust_refresh_seconds=0.0)
    instance = load()
    assert instance.origin.endswith(
        "; the trusted root of test could not be refreshed: "
        "the TUF repository had not sent everything after 0.0 s"
    )
    assert tuf.asked == []


@pytest.mark.network
@pytest.mark.parametrize("path", ["/timestamp.json", "/1.snapshot.json", "/1.targets.json"])
def test_a_lost_connection_is_said_as_such(tuf: TufRepository, load: Loader, path: str) -> None:
    """And not as the cached file that tuf's client had looked for before."""
    tuf.faults[path] = cut_before
    assert load().origin.endswith(
        f"{path}) could not be reached: the connection was closed without an answer"
    )


@pytest.mark.network
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
def test_metadata_longer_than_it_may_be_is_not_read(tuf: TufRepository, load: Loader) -> None:
    """A timestamp of a megabyte is no timestamp."""
    tuf.files["/timestamp.json"] += b" " * (1 << 20)

    instance = load()

    assert instance.trusted_root == SHIPPED
    assert "bytes; 16384 at most were expected" in instance.origin


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
