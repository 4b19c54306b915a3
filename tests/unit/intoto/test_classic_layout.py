"""Classic layouts: what is accepted, and each way in which one is refused, beside in-toto."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from slsa_gen.intoto.classic_layout import judge
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from tests.support.clock import START
from tests.support.supply_chains import (
    Chain,
    Person,
    digest,
    inspection,
    layout,
    link,
    sealed,
    signed,
    step,
)
from tests.unit.intoto.classic_verdicts import ARTIFACT, judged, ours, refusals, theirs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=["dsse", "older form"])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Chain:
    """Return a good chain, in either form."""
    return Chain(tmp_path / "links", dsse=request.param == "dsse")


def test_the_product_of_a_complete_chain_is_accepted(chain: Chain) -> None:
    """By us and by in-toto, and each step has been checked."""
    layout = chain.laid()
    checks = judged(chain, layout)

    assert refusals(checks) == set()
    assert theirs(chain, layout)
    for name in ("write", "pack"):
        assert any(f"step {name!r}" in check.expected for check in checks)


@pytest.mark.parametrize("scheme", ["rsa", "ecdsa"])
def test_every_kind_of_key_is_used(tmp_path: Path, scheme: str) -> None:
    """A chain whose people have RSA or ECDSA keys is accepted by us and by in-toto."""
    owner, bob, carl = (Person(scheme) for _ in range(3))
    chain = Chain(tmp_path / "links", owner=owner, bob=bob, carl=carl)
    layout = chain.laid()

    assert ours(chain, layout) == set()
    assert theirs(chain, layout)


def expired(chain: Chain) -> bytes:
    """Let the layout end a day before the clock's time."""
    chain.layout["expires"] = "2026-01-01T00:00:00Z"
    return chain.laid()


def foreign_layout(chain: Chain) -> bytes:
    """Let a functionary sign the layout instead of its owner."""
    chain.laid()
    return signed(chain.layout, chain.bob, dsse=chain.dsse)


def unsigned_layout(chain: Chain) -> bytes:
    """Let nobody sign it."""
    chain.laid()
    return signed(chain.layout, dsse=chain.dsse)


def borrowed_signature(chain: Chain) -> bytes:
    """Put the owner's signature of the good layout under one that asks for less."""
    good = json.loads(chain.laid())
    chain.layout["steps"] = chain.layout["steps"][1:]
    other = json.loads(signed(chain.layout, chain.owner, dsse=chain.dsse))
    return json.dumps({**other, "signatures": good["signatures"]}).encode()


def no_link(chain: Chain) -> bytes:
    """Leave out the link of a step."""
    del chain.links["write"]
    return chain.laid()


def stranger(chain: Chain) -> bytes:
    """Let somebody sign a link who has no part in the step, under the name that is read."""
    data = chain.laid()
    chain.put("pack", chain.carl, signed(chain.links["pack"], chain.bob, dsse=chain.dsse))
    return data


def altered_link(chain: Chain) -> bytes:
    """Change a link's product after it was signed."""
    data = chain.laid()
    good = json.loads(signed(chain.links["pack"], chain.carl, dsse=chain.dsse))
    chain.links["pack"]["products"] = {"app.tar": digest("3")}
    bad = json.loads(signed(chain.links["pack"], chain.carl, dsse=chain.dsse))
    both = json.dumps({**bad, "signatures": good["signatures"]}).encode()
    chain.put("pack", chain.carl, both)
    return data


def too_few(chain: Chain) -> bytes:
    """Demand two functionaries where one was at work."""
    chain.layout["steps"][1] |= {"threshold": 2, "pubkeys": [chain.carl.keyid, chain.bob.keyid]}
    return chain.laid()


def contradiction(chain: Chain) -> bytes:
    """Let two functionaries of one step disagree, where two are demanded."""
    data = too_few(chain)
    other = chain.links["pack"] | {"materials": {}}
    chain.put("pack", chain.bob, signed(other, chain.bob, dsse=chain.dsse))
    return data


def added_product(chain: Chain) -> bytes:
    """Let a step make a file that the layout does not know."""
    chain.links["pack"]["products"]["evil.sh"] = digest("6")
    return chain.laid()


def changed_between(chain: Chain) -> bytes:
    """Change the source between two steps."""
    chain.links["pack"]["materials"]["app.py"] = digest("7")
    return chain.laid()


