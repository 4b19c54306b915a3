"""Sandboxes that say something else: in their certificates, or in their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.clock import SystemClock
from slsa_gen.sandbox import issuer
from slsa_gen.sandbox.api import json_answer
from slsa_gen.sandbox.server import Sandbox
from tests.support.sandboxes import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from slsa_gen.sandbox.api import Answer, Request
    from slsa_gen.sandbox.keys import Material

#: Each claim that a certificate repeats, with another run's value: what token B says.
OTHER_RUN: Final[Mapping[str, str]] = {
    "ref": "refs/heads/other",
    "sha": "b" * 40,
    "repository": "sandbox/other",
    "repository_id": "99",
    "repository_owner": "other",
    "repository_owner_id": "98",
    "repository_visibility": "private",
    "event_name": "workflow_dispatch",
    "workflow_ref": "sandbox/sandbox/.github/workflows/other.yml@refs/heads/main",
    "workflow_sha": "c" * 40,
    "job_workflow_ref": "sandbox/sandbox/.github/workflows/other.yml@refs/heads/main",
    "job_workflow_sha": "d" * 40,
    "runner_environment": "github-hosted",
    "run_id": "97",
    "run_attempt": "2",
    "sub": "repo:sandbox/other:ref:refs/heads/main",
}


class _OtherRun(issuer.TokenIssuer):
    """Verifies tokens rightly, and then reads other claims out of them."""

    def __init__(self, real: issuer.TokenIssuer, changes: Mapping[str, str]) -> None:
        self._real = real
        self._changes = changes

    def verify(self, raw: str, audience: str) -> dict[str, object]:
        """Return the claims of a valid token, some of them another run's."""
        return {**self._real.verify(raw, audience), **self._changes}


class MistakenSandbox(Sandbox):
    """A sandbox whose certificates differ from the token in some claims.

    Args:
        path: The sandbox's folder.
        changes: Claims and the values that its certificates have instead.
    """

    def __init__(self, path: Path, changes: Mapping[str, str]) -> None:
        super().__init__(path, SystemClock(), environment=ENVIRONMENT)
        self._changes = changes

    def _make_routes(
        self, material: Material
    ) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        honest = self._issuer
        self._issuer = _OtherRun(honest, self._changes)
        try:
            return super()._make_routes(material)
        finally:
            self._issuer = honest


class OtherRunSandbox(Sandbox):
    """A sandbox whose runs are others: its tokens, and so its certificates, say so.

    Args:
        path: The sandbox's folder.
        changes: Claims and the values that its tokens have instead.
    """

    def __init__(self, path: Path, changes: Mapping[str, str]) -> None:
        super().__init__(path, SystemClock(), environment=ENVIRONMENT)
        self._changes = changes

    def _token(self, request: Request) -> Answer:
        run = self._who(request.bearer)
        assert run is not None
        claims = {**run.claims, **self._changes}
        return json_answer({"value": self._issuer.issue(claims, request.query["audience"])})
