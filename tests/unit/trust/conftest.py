"""A TUF repository that is served, and a loader of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.clock import SystemClock
from tests.support.tuf_repository import TufRepository
from tests.unit.trust.loader import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tuf() -> Iterator[TufRepository]:
    """Serve a TUF repository that was published now."""
    with TufRepository(SystemClock().now().replace(microsecond=0)) as repository:
        yield repository


@pytest.fixture
def load(tuf: TufRepository, tmp_path: Path) -> Loader:
    """Return a loader of the repository."""
    return Loader(tuf.known(), tmp_path / "cache")
