"""What lies in the cache was put there by anyone: it is verified again, or it does not count."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.clock import SystemClock
from tests.support.tuf_repository import TufRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.integration.trust.conftest import Person, Signer

    Edit = Callable[[dict[str, bytes], bytes], None]
    Damage = Callable[[Path], None]

pytestmark = pytest.mark.network

TARGET: Final = "targets/trusted_root.json"
ROLES: Final = ("timestamp", "snapshot", "targets")


def _target(files: dict[str, bytes], forged: bytes) -> None:
    """Put the forger's root in the place of the signed one."""
    files[TARGET] = forged


def _metadata_of(*roles: str) -> Edit:
    """Put the metadata of some roles, and the root that they lead to, in the signed ones' place.

    They are what the forger's own repository would serve, whole in itself.
    """

    def edit(files: dict[str, bytes], forged: bytes) -> None:
        other = TufRepository(SystemClock().now().replace(microsecond=0), forged, None)
        theirs = other.client_files()
        files |= {f"{role}.json": theirs[f"{role}.json"] for role in roles}
        files[TARGET] = forged

    return edit


def _own_root(files: dict[str, bytes], forged: bytes) -> None:
    """Put a whole repository of the forger's own there, which begins with a root of its own."""
    other = TufRepository(SystemClock().now().replace(microsecond=0), forged, None)
    other.root.version = 2
    other.sign_root()
    files |= {n: d for n, d in other.client_files().items() if n != "root_history/1.root.json"}


def _longer_life(role: str) -> Edit:
    """Have the metadata of a role live for ever."""

    def edit(files: dict[str, bytes], forged: bytes) -> None:
        document = json.loads(files[f"{role}.json"])
        document["signed"]["expires"] = "2999-01-01T00:00:00Z"
        files[f"{role}.json"] = json.dumps(document).encode()
        files[TARGET] = forged

    return edit


def _without(name: str) -> Edit:
    def edit(files: dict[str, bytes], _forged: bytes) -> None:
        del files[name]

    return edit


EDITS: Final[dict[str, Edit]] = {
    "the target": _target,
    "the targets' metadata": _metadata_of("targets"),
    "the snapshot": _metadata_of("snapshot", "targets"),
    "the timestamp": _metadata_of("timestamp", "snapshot", "targets"),
    "all, from a root of their own": _own_root,
    **{f"the life of the {role}": _longer_life(role) for role in ROLES},
    **{f"no {name}": _without(name) for name in (TARGET, *(f"{role}.json" for role in ROLES))},
}


def _why(name: str) -> str:
    """Return what must be said of an edit."""
    if name.startswith("no "):
        return "a file is missing"
    known = {"the target": "a file is not the one that was signed"}
    return known.get(name, "too few of those who must sign it did")


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_cache_is_not_believed(
    person: Person, signers: Mapping[str, Signer], name: str
) -> None:
    """Offline what ships serves, and that is said; with a network it is fetched anew."""
    person.is_right()
    files = person.files()
    EDITS[name](files, signers["forged"].root)
    person.put(files)

    note = person.is_right("--offline")

    assert note.startswith("the copy of ")
    assert f"; the cached trusted root is not believed: {_why(name)}; not refreshed" in note
    assert note.endswith("; not refreshed (offline)")
    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert person.is_right("--offline") == "TUF, fetched less than a minute ago"


def test_no_date_in_a_cache_keeps_a_refresh_away_for_long(
    person: Person, signers: Mapping[str, Signer]
) -> None:
    """Who may write there can say that a withdrawn root was fetched now, until it expires."""
    tuf = person.tuf
    tuf.publish(signers["forged"].root, life=timedelta(hours=1))
    assert person.asks("forged").accepted
    files = person.files()
    tuf.publish(signers["real"].root)
    person.later = 2 * 3600
    person.put(files, age=-2 * 3600)

    assert person.is_right() == "TUF, fetched less than a minute ago"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def _too_large(path: Path) -> None:
    os.truncate(path, 40 << 20)


def _too_deep(path: Path) -> None:
    path.write_text('{"files":' + "[" * 100_000)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


