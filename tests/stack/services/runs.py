"""Where our own ``attest`` runs: a folder, a Sigstore, and who signs there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.stack.services.clients import Question

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import CommandLine
    from tests.stack.services.stack import Stack
    from tests.stack.services.trust import Documents

PROVENANCE: Final = "https://slsa.dev/provenance/v1"
#: The bundle that each run writes.
BUNDLE: Final = "b.intoto.jsonl"


@dataclass
class Workspace:
    """A folder in which something is attested.

    Attributes:
        cli: Our command line, in that folder.
        sigstore: What ``--sigstore`` is given.
        documents: The same for other clients.
        issuer: Whose tokens are used there.
        identity: The name in the certificate.
    """

    cli: CommandLine
    sigstore: str
    documents: Documents
    issuer: str
    identity: str

    @property
    def bundle(self) -> Path:
        """Return the bundle file."""
        return self.cli.folder / BUNDLE

    def attest(self, *arguments: str) -> Path:
        """Attest, and return the bundle file."""
        outcome = self.cli("attest", "--sigstore", self.sigstore, "--output", BUNDLE, *arguments)
        assert outcome.code == 0, outcome.err
        return self.bundle

    def question(
        self, artifact: str, predicate_type: str = PROVENANCE, identity: str = ""
    ) -> Question:
        """Return the question about an artifact that everyone must answer with yes."""
        return Question(
            bundle=self.bundle,
            artifact=self.cli.folder / artifact,
            identity=identity or self.identity,
            issuer=self.issuer,
            predicate_type=predicate_type,
            trust=self.documents,
        )


@dataclass
class Run(Workspace):
    """A workflow's run, against one log of the stack.

    Attributes:
        stack: The services.
        log: The version of the log's API.
    """

    stack: Stack
    log: int

    def begin(self, **changes: object) -> None:
        """Begin another run; see ``Issuer.begin``."""
        self.cli.variables.update(self.stack.run(**changes))
