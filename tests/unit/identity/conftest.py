"""A provider on loopback, for each test its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from tests.support.openid import FakeProvider

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """Return a provider by the machine's clock."""
    with FakeProvider(SystemClock()) as served:
        yield served
