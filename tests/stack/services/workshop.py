"""A run in which others sign what we would have signed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.stack.services.issuer import REPOSITORY
from tests.stack.services.signers import Signers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Outcome
    from tests.stack.services.runs import Run


class Workshop:
    """The file ``app``, the statement that we would make of it, and other people's clients.

    Attributes:
        artifact: The file.
        statement: A file with our statement.
        predicate: A file with its predicate.
        signers: The clients, in the run's environment as it is now.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.artifact = run.cli.write("app")
        dry = run.cli("attest", "--dry-run", "--sigstore", run.sigstore, "app")
        assert dry.code == 0, dry.err
        # In a run, what is printed stands between the runner's guards.
        (line,) = (line for line in dry.out.splitlines() if line.startswith("{"))
        self.statement = run.cli.write("statement.json", line)
        self.predicate = run.cli.write("predicate.json", json.dumps(json.loads(line)["predicate"]))

    @property
    def signers(self) -> Signers:
        """Return the clients."""
        run = self.run
        documents = run.documents
        return Signers(run.stack.program, run.cli.variables, documents, run.cli.folder)

    def judged(self, bundle: Path, *options: str, repository: str = REPOSITORY) -> Outcome:
        """Ask our verify about a bundle of the file."""
        return self.run.cli(
            *("verify", "app", "--bundle", str(bundle), "--sigstore", self.run.sigstore),
            *("--cert-oidc-issuer", self.run.issuer, "--repo", repository),
            *("--signer-repo", REPOSITORY, "--format", "json", *options),
        )


def reasons(outcome: Outcome) -> set[str]:
    """Return the reasons of the checks that failed of the one attestation."""
    (attestation,) = outcome.results[0]["attestations"]
    return {check["reason"] for check in attestation["checks"] if not check["passed"]}
