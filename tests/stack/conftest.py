"""The real Sigstore, which tests of several folders use; brought up once for all of them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from slsa_gen import environment
from slsa_gen.clock import SystemClock
from tests.stack.services import builds
from tests.stack.services.stack import Stack, brought_up, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read when this is imported: tests see a clean environment.
_VARIABLES = environment.variables()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Return the running stack; skip where it is not asked for, or cannot be had."""
    if not _VARIABLES.get("SLSA_GEN_STACK"):
        pytest.skip("stack: run by make test-stack")
    lacking = missing(_VARIABLES)
    if lacking:
        pytest.skip(f"stack: {lacking}")
    folder = builds.cache_folder(_VARIABLES)
    cache = builds.Cache(folder, _VARIABLES, builds.Pins.read(), print)
    # pytest's own temporary folders are closed to other users, as whom PostgreSQL runs.
    with (
        tempfile.TemporaryDirectory(prefix="slsa-gen-stack-") as name,
        brought_up(cache, Path(name), SystemClock()) as served,
    ):
        yield served
