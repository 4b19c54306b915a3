"""What others verify with, each behind the same door: a bundle, an artifact, an expectation."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.stack.services.trust import Documents

_SECONDS: Final = 120.0
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Question:
    """What a client is asked: is this bundle about this artifact, by this signer?"""

    bundle: Path
    artifact: Path
    identity: str
    issuer: str
    predicate_type: str
    trust: Documents


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client says: its verdict, and its words."""

    accepted: bool
    said: str


@dataclass(frozen=True, slots=True)
class Clients:
    """Other people's verifiers, each offline.

    Args:
        program: Returns a program by its name in ``pins.toml``.
        home: An empty home folder for them.
    """

    program: Callable[[str], Path]
    home: Path

    def ask(self, name: str, question: Question) -> Answer:
        """Ask one of ``CLIENTS``."""
        return _ASK[name](self, question)

    def refusals(self, question: Question) -> dict[str, str]:
        """Ask all of ``CLIENTS``; return what those say that do not accept, by their names."""
        answers = {name: self.ask(name, question) for name in CLIENTS}
        return {name: answer.said for name, answer in answers.items() if not answer.accepted}

    def sigstore_python(self, question: Question) -> Answer:
        """Run sigstore-python's command."""
        return self._run(
            [
                *(sys.executable, "-m", "sigstore"),
                *("--trust-config", question.trust.client_config),
                *("verify", "identity", "--offline", "--bundle", question.bundle),
                *("--cert-identity", question.identity, "--cert-oidc-issuer", question.issuer),
                question.artifact,
            ]
        )

    def cosign(self, question: Question) -> Answer:
        """Run ``cosign verify-blob-attestation``."""
        return self._run(
            [
                *(self.program("cosign"), "verify-blob-attestation"),
                *("--trusted-root", question.trust.trusted_root, "--bundle", question.bundle),
                *("--certificate-identity", question.identity),
                *("--certificate-oidc-issuer", question.issuer),
                *("--type", question.predicate_type, question.artifact),
            ]
        )

    def sigstore_go(self, question: Question) -> Answer:
        """Run sigstore-go's conformance client, the library inside GitHub's command line."""
        return self._run(
            [
                *(self.program("sigstore-go"), "verify-bundle", "--bundle", question.bundle),
                *("--certificate-identity", question.identity),
                *("--certificate-oidc-issuer", question.issuer),
                *("--trusted-root", question.trust.trusted_root, question.artifact),
            ]
        )

    def _run(self, command: Sequence[str | Path]) -> Answer:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            cwd=self.home,
            env={"PATH": _PATH, "HOME": str(self.home)},
        )
        return Answer(done.returncode == 0, (done.stdout + done.stderr).strip())


_ASK: Final = {
    "sigstore-python": Clients.sigstore_python,
    "cosign": Clients.cosign,
    "sigstore-go": Clients.sigstore_go,
}
#: Their names, in the order of the manual's table.
CLIENTS: Final = tuple(_ASK)
