"""Values that many tests need: a run, its certificate, a proved statement."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from slsa_gen.model.attestation import LogEntry
from slsa_gen.model.digest import Digest
from slsa_gen.model.identity import BuildContext, SignerIdentity
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.model.subject import Subject
from slsa_gen.model.verified import VerifiedStatement
from slsa_gen.provenance import statement
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.model.statement import Statement

REPOSITORY: Final = "https://github.com/octo/app"
WORKFLOW: Final = f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.2.3"
SIGNED_AT: Final = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

CONTEXT: Final = BuildContext(
    issuer="https://token.actions.githubusercontent.com",
    build_signer_uri=WORKFLOW,
    build_signer_digest="a" * 40,
    runner_environment="github-hosted",
    source_repository_uri=REPOSITORY,
    source_repository_digest="a" * 40,
    source_repository_ref="refs/tags/v1.2.3",
    source_repository_identifier="101",
    source_repository_owner_uri="https://github.com/octo",
    source_repository_owner_identifier="202",
    build_config_uri=WORKFLOW,
    build_config_digest="a" * 40,
    build_trigger="push",
    run_invocation_uri=f"{REPOSITORY}/actions/runs/303/attempts/1",
    source_repository_visibility_at_signing="public",
)


def signer_of(context: BuildContext = CONTEXT) -> SignerIdentity:
    """Return the certificate's words for a run."""
    return SignerIdentity(context.build_signer_uri, **asdict(context))


def subject(name: str = "app.tar.gz", digit: str = "1") -> Subject:
    """Return a subject whose sha256 is one digit 64 times."""
    return Subject(name, (Digest("sha256", digit * 64),))


def provenance(
    subjects: Sequence[Subject] = (subject(),), context: BuildContext = CONTEXT
) -> Statement:
    """Return the provenance statement of a run."""
    return statement.encode(subjects, SLSA_PROVENANCE_V1, GithubWorkflow().predicate(context))


def own_statement(predicate: Mapping[str, object], subjects: Sequence[Subject] = ()) -> Statement:
    """Return a statement with a predicate of the user's own."""
    return statement.encode(subjects or (subject(),), "https://example.com/own/v1", predicate)


def proved(
    what: Statement, signer: SignerIdentity | None = None, *, index: int = 7
) -> VerifiedStatement:
    """Return a statement as if a bundle had proved it; for tests of what comes after."""
    return VerifiedStatement(
        source="app.tar.gz.intoto.jsonl",
        statement=what,
        signer=signer or signer_of(),
        signed_at=SIGNED_AT,
        log_entries=(LogEntry("https://rekor.sigstore.dev", "c0" * 32, index, "dsse", SIGNED_AT),),
        proofs=(),
        bundle=b'{"bundle":' + str(index).encode() + b"}",
        certificate_not_after=SIGNED_AT,
    )
