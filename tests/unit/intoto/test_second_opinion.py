"""The package's own opinion: asked of whatever we accept, and heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from in_toto import verifylib
from in_toto.exceptions import ThresholdVerificationError

from slsa_gen.reasons import Reason
from tests.support.supply_chains import Chain, Person, digest, link, signed, step
from tests.unit.intoto.classic_verdicts import judged, ours, refusals, theirs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PEOPLE = [Person() for _ in range(3)]
OWNER = Person()
FILES = ["app.py", "lib/a.py", "app.tar"]


def test_what_the_package_refuses_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although every check of ours passed; the words are the package's."""

    def refuse(*_: object) -> None:
        raise ThresholdVerificationError("Step 'pack' requires at least '2' links")

    chain = Chain(tmp_path / "links")
    data = chain.laid()
    monkeypatch.setattr(verifylib, "verify_link_signature_thresholds", refuse)

    checks = judged(chain, data)

    assert refusals(checks) == {Reason.LAYOUT_SECOND_OPINION}
    (refused,) = [check for check in checks if not check.passed]
    assert refused.found == "Step 'pack' requires at least '2' links"


def test_the_package_is_asked_of_what_is_accepted(tmp_path: Path) -> None:
    """A verdict without its opinion would rest on us alone."""
    chain = Chain(tmp_path / "links")

    assert [c.passed for c in judged(chain, chain.laid()) if c.rule == "layout.in-toto"] == [True]


_ARTIFACTS = st.dictionaries(st.sampled_from(FILES), st.sampled_from("12").map(digest), max_size=3)
_RULE = st.one_of(
    st.tuples(
        st.sampled_from(["CREATE", "MODIFY", "DELETE", "ALLOW", "DISALLOW", "REQUIRE"]),
        st.sampled_from(["*", "app.*", "lib/*", "app.py", "other"]),
    ),
    st.tuples(
        st.just("MATCH"),
        st.sampled_from(["*", "app.*", "*.py"]),
        st.just("WITH"),
        st.sampled_from(["MATERIALS", "PRODUCTS"]),
        st.just("FROM"),
        st.sampled_from(["one", "two"]),
    ),
)
_RULES = st.lists(_RULE.map(list), max_size=2)
_SOME = st.lists(st.integers(0, 2), max_size=3, unique=True)


@st.composite
def _steps(draw: st.DrawFn) -> list[dict[str, object]]:
    """Draw two steps: who may, how many must, who did, and what their links say."""
    return [
        {
            "name": name,
            "may": draw(st.sampled_from([[0], [0, 1], [0, 1, 2]])),
            "did": draw(st.sampled_from([[0], [0, 1], [0, 1, 2]]) | _SOME),
            "signs": draw(st.sampled_from(["own"] * 6 + ["another"])),
            "threshold": draw(st.sampled_from([1, 1, 1, 2, 3])),
            "materials": draw(_ARTIFACTS),
            "products": draw(_ARTIFACTS),
            "expected_materials": draw(_RULES),
            "expected_products": draw(_RULES),
        }
        for name in ("one", "two")
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_steps(), st.booleans())
def test_any_chain_is_judged_as_in_toto_judges_it(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[dict[str, object]],
    dsse: bool,  # noqa: FBT001 (drawn)
) -> None:
    """Whoever did what: apart from the artifact, which in-toto does not look at."""
    bob, carl, _ = PEOPLE
    chain = Chain(tmp_path_factory.mktemp("any"), dsse=dsse, owner=OWNER, bob=bob, carl=carl)
    chain.layout["keys"] = {person.keyid: person.document for person in PEOPLE}
    chain.layout["steps"] = []
    for one in drawn:
        may, did = one["may"], one["did"]
        assert isinstance(may, list)
        assert isinstance(did, list)
        fields = {key: one[key] for key in ("threshold", "expected_materials", "expected_products")}
        chain.layout["steps"].append(step(str(one["name"]), *(PEOPLE[i] for i in may), **fields))
        said = link(str(one["name"]), materials=one["materials"], products=one["products"])
        for index in did:
            signer = PEOPLE[index if one["signs"] == "own" else (index + 1) % 3]
            chain.put(str(one["name"]), PEOPLE[index], signed(said, signer, dsse=dsse))
    data = signed(chain.layout, OWNER, dsse=dsse)

    accepted = theirs(chain, data)
    event("accepted" if accepted else "refused")
    assert (ours(chain, data) - {Reason.LAYOUT_ARTIFACT} == set()) == accepted