DAMAGES: Final[dict[str, Damage]] = {
    "its end is missing": _cut,
    "garbage": _garbage,
    "too large": _too_large,
    "too deep": _too_deep,
    "a pipe": _pipe,
    "a link to nothing": _dangling,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_cache_that_cannot_be_read_is_none(person: Person, name: str) -> None:
    """It is replaced by the next refresh, and nothing waits for it."""
    person.is_right()
    DAMAGES[name](person.cache)

    offline = person.asks("real", "--offline")

    assert offline.note.startswith("the copy of ")
    assert offline.seconds < 2
    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert person.is_right("--offline") == "TUF, fetched less than a minute ago"
    assert [path.name for path in person.cache.parent.iterdir()] == ["test.json"]


def test_a_cache_that_cannot_be_written_is_none(person: Person) -> None:
    """With a file where the folder should be, or a folder where the file should be."""
    person.cache.parent.parent.mkdir()
    person.cache.parent.write_text("in the way")
    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert person.cache.parent.read_text() == "in the way"

    person.cache.parent.unlink()
    person.cache.mkdir(parents=True)
    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert person.is_right("--offline").startswith("the copy of ")
    assert [path.name for path in person.cache.parent.iterdir()] == ["test.json"]


def test_a_folder_may_be_a_link_and_a_file_that_is_one_is_replaced(person: Person) -> None:
    """Nothing is written where a link in the cache file's place points."""
    elsewhere = person.cli.folder / "elsewhere"
    elsewhere.mkdir()
    person.cache.parent.parent.symlink_to(elsewhere)
    person.is_right()
    kept = person.cli.write("kept", "mine")
    person.cache.unlink()
    person.cache.symlink_to(kept)

    assert person.is_right() == "TUF, fetched less than a minute ago"

    assert kept.read_text() == "mine"
    assert (elsewhere / "trust/test.json").is_file()
    assert not (elsewhere / "trust/test.json").is_symlink()


def test_what_somebody_else_owns_is_verified_like_everything(
    person: Person, signers: Mapping[str, Signer]
) -> None:
    """A cache of another user's counts for what is signed in it."""
    person.is_right()
    files = person.files()
    with suppress(PermissionError):  # only root can give a file away
        os.chown(person.cache, 12345, 12345)
    good = person.is_right("--offline")
    person.put({**files, TARGET: signers["forged"].root})

    assert good == "TUF, fetched less than a minute ago"
    assert person.is_right("--offline").startswith("the copy of ")


def test_a_failure_that_somebody_writes_down_brings_back_nothing(
    person: Person, signers: Mapping[str, Signer]
) -> None:
    """It costs a refresh for some minutes, as --offline does; what is forged stays so."""
    tuf = person.tuf
    person.is_right()
    files = person.files()
    files[TARGET] = signers["forged"].root
    person.put(files)
    failure = person.cache.with_suffix(".failed.json")
    failure.write_text(json.dumps({"failedAt": SystemClock().now().isoformat()}))
    tuf.asked.clear()

    note = person.is_right()

    assert note.startswith("the copy of ")
    assert note.endswith(
        "; not refreshed (that failed less than a minute ago and took long; the next try is "
        "due in 4 minutes)"
    )
    assert tuf.asked == []
    person.later = 301
    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert not failure.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"failedAt": "2999-01-01T00:00:00+00:00"}',
        '{"failedAt": "2026-01-01T00:00:00"}',
        '{"failedAt": 5}',
        " " * 2000,
    ],
)
def test_a_failure_that_cannot_be_read_is_none(person: Person, text: str) -> None:
    """Nor one that lies in the future: a refresh is tried."""
    person.cache.parent.mkdir(parents=True)
    person.cache.with_suffix(".failed.json").write_text(text)

    assert person.is_right() == "TUF, fetched less than a minute ago"


def test_a_cache_that_was_taken_away_is_fetched_anew(person: Person) -> None:
    """Somebody tidies up between two commands."""
    person.is_right()
    shutil.rmtree(person.cache.parent.parent)

    assert person.is_right() == "TUF, fetched less than a minute ago"
    assert person.cache.is_file()
