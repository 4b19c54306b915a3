"""What is fetched and when: refreshed, cached, or not asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from tests.integration.trust.conftest import DAY, Person
from tests.support.clock import SkewedClock
from tests.support.tuf_repository import TufRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.conftest import CommandLine
    from tests.integration.trust.conftest import Signer


@pytest.mark.network
def test_a_first_command_fetches_and_the_next_ones_ask_nobody(person: Person) -> None:
    """Within a day nothing is asked; the age is said."""
    first = person.is_right()
    asked = list(person.tuf.asked)
    person.later = 3 * 3600 + 60
    second = person.is_right()

    assert first == "TUF, fetched less than a minute ago"
    assert second == "TUF, fetched 3 hours ago"
    assert person.tuf.asked == asked


@pytest.mark.network
def test_a_signer_that_is_withdrawn_is_refused_after_a_day(
    person: Person, signers: Mapping[str, Signer]
) -> None:
    """The new root counts as soon as it is fetched, and offline afterwards."""
    person.tuf.publish(signers["forged"].root)
    before = person.asks("forged")
    person.tuf.publish(signers["real"].root)
    within = person.asks("forged")
    person.later = DAY

    note = person.is_right()

    assert (before.accepted, within.accepted) == (True, True)
    assert note == "TUF, fetched less than a minute ago"
    assert person.is_right("--offline") == "TUF, fetched less than a minute ago"


@pytest.mark.network
@pytest.mark.parametrize("rotations", [1, 40])
def test_keys_that_changed_are_followed(
    person: Person, signers: Mapping[str, Signer], rotations: int
) -> None:
    """Also many versions at once, each signed by the one before."""
    person.is_right()
    roles = ("timestamp", "root", "snapshot", "targets")
    for number in range(rotations):
        person.tuf.rotate(roles[number % 4])
    person.tuf.publish(signers["real"].root)
    person.later = DAY

    note = person.is_right()

    assert note == "TUF, fetched less than a minute ago"
    assert person.files().keys() >= {f"root_history/{rotations + 1}.root.json"}


@pytest.mark.network
def test_a_repository_that_lost_its_versions_may_begin_again_with_new_keys(
    person: Person, signers: Mapping[str, Signer]
) -> None:
    """Recovery from a version number that was run up: new keys, and the count starts anew."""
    person.tuf.version = 1_000_000
    person.tuf.publish(signers["real"].root)
    person.is_right()
    for role in ("timestamp", "snapshot"):
        person.tuf.rotate(role)
    person.tuf.version = 1
    person.tuf.publish(signers["real"].root)
    person.later = DAY

    assert person.is_right() == "TUF, fetched less than a minute ago"


@pytest.mark.network
@pytest.mark.parametrize(
    ("hours", "said"),
    [(-2, "TUF, fetched less than a minute ago"), (24 * 20, "TUF, fetched 20 days ago, out of")],
)
def test_a_clock_that_was_set_asks_again(person: Person, hours: int, said: str) -> None:
    """A cache from the future, or one whose metadata has expired, is no fresh one."""
    person.is_right()
    person.tuf.asked.clear()
    person.later = hours * 3600

    offline = person.asks("real", "--offline")
    assert offline.accepted
    assert offline.note.startswith(said)
    assert person.tuf.asked == []

    person.is_right()
    assert "/timestamp.json" in person.tuf.asked

    person.later = 0
    assert person.is_right().startswith("TUF, fetched ")


@pytest.mark.network
def test_a_day_of_an_expiry_is_not_waited_for(
    person: Person, signers: Mapping[str, Signer]
) -> None:
    """Metadata that expires within the day are asked for anew when they have."""
    person.tuf.publish(signers["forged"].root, life=timedelta(hours=1))
    assert person.asks("forged").accepted
    person.tuf.publish(signers["real"].root)
    person.later = 2 * 3600

    assert person.is_right() == "TUF, fetched less than a minute ago"


@pytest.mark.network
def test_who_attests_is_told_the_same(person: Person) -> None:
    """The note comes before anything is signed, also where the refresh failed."""
    first = person.run("attest", "--sigstore", "own", "app")
    second = person.run("attest", "--sigstore", "own", "app")

    for outcome in (first, second):
        assert outcome.err.startswith(
            "slsa-gen: trusted root: TUF, fetched less than a minute ago\n"
        )
        assert outcome.reason == "context.outside-run"


def test_offline_opens_no_socket_and_uses_the_newest_that_is_verified(
    cli: CommandLine, signers: Mapping[str, Signer]
) -> None:
    """Sockets are closed in this test: what ships, then a cache that is newer."""
    tuf = TufRepository(SystemClock().now().replace(microsecond=0), signers["real"].root, None)
    person = Person(cli, tuf, signers)
    person.shipped = signers["forged"].root
    shipped = person.asks("forged", "--offline")
    person.put(tuf.client_files(), age=20 * 86_400)

    assert shipped.accepted
    assert shipped.note.startswith("the copy of ")
    assert shipped.note.endswith(" that ships with slsa-gen, 30 days old; not refreshed (offline)")
    assert person.is_right("--offline") == "TUF, fetched 20 days ago; not refreshed (offline)"


def test_a_cache_that_was_out_of_date_when_the_package_was_made_does_not_serve(
    cli: CommandLine, signers: Mapping[str, Signer]
) -> None:
    """Whoever writes an old genuine cache does not bring back keys that were withdrawn."""
    then = SkewedClock(SystemClock(), -60 * 86_400).now().replace(microsecond=0)
    old = TufRepository(then, signers["forged"].root, None)
    person = Person(cli, old, signers)
    person.put(old.client_files())

    old.now = then + timedelta(days=60)  # what ships is 30 days older

    assert person.is_right("--offline").startswith("the copy of ")
