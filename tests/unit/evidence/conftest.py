"""What the tests of proving stand on: the public roots, and real bundles."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from slsa_gen.evidence.prove import Prover
from slsa_gen.model.instance import InstanceKind, SigstoreInstance

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def public_good() -> SigstoreInstance:
    """Return the public instance, with the trusted root that ships with us."""
    root = files("slsa_gen.trust").joinpath("data/public-good/trusted_root.json").read_bytes()
    return SigstoreInstance(name="public-good", kind=InstanceKind.PUBLIC_GOOD, trusted_root=root)


@pytest.fixture(scope="session")
def prover(public_good: SigstoreInstance) -> Prover:
    """Return one that trusts the public instance."""
    return Prover(public_good)


@pytest.fixture(scope="session")
def real_world(corpus: Path) -> Path:
    """Return the folder of real bundles."""
    return corpus / "real-world"