def required(chain: Chain) -> bytes:
    """Demand a material that is not there."""
    chain.layout["steps"][1]["expected_materials"].insert(0, ["REQUIRE", "setup.py"])
    return chain.laid()


def no_json(chain: Chain) -> bytes:
    """Put something else into a link's place."""
    data = chain.laid()
    chain.put("write", chain.bob, b"not JSON")
    return data


def layout_is_a_link(chain: Chain) -> bytes:
    """Give a link where a layout belongs."""
    chain.laid()
    return signed(chain.links["pack"], chain.owner, dsse=chain.dsse)


@dataclass(frozen=True)
class Case:
    """A change to a chain, and why it is refused; ``stricter`` where in-toto accepts it."""

    change: Callable[[Chain], bytes]
    reasons: frozenset[Reason]
    stricter: bool = False


def case(change: Callable[[Chain], bytes], *reasons: Reason, stricter: bool = False) -> object:
    """Return a case under the name of what is changed."""
    return pytest.param(Case(change, frozenset(reasons), stricter), id=change.__name__)


BOTH = [
    case(expired, Reason.LAYOUT_EXPIRED),
    case(foreign_layout, Reason.LAYOUT_SIGNATURE),
    case(unsigned_layout, Reason.LAYOUT_SIGNATURE),
    case(borrowed_signature, Reason.LAYOUT_SIGNATURE),
    case(no_link, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_DISALLOWED),
    case(stranger, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT),
    case(altered_link, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT),
    case(too_few, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT),
    case(contradiction, Reason.LAYOUT_DISAGREEMENT, Reason.LAYOUT_ARTIFACT),
    case(added_product, Reason.LAYOUT_DISALLOWED),
    case(changed_between, Reason.LAYOUT_DISALLOWED),
    case(required, Reason.LAYOUT_REQUIRED),
    case(
        no_json,
        Reason.LINK_MALFORMED,
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_DISALLOWED,
    ),
    case(layout_is_a_link, Reason.LAYOUT_CLASSIC),
]


@pytest.mark.parametrize("tampering", BOTH)
def test_a_chain_that_is_not_as_it_should_be_is_refused_by_both(
    chain: Chain, tampering: Case
) -> None:
    """With the reason that says which part of it is wrong."""
    data = tampering.change(chain)

    assert ours(chain, data) == tampering.reasons
    assert not theirs(chain, data)


def renamed(chain: Chain) -> bytes:
    """Let a link of another step stand for one that its functionary may do, too."""
    chain.layout["steps"][1]["pubkeys"] = [chain.bob.keyid]
    chain.layout["steps"][1] |= {"expected_materials": [], "expected_products": []}
    data = chain.laid()
    chain.put("pack", chain.bob, signed(chain.links["write"], chain.bob, dsse=chain.dsse))
    return data


def one_key_twice(chain: Chain) -> bytes:
    """Give one key two ids, and demand two functionaries."""
    twin = chain.carl.under("f" * 64)
    chain.layout["keys"][twin.keyid] = twin.document
    chain.layout["steps"][1] |= {"threshold": 2, "pubkeys": [chain.carl.keyid, twin.keyid]}
    data = chain.laid()
    chain.put("pack", twin, signed(chain.links["pack"], twin, dsse=chain.dsse))
    return data


def unequal(chain: Chain) -> bytes:
    """Let two functionaries disagree, where one is enough: whose word counts is then chance."""
    data = contradiction(chain)
    chain.layout["steps"][1]["threshold"] = 1
    return data and signed(chain.layout, chain.owner, dsse=chain.dsse)


def linked_link(chain: Chain) -> bytes:
    """Let a link's file be a link to one elsewhere."""
    data = chain.laid()
    path = chain.folder / f"write.{chain.bob.keyid[:8]}.link"
    elsewhere = chain.folder.parent / "elsewhere.link"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    return data


def climbing_name(chain: Chain) -> bytes:
    """Name a step so that its link is read outside of the folder."""
    chain.layout["steps"][0]["name"] = "../write"
    chain.layout["steps"][1]["expected_materials"] = []
    data = chain.laid()
    name = f"write.{chain.bob.keyid[:8]}.link"
    outside = signed(chain.links["write"] | {"name": "../write"}, chain.bob, dsse=chain.dsse)
    (chain.folder.parent / name).write_bytes(outside)
    return data


