"""What we and the ``in-toto`` package say of one chain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from in_toto import verifylib
from in_toto.models.metadata import Metadata

from slsa_gen.errors import SlsaGenError
from slsa_gen.intoto.classic_layout import judge
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.digest import Digest
from tests.support.clock import START

if TYPE_CHECKING:
    from slsa_gen.intoto.inspections import Inspector
    from slsa_gen.limits import Limits
    from slsa_gen.model.verdict import Check
    from slsa_gen.reasons import Reason
    from tests.support.supply_chains import Chain

#: The last product of a chain (tests/support/supply_chains.py).
ARTIFACT = (Digest("sha256", "2" * 64),)


def judged(
    chain: Chain,
    layout: bytes,
    digests: tuple[Digest, ...] = ARTIFACT,
    limits: Limits = DEFAULT_LIMITS,
    inspect: Inspector | None = None,
) -> tuple[Check, ...]:
    """Judge an artifact by a chain whose links lie in its folder."""
    keys = [chain.owner.public]
    return judge(layout, keys, chain.folder, digests, now=START, limits=limits, inspect=inspect)


def refusals(checks: tuple[Check, ...]) -> set[Reason | None]:
    """Return why checks refuse; empty where all passed."""
    assert checks
    return {check.reason for check in checks if not check.passed}


def ours(chain: Chain, layout: bytes) -> set[Reason | None]:
    """Return why we refuse a chain; empty where we accept it."""
    try:
        return refusals(judged(chain, layout))
    except SlsaGenError as error:
        return {error.reason}


def theirs(chain: Chain, layout: bytes) -> bool:
    """Tell whether the package accepts a chain; whatever it raises is a refusal."""
    try:
        metadata = Metadata.from_dict(json.loads(layout))
        verifylib.in_toto_verify(
            metadata,
            {chain.owner.keyid: chain.owner.document},
            link_dir_path=str(chain.folder),
            persist_inspection_links=False,
        )
    except Exception:  # noqa: BLE001 (the package lets any exception out)
        return False
    return True
