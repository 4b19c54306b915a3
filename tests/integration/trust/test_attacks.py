"""Somebody serves, or leaves in the cache, what would have a forger's root trusted.

In each of these the forger's root comes as it would come in earnest: an old genuine one that
was withdrawn, or one that only the forger's keys have signed. Were the check away that stands
against it, the forged bundle would be accepted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from slsa_gen.trust.known import TRUSTED_ROOT
from tests.integration.trust.conftest import DAY, Person
from tests.support.tuf_repository import TufRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.integration.trust.conftest import Signer

    Attack = Callable[[TufRepository, bytes, bytes], None]

pytestmark = pytest.mark.network

FAILED: Final = "the trusted root of test could not be refreshed: "


def _path(tuf: TufRepository, role: str, version: int = 0) -> str:
    return f"/{version or tuf.version}.{role}.json"


def _own_keys(*roles: str) -> Attack:
    """Sign the newest metadata of some roles with keys that the root does not name."""

    def attack(tuf: TufRepository, real: bytes, forged: bytes) -> None:
        tuf.publish(real)
        kept = dict(tuf.signers)
        tuf.signers |= {role: TufRepository(tuf.now).signers[role] for role in roles}
        tuf.publish(forged)
        tuf.signers = kept

    return attack


def _expired(tuf: TufRepository, real: bytes, forged: bytes) -> None:
    """Serve what was right until it was withdrawn, and has expired since."""
    tuf.publish(forged, life=timedelta(seconds=-1))
    frozen = dict(tuf.files)
    tuf.publish(real)
    tuf.files = frozen


def _expired_part(role: str) -> Attack:
    """Serve what has a single part that has expired."""

    def attack(tuf: TufRepository, _real: bytes, forged: bytes) -> None:
        tuf.publish(forged, lives={role: timedelta(seconds=-1)})

    return attack


def _expired_root(tuf: TufRepository, _real: bytes, forged: bytes) -> None:
    """Serve a root that has expired: nobody maintains the repository any more."""
    tuf.root.expires = tuf.now - timedelta(seconds=1)
    tuf.rotate("timestamp")
    tuf.publish(forged)


def _root_signed_by(**which: bool) -> Attack:
    """Serve a next root that the old keys, or its own, have not signed."""

    def attack(tuf: TufRepository, _real: bytes, forged: bytes) -> None:
        tuf.rotate("root", **which)
        tuf.publish(forged)

    return attack


def _own_root(tuf: TufRepository, _real: bytes, forged: bytes) -> None:
    """Serve a next root, and all that follows, of keys that nobody has named."""
    tuf.rotate("root", by_old=False)
    for role in ("timestamp", "snapshot", "targets"):
        tuf.rotate(role)
    tuf.publish(forged)


def _skipped_root(tuf: TufRepository, _real: bytes, forged: bytes) -> None:
    """Serve a root of the second next version under the name of the next."""
    tuf.root.version += 1
    tuf.rotate("root")
    tuf.files["/2.root.json"] = tuf.files.pop("/3.root.json")
    tuf.publish(forged)


def _mixed(*roles: str) -> Attack:
    """Serve older parts, each genuine, in the place of those that the newer ones name."""

    def attack(tuf: TufRepository, real: bytes, forged: bytes) -> None:
        tuf.publish(forged, hashes=False)
        old = {role: tuf.files[_path(tuf, role)] for role in roles}
        tuf.publish(real, hashes=False)
        tuf.files |= {_path(tuf, role): data for role, data in old.items()}

    return attack


def _others_of_one_version(*roles: str) -> Attack:
    """Serve other parts of the same version that the roles' own keys have signed."""

    def attack(tuf: TufRepository, real: bytes, forged: bytes) -> None:
        first = roles[0]
        wanted, others = b"", {first: b"?"}
        # A signature's length differs by a byte or two: again until both have the same.
        while len(wanted) != len(others[first]):
            tuf.publish(forged)
            others = {role: tuf.files[_path(tuf, role)] for role in roles}
            tuf.version -= 1
            tuf.publish(real)
            wanted = tuf.files[_path(tuf, first)]
            tuf.version -= 1
        tuf.version += 1
        tuf.files |= {_path(tuf, role): data for role, data in others.items()}

    return attack


def _target_that_is(change: Callable[[bytes, bytes], bytes]) -> Attack:
    """Serve something else under the name of the signed root."""

    def attack(tuf: TufRepository, real: bytes, forged: bytes) -> None:
        before = set(tuf.files)
        tuf.publish(real + b"\n" * 100)  # a target that no cache has yet, and longer than theirs
        (path,) = (path for path in set(tuf.files) - before if path.endswith(TRUSTED_ROOT))
        tuf.files[path] = change(tuf.files[path], forged)

    return attack