def named_twice(chain: Chain) -> bytes:
    """Write one field of a link's file twice: readers differ in which of them counts."""
    data = chain.laid()
    path = chain.folder / f"write.{chain.bob.keyid[:8]}.link"
    path.write_bytes(path.read_bytes()[:-1] + b', "signatures": []}')
    good = json.loads(signed(chain.links["write"], chain.bob, dsse=chain.dsse))
    rest = json.dumps({**good, "signatures": []})[:-1]
    path.write_text(f'{rest}, "signatures": {json.dumps(good["signatures"])}}}', "utf-8")
    return data


def unknown_beside(chain: Chain) -> bytes:
    """Add something that nobody signs to a link's file."""
    data = chain.laid()
    path = chain.folder / f"write.{chain.bob.keyid[:8]}.link"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "note": "reviewed"}), "utf-8")
    return data


def without_digests(chain: Chain) -> bytes:
    """Let a link give no digest, so that two files are equal in what is not known of them."""
    chain.links["write"]["products"] = {"app.py": {}}
    chain.links["pack"]["materials"] = {"app.py": {}}
    return chain.laid()


STRICTER = [
    case(renamed, Reason.LINK_MALFORMED, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT),
    case(one_key_twice, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT),
    case(unequal, Reason.LAYOUT_DISAGREEMENT, Reason.LAYOUT_ARTIFACT),
    case(
        linked_link,
        Reason.LINK_MALFORMED,
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_DISALLOWED,
    ),
    case(climbing_name, Reason.LAYOUT_CLASSIC),
    case(
        named_twice,
        Reason.LINK_MALFORMED,
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_DISALLOWED,
    ),
    case(
        unknown_beside,
        Reason.LINK_MALFORMED,
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_DISALLOWED,
    ),
    case(
        without_digests,
        Reason.LINK_MALFORMED,
        Reason.LAYOUT_FUNCTIONARIES,
        Reason.LAYOUT_ARTIFACT,
    ),
]


@pytest.mark.parametrize("tampering", STRICTER)
def test_what_in_toto_lets_through_is_refused(chain: Chain, tampering: Case) -> None:
    """These are the places where we are stricter (docs/layouts.md); in-toto accepts each."""
    data = tampering.change(chain)

    assert ours(chain, data) == tampering.reasons
    assert theirs(chain, data)


@pytest.mark.parametrize("status", [1, -9, True, None, "0", "", {}])
def test_a_link_of_a_command_that_failed_does_not_count(chain: Chain, status: object) -> None:
    """Nor one of which that is not known; in-toto asks the status of inspections alone."""
    chain.links["write"]["byproducts"] = {"return-value": status}
    data = chain.laid()

    assert ours(chain, data) == {Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_DISALLOWED}
    assert theirs(chain, data)


@pytest.mark.parametrize("weak", [{"md5": "1" * 32}, {"sha1": "1" * 40, "gitBlob": "1" * 40}])
def test_a_link_whose_products_have_weak_digests_does_not_count(
    chain: Chain, weak: dict[str, str]
) -> None:
    """Whoever can make a second file of that digest could hand it to the next step."""
    chain.links["write"]["products"]["app.py"] = weak
    chain.links["pack"]["materials"]["app.py"] = weak
    data = chain.laid()

    assert ours(chain, data) == {Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_DISALLOWED}
    assert theirs(chain, data)


def test_a_step_that_was_recorded_without_a_command_counts(chain: Chain) -> None:
    """As in-toto-record does, which knows of no status."""
    chain.links["write"]["byproducts"] = {}

    assert ours(chain, chain.laid()) == set()


def test_a_file_that_no_step_made_is_refused(chain: Chain) -> None:
    """However good the chain is: in-toto never looks at the file, we do."""
    checks = judged(chain, chain.laid(), (Digest("sha256", "9" * 64),))

    assert refusals(checks) == {Reason.LAYOUT_ARTIFACT}


def test_a_product_of_an_earlier_step_is_not_the_result(chain: Chain) -> None:
    """What is verified is what comes out at the end; the message says where it is from."""
    checks = judged(chain, chain.laid(), (Digest("sha256", "1" * 64),))

    (refused,) = [check for check in checks if not check.passed]
    assert refused.reason is Reason.LAYOUT_ARTIFACT
    assert refused.found == "it is a product of the step 'write'"


