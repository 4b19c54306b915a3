"""What others sign with, each behind the same door: a file and a predicate, a bundle."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.stack.services.trust import Documents

_SECONDS: Final = 120.0


class NotSignedError(Exception):
    """A client did not sign; the message is what it wrote."""


@dataclass(frozen=True, slots=True)
class Signers:
    """Other people's clients in a run's environment.

    Args:
        program: Returns a program by its name in ``pins.toml``.
        variables: The run's; a client finds its identity in them by itself.
        trust: The documents of the log to sign with.
        folder: Where bundles go.
    """

    program: Callable[[str], Path]
    variables: Mapping[str, str]
    trust: Documents
    folder: Path

    def cosign(self, *, predicate: Path, predicate_type: str, artifact: Path) -> Path:
        """Run ``cosign attest-blob``."""
        bundle = self.folder / "cosign-attest-blob.json"
        documents = self._cosign_documents(bundle)
        kind = ("--predicate", predicate, "--type", predicate_type)
        self._run([self.program("cosign"), "attest-blob", "--yes", *documents, *kind, artifact])
        return bundle

    def cosign_message(self, artifact: Path) -> Path:
        """Run ``cosign sign-blob``."""
        bundle = self.folder / "cosign-sign-blob.json"
        documents = self._cosign_documents(bundle)
        self._run([self.program("cosign"), "sign-blob", "--yes", *documents, artifact])
        return bundle

    def sigstore_python(self, *, predicate: Path, predicate_type: str, artifact: Path) -> Path:
        """Run ``sigstore attest``, which takes SLSA provenance alone."""
        bundle = self.folder / "sigstore-attest.json"
        kind = ("--predicate", predicate, "--predicate-type", predicate_type)
        self._run([*self._sigstore(), "attest", *kind, "--bundle", bundle, artifact])
        return bundle

    def sigstore_python_message(self, artifact: Path) -> Path:
        """Run ``sigstore sign``."""
        bundle = self.folder / "sigstore-sign.json"
        self._run([*self._sigstore(), "sign", "--bundle", bundle, artifact])
        return bundle

    def sigstore_go(self, statement: Path, token: str) -> Path:
        """Run sigstore-go's conformance client over a whole statement."""
        bundle = self.folder / "sigstore-go.json"
        self._run(
            [
                *(self.program("sigstore-go"), "sign-bundle", "--in-toto"),
                *("--identity-token", token, "--bundle", bundle),
                *("--signing-config", self.trust.signing_config),
                *("--trusted-root", self.trust.trusted_root, statement),
            ]
        )
        return bundle

    def _cosign_documents(self, bundle: Path) -> tuple[str | Path, ...]:
        documents = self.trust
        return (
            *("--bundle", bundle, "--trusted-root", documents.trusted_root),
            *("--signing-config", documents.signing_config),
        )

    def _sigstore(self) -> tuple[str | Path, ...]:
        return (sys.executable, "-m", "sigstore", "--trust-config", self.trust.client_config)

    def _run(self, command: Sequence[str | Path]) -> None:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            cwd=self.folder,
            env=dict(self.variables),
        )
        if done.returncode != 0:
            raise NotSignedError(done.stdout + done.stderr)