HOLDS_NOT: Final = "what the TUF repository serves does not hold: "
SERVED: Final[dict[str, tuple[Attack, str]]] = {
    "keys of their own": (
        _own_keys("timestamp", "snapshot", "targets"),
        f"{HOLDS_NOT}timestamp was signed by 0/1 keys",
    ),
    "a snapshot's key of their own": (
        _own_keys("snapshot"),
        f"{HOLDS_NOT}snapshot was signed by 0/1 keys",
    ),
    "a targets' key of their own": (
        _own_keys("targets"),
        f"{HOLDS_NOT}targets was signed by 0/1 keys",
    ),
    "all has expired": (_expired, f"{HOLDS_NOT}timestamp.json is expired"),
    "the timestamp has expired": (
        _expired_part("timestamp"),
        f"{HOLDS_NOT}timestamp.json is expired",
    ),
    "the snapshot has expired": (
        _expired_part("snapshot"),
        f"{HOLDS_NOT}snapshot.json is expired",
    ),
    "the targets have expired": (
        _expired_part("targets"),
        f"{HOLDS_NOT}New targets is expired",
    ),
    "the root has expired": (_expired_root, f"{HOLDS_NOT}Final root.json is expired"),
    "a root without the old signature": (
        _root_signed_by(by_old=False),
        f"{HOLDS_NOT}root was signed by 0/1 keys",
    ),
    "a root without its own signature": (
        _root_signed_by(by_new=False),
        f"{HOLDS_NOT}root was signed by 0/1 keys",
    ),
    "a root of their own": (_own_root, f"{HOLDS_NOT}root was signed by 0/1 keys"),
    "a root that is skipped": (
        _skipped_root,
        f"{HOLDS_NOT}Expected root version 2 instead got version 3",
    ),
    "older snapshot and targets": (
        _mixed("snapshot", "targets"),
        f"{HOLDS_NOT}Expected snapshot version 3, got 2",
    ),
    "older targets": (_mixed("targets"), f"{HOLDS_NOT}Expected targets v3, got v2"),
    "another snapshot of one version": (
        _others_of_one_version("snapshot", "targets"),
        f"{HOLDS_NOT}Observed hash ",
    ),
    "other targets of one version": (
        _others_of_one_version("targets"),
        f"{HOLDS_NOT}Observed hash ",
    ),
    "another target": (
        _target_that_is(lambda real, forged: forged.ljust(len(real))),
        f"{HOLDS_NOT}Observed hash ",
    ),
    "a longer target": (
        _target_that_is(lambda real, _: real + b" "),
        "the TUF repository (URL/targets/",
    ),
}


@pytest.mark.parametrize("cached", [False, True], ids=["nothing cached", "a cache of yesterday"])
@pytest.mark.parametrize("name", SERVED)
def test_what_is_served_wrongly_is_not_trusted(
    person: Person, signers: Mapping[str, Signer], name: str, *, cached: bool
) -> None:
    """What was known before goes on, the reason is said, and a later refresh is as ever."""
    attack, said = SERVED[name]
    tuf, real, forged = person.tuf, signers["real"].root, signers["forged"].root
    if cached:
        person.is_right()
        person.later = DAY
    good = dict(tuf.files), dict(tuf.signers), tuf.root.version, tuf.version

    attack(tuf, real, forged)
    note = person.is_right()

    assert note.startswith("TUF, fetched 1 day ago; " if cached else "the copy of ")
    assert f"; {FAILED}{said}" in note
    tuf.files, tuf.signers, tuf.root.version, tuf.version = good
    assert person.is_right() == "TUF, fetched less than a minute ago"


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("", f"{HOLDS_NOT}New timestamp version 2 must be >= 3"),
        ("snapshot", f"{HOLDS_NOT}New snapshot version must be >= 3, got version 2"),
        ("targets", f"{HOLDS_NOT}Expected targets.json version 2, got 3"),
    ],
    ids=["timestamp", "snapshot", "targets"],
)
def test_nobody_is_led_back_to_an_older_version(
    person: Person, signers: Mapping[str, Signer], role: str, said: str
) -> None:
    """A withdrawn root is served again, with the keys above it in the forger's hands."""
    tuf = person.tuf
    tuf.publish(signers["forged"].root)
    old = dict(tuf.files)
    tuf.publish(signers["real"].root)
    person.is_right()
    person.later = DAY

    if role:
        tuf.point_back(role, 2)
    else:
        tuf.files = old
    note = person.is_right()

    assert note == f"TUF, fetched 1 day ago; {FAILED}{said}"
    tuf.publish(signers["real"].root)
    assert person.is_right() == "TUF, fetched less than a minute ago"