def test_every_digest_that_both_know_must_be_equal(chain: Chain) -> None:
    """One good digest does not outweigh a bad one, and SHA-1 alone is none."""
    product = chain.links["pack"]["products"]
    product["app.tar"] = {"sha256": "2" * 64, "sha512": "5" * 128}
    good = (*ARTIFACT, Digest("sha512", "5" * 128))
    assert refusals(judged(chain, chain.laid(), good)) == set()
    bad = (*ARTIFACT, Digest("sha512", "6" * 128))
    assert refusals(judged(chain, chain.laid(), bad)) == {Reason.LAYOUT_ARTIFACT}

    product["app.tar"] = {"sha1": "2" * 40}
    assert Reason.LAYOUT_ARTIFACT in refusals(judged(chain, chain.laid()))


def test_every_key_that_was_named_must_have_signed(chain: Chain) -> None:
    """Two keys demanded, one signature: refused; and without a key nobody vouches for it."""
    data, other = chain.laid(), Person()
    both = signed(chain.layout, chain.owner, other, dsse=chain.dsse)

    def judged_by(layout: bytes, *people: Person) -> set[Reason | None]:
        keys = [person.public for person in people]
        return refusals(judge(layout, keys, chain.folder, ARTIFACT, now=START))

    assert judged_by(data, chain.owner, other) == {Reason.LAYOUT_SIGNATURE}
    assert judged_by(both, chain.owner, other) == set()
    assert judged_by(both) == {Reason.LAYOUT_SIGNATURE}


def test_nothing_is_repeated_of_a_layout_that_nobody_vouches_for(chain: Chain) -> None:
    """Its steps may say anything."""
    checks = judged(chain, foreign_layout(chain))

    assert [check.rule for check in checks] == ["layout.signature"]


def test_another_command_than_expected_is_said_and_not_refused(chain: Chain) -> None:
    """The in-toto specification demands a warning (4.3.1); so does the verdict say it."""
    chain.links["pack"]["command"] = ["tar", "czf", "app.tar", "app.py"]
    data = chain.laid()

    checks = judged(chain, data)

    assert refusals(checks) == set()
    assert theirs(chain, data)
    (said,) = [check for check in checks if check.rule == "layout.command"]
    assert "differs: 'tar czf app.tar app.py'" in said.found


def test_two_keys_whose_ids_begin_alike_share_a_file_and_not_a_signature(chain: Chain) -> None:
    """The file's name has eight digits of an id; a signature counts for its own key alone."""
    twin = Person()
    twin.keyid = chain.carl.keyid[:8] + "0" * 56
    chain.layout["keys"][twin.keyid] = twin.document
    chain.layout["steps"][1] |= {"threshold": 2, "pubkeys": [chain.carl.keyid, twin.keyid]}
    data = chain.laid()

    assert Reason.LAYOUT_FUNCTIONARIES in ours(chain, data)
    assert not theirs(chain, data)


def test_a_layout_whose_inspections_were_not_run_is_refused(chain: Chain) -> None:
    """With the option that runs them: what was not checked is not good."""
    chain.layout["inspect"] = [inspection("untar", "tar", "xf", "app.tar")]

    checks = judged(chain, chain.laid())

    (refused,) = [check for check in checks if not check.passed]
    assert refused.reason is Reason.LAYOUT_INSPECTION
    assert "--run-inspections" in refused.hint


def test_no_more_links_are_looked_for_than_are_reasonable(chain: Chain) -> None:
    """Neither in number nor in bytes, whatever the layout says."""
    data = chain.laid()
    few = replace(DEFAULT_LIMITS, classic_links=1)
    small = replace(DEFAULT_LIMITS, classic_links_bytes=500)

    assert Reason.LINK_MALFORMED in refusals(judged(chain, data, limits=few))
    assert Reason.LINK_MALFORMED in refusals(judged(chain, data, limits=small))


def sublaid(chain: Chain, levels: int) -> bytes:
    """Put a layout of its own, by Bob, into the place of a step; in it another, and so on."""
    data = chain.laid()
    folder = chain.folder
    for _ in range(levels):
        inner = layout([step("write", chain.bob)], chain.bob)
        path = folder / f"write.{chain.bob.keyid[:8]}"
        path.with_name(f"{path.name}.link").write_bytes(signed(inner, chain.bob, dsse=chain.dsse))
        path.mkdir()
        folder = path
    inmost = signed(chain.links["write"], chain.bob, dsse=chain.dsse)
    (folder / f"write.{chain.bob.keyid[:8]}.link").write_bytes(inmost)
    return data


