"""Which bundles claim to be links, and what is said of those of the other kind."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.intoto import kinds
from slsa_gen.intoto.keyless_layout import judge_steps
from slsa_gen.intoto.keyless_links import claims_by_step
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.evidence import Evidence
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from tests.support.values import SIGNED_AT, own_statement, provenance
from tests.unit.evidence.forge import Forge
from tests.unit.intoto.claims import Believing, build_said, claimed, layout, link_said, pack_said

BUILD: Final = Evidence("build", claimed(build_said()))
AGAIN: Final = Evidence("again", claimed(build_said()))
PACK: Final = Evidence("pack", claimed(pack_said()))


def _signature_of_a_file() -> bytes:
    document = Forge().document()
    envelope = document.pop("dsseEnvelope")
    document["messageSignature"] = {
        "messageDigest": {
            "algorithm": "SHA2_256",
            "digest": base64.b64encode(bytes(32)).decode(),
        },
        "signature": envelope["signatures"][0]["sig"],
    }
    return json.dumps(document).encode()


#: What is no link of a step, whoever signed it.
NO_LINKS: Final = {
    "no bundle": b"{}",
    "cut": BUILD.bundle[:-1],
    "a file's signature": _signature_of_a_file(),
    "provenance": claimed(provenance()),
    "own": claimed(own_statement({"name": "build"})),
    "an older link": claimed(
        link_said("build", predicate_type="https://in-toto.io/attestation/link/v0.2")
    ),
    "no name": claimed(link_said(None)),
    "a name that is none": claimed(link_said(["build"])),
    "another step": claimed(link_said("test")),
    "another case": claimed(link_said("Build")),
}


def test_bundles_are_parted_by_the_step_that_they_claim() -> None:
    """In the order in which they were found; a step without any has none."""
    found = claims_by_step([BUILD, PACK, AGAIN], ["pack", "build", "test"], DEFAULT_LIMITS)

    assert found == {"pack": [PACK], "build": [BUILD, AGAIN], "test": []}


@pytest.mark.parametrize("data", NO_LINKS.values(), ids=NO_LINKS.keys())
def test_what_claims_no_step_of_the_layout_is_passed_over(data: bytes) -> None:
    """Neither proved nor counted, and nothing that it is keeps others from counting."""
    odd = Evidence("odd", data)

    assert claims_by_step([odd, BUILD], ["build", "pack"], DEFAULT_LIMITS) == {
        "build": [BUILD],
        "pack": [],
    }


@given(st.binary(max_size=100), st.integers(0, len(BUILD.bundle)))
def test_any_bytes_claim_a_step_or_nothing(data: bytes, place: int) -> None:
    """Also within what was a bundle: nobody's file ends a verification."""
    broken = BUILD.bundle[:place] + data + BUILD.bundle[place:]

    for one in (data, broken):
        found = claims_by_step([Evidence("any", one)], ["build"], DEFAULT_LIMITS)
        assert len(found["build"]) <= 1


def test_no_more_links_are_proved_than_the_limit() -> None:
    """Exactly as many are, over all steps; with one more none of them is."""

    def judged(limit: int) -> tuple[tuple[Check, ...], list[str]]:
        prover = Believing()
        limits = replace(DEFAULT_LIMITS, layout_links=limit)
        bundles = [BUILD, AGAIN, PACK, Evidence("odd", b"{}")]
        steps = judge_steps(layout(), bundles, prover, sandbox=False, now=SIGNED_AT, limits=limits)
        return steps.checks, prover.proved

    all_checks, proved = judged(3)
    too_many, unproved = judged(2)

    assert ([check.passed for check in all_checks], len(proved)) == ([True] * len(all_checks), 3)
    assert (too_many[-1].reason, too_many[-1].found, unproved) == (
        Reason.LAYOUT_TOO_LARGE,
        "3",
        [],
    )


def _check(reason: Reason | None) -> Check:
    return Check("rule", "expected", "found", passed=reason is None, reason=reason)


@pytest.mark.parametrize(
    ("reasons", "lacking"),
    [
        ((), False),
        ((None, None), False),
        ((None, Reason.LAYOUT_DISALLOWED), False),
        ((Reason.LAYOUT_FUNCTIONARIES,), True),
        ((None, Reason.LAYOUT_FUNCTIONARIES, Reason.LAYOUT_ARTIFACT), True),
    ],
)
def test_links_are_missing_where_a_threshold_is_not_met(
    reasons: tuple[Reason | None, ...],
    lacking: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """One step is enough; any other failure is no reason to look for the other kind."""
    assert kinds.lacks_links(map(_check, reasons)) is lacking


def test_links_of_the_other_kind_are_named_and_refused() -> None:
    """Bundles by what they claim, files by what they are called; a few of many."""
    odd = [Evidence(name, data) for name, data in NO_LINKS.items()]
    (one,) = kinds.keyless_for_classic([*odd[:6], BUILD], DEFAULT_LIMITS)
    (several,) = kinds.keyless_for_classic([BUILD, PACK], DEFAULT_LIMITS)
    names = [f"build.{n}.link" for n in range(7)]
    (many,) = kinds.classic_for_keyless(["pack", "build"], [*names, "test.1.link"])

    assert [check.passed for check in (one, several, many)] == [False] * 3
    assert one.found == "'build': keyless link"
    assert several.found == "'build', 'pack': keyless links"
    assert many.found == (
        "'build.0.link', 'build.1.link', 'build.2.link', 'build.3.link', 'build.4.link' and 2 "
        "more: classic links"
    )
    assert kinds.keyless_for_classic(odd[:6], DEFAULT_LIMITS) == ()
    assert kinds.classic_for_keyless(["pack"], names[:5]) == ()


def test_files_that_are_no_bundles_are_named_as_they_are_called() -> None:
    """Five, and how many more there are."""
    (five,) = kinds.unreadable([str(n) for n in range(5)])
    (more,) = kinds.unreadable([str(n) for n in range(8)])

    assert (five.reason, five.found) == (
        Reason.EVIDENCE_NOT_A_BUNDLE,
        "'0', '1', '2', '3', '4': no bundle",
    )
    assert more.found == "'0', '1', '2', '3', '4' and 3 more: no bundle"
