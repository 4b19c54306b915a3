"""A cache that somebody else wrote: whatever is changed in it, nothing of it is believed."""

from __future__ import annotations

import json
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.tuf_repository import TufRepository
from tests.unit.trust.loader import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.trust.loader import Loader

pytestmark = pytest.mark.network


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


@pytest.mark.parametrize("change", [edit_target, own_keys, own_root])
def test_an_edited_cache_is_replaced_by_a_refresh(
    load: Loader, change: Callable[[dict[str, bytes]], None]
) -> None:
    """With the network at hand an edited cache costs a refresh, although it looks fresh."""
    load()
    load.edit(change)
    assert load().trusted_root == b'{"made":1}'
    assert load(offline=True).trusted_root == b'{"made":1}'


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


def test_no_name_in_a_cache_leads_out_of_the_folder(load: Loader) -> None:
    """A cache that is whole but for one name is not unpacked anywhere."""
    load()
    name = f"../evil-{uuid.uuid4().hex}.json"
    load.edit(lambda files: files.update({name: b"{}"}))
    assert load(later=86_401).trusted_root == b'{"made":1}'
    assert not Path(tempfile.gettempdir(), name.removeprefix("../")).exists()


@pytest.mark.parametrize("roles", [["snapshot", "targets"], ["targets"]])
def test_versions_cannot_be_mixed(tuf: TufRepository, load: Loader, roles: list[str]) -> None:
    """Older files, genuine in themselves, are not taken for those that the newer ones name."""
    tuf.publish(b'{"made":2}', hashes=False)
    tuf.publish(b'{"made":3}', hashes=False)
    load()
    old = {f"{role}.json": tuf.files[f"/2.{role}.json"] for role in roles}
    load.edit(lambda files: files.update({**old, "targets/trusted_root.json": b'{"made":2}'}))
    assert load(offline=True).trusted_root == SHIPPED