@pytest.mark.parametrize("levels", [1, 3])
def test_a_sublayout_stands_for_the_link_of_its_step(chain: Chain, levels: int) -> None:
    """With the materials of its first step and the products of its last, in any depth."""
    data = sublaid(chain, levels)

    assert ours(chain, data) == set()
    assert theirs(chain, data)


def test_what_is_wrong_in_a_sublayout_is_wrong_in_the_whole(chain: Chain) -> None:
    """And the check says in which sublayout."""
    data = sublaid(chain, 1)
    inmost = chain.folder / f"write.{chain.bob.keyid[:8]}" / f"write.{chain.bob.keyid[:8]}.link"
    inmost.unlink()

    checks = judged(chain, data)

    assert not theirs(chain, data)
    refused = next(check for check in checks if not check.passed)
    assert refused.reason is Reason.LAYOUT_FUNCTIONARIES
    assert refused.expected.startswith(f"sublayout write.{chain.bob.keyid[:8]}: step 'write': ")


def test_layouts_are_not_followed_for_ever(chain: Chain) -> None:
    """A bomb of sublayouts ends at the limit."""
    data = sublaid(chain, 8)

    assert Reason.LAYOUT_SUBLAYOUT in ours(chain, data)


def test_a_sublayouts_folder_that_is_a_link_is_not_followed(chain: Chain) -> None:
    """Not even to a good one: what is read lies below the folder that was named."""
    data = sublaid(chain, 1)
    folder = chain.folder / f"write.{chain.bob.keyid[:8]}"
    folder.rename(chain.folder.parent / "elsewhere")
    folder.symlink_to(chain.folder.parent / "elsewhere")

    assert Reason.LAYOUT_SUBLAYOUT in ours(chain, data)


def test_an_expired_sublayout_is_refused(chain: Chain) -> None:
    """A layout that ends is no layout, wherever it stands."""
    data = chain.laid()
    inner = layout([step("write", chain.bob)], chain.bob, expires="2026-01-01T00:00:00Z")
    chain.put("write", chain.bob, signed(inner, chain.bob, dsse=chain.dsse))
    (chain.folder / f"write.{chain.bob.keyid[:8]}").mkdir()

    assert Reason.LAYOUT_EXPIRED in ours(chain, data)
    assert not theirs(chain, data)


def test_an_envelope_of_another_type_is_no_layout(tmp_path: Path) -> None:
    """A layout's bytes signed as something else were not signed as a layout."""
    chain = Chain(tmp_path / "links")
    chain.laid()
    data = sealed(json.dumps(chain.layout).encode(), chain.owner, payload_type="text/plain")

    assert ours(chain, data) == {Reason.LAYOUT_CLASSIC}
    assert not theirs(chain, data)


def test_a_folder_of_links_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    """Not a refusal: nothing was examined."""
    chain = Chain(tmp_path / "links")
    data = signed(chain.layout, chain.owner)

    assert ours(chain, data) == {Reason.LINK_FOLDER}


def test_a_link_that_cannot_be_read_is_not_taken_for_missing(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict is then open: the threshold might be reached."""
    data = chain.laid()

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("slsa_gen.intoto.link_folder.read_with_status", denied)

    assert ours(chain, data) == {Reason.LINK_UNREADABLE}


def test_a_pipe_in_a_links_place_does_not_stop_the_verdict(chain: Chain) -> None:
    """It is no file, and nobody waits for it."""
    data = chain.laid()
    path = chain.folder / f"write.{chain.bob.keyid[:8]}.link"
    path.unlink()
    os.mkfifo(path)

    assert Reason.LINK_MALFORMED in ours(chain, data)


def test_a_link_by_its_own_words_is_only_of_its_own_step(tmp_path: Path) -> None:
    """The step's name stands in what is signed, so that no file can be renamed into another."""
    chain = Chain(tmp_path / "links")
    chain.links["pack"] = link("write", products={"app.tar": digest("2")})

    assert Reason.LINK_MALFORMED in ours(chain, chain.laid())
