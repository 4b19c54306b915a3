"""Loads what a TUF repository has, with a cache of the test's own."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from slsa_gen.clock import SystemClock
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.trust.load import load_repository
from tests.support.clock import SkewedClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from slsa_gen.clock import Clock
    from slsa_gen.model.instance import SigstoreInstance
    from slsa_gen.trust.known import Repository

#: The trusted root that ships, in these tests.
SHIPPED = b'{"shipped":true}'


class Loader:
    """Loads a repository with a cache of the test's own."""

    def __init__(self, repository: Repository, cache: Path) -> None:
        self.repository = repository
        self.environment = {"SLSA_GEN_CACHE": str(cache)}
        self.path = cache / "trust" / "test.json"
        self.limits = DEFAULT_LIMITS

    def __call__(self, *, offline: bool = False, later: float = 0.0) -> SigstoreInstance:
        """Load, so many seconds from now."""
        clock: Clock = SkewedClock(SystemClock(), later)
        return load_repository(
            self.repository,
            offline=offline,
            environment=self.environment,
            clock=clock,
            limits=self.limits,
        )

    def edit(self, change: Callable[[dict[str, bytes]], None]) -> None:
        """Change the files in the cache."""
        document = json.loads(self.path.read_bytes())
        files = {name: base64.b64decode(data) for name, data in document["files"].items()}
        change(files)
        document["files"] = {n: base64.b64encode(d).decode() for n, d in files.items()}
        self.path.write_text(json.dumps(document))
