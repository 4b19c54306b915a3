"""Classic layouts: what is accepted, and each way in which one is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from slsa_gen.intoto.classic_layout import judge
from slsa_gen.model.digest import Digest
from slsa_gen.reasons import Reason
from tests.support.clock import START
from tests.support.supply_chains import Chain

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.model.verdict import Check

ARTIFACT = (Digest("sha256", "2" * 64),)


@pytest.fixture(params=["dsse", "older form"])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Chain:
    """Return a good chain, in either form."""
    return Chain(tmp_path / "links", dsse=request.param == "dsse")


def judged(chain: Chain, layout: bytes | None = None) -> tuple[Check, ...]:
    """Judge the chain's artifact."""
    data = chain.laid() if layout is None else layout
    return judge(data, [chain.owner.public], chain.folder, ARTIFACT, now=START)


def refusals(checks: tuple[Check, ...]) -> set[Reason | None]:
    """Return why checks refuse."""
    assert checks
    return {check.reason for check in checks if not check.passed}


def test_the_product_of_a_complete_chain_is_accepted(chain: Chain) -> None:
    """Every check passes, and they speak of each step."""
    checks = judged(chain)

    assert refusals(checks) == set()
    assert any("'pack'" in check.expected for check in checks)
