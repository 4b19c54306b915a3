"""Fixtures of the sandbox's own tests."""

from __future__ import annotations

import pytest

from slsa_gen.sandbox.keys import Material
from tests.support.clock import START, FakeClock
from tests.unit.sandbox.clients import Signer


@pytest.fixture(scope="session")
def material() -> Material:
    """Return the keys of one sandbox, made at ``START``."""
    return Material.generate(START)


@pytest.fixture
def signer(material: Material, clock: FakeClock) -> Signer:
    """Return a client of that sandbox's keys."""
    return Signer(material, clock)
