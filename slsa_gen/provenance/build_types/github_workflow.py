"""GitHub's own build type, as ``actions/attest`` writes it and as we write it.

https://actions.github.io/buildtypes/workflow/v1. The certificate carries every field of the
predicate under another name; :data:`RULES` is the whole list, and nothing may be in a
predicate that we write that is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.model.workflow import workflow_path
from slsa_gen.provenance.build_types.parameters import undefined_parameters
from slsa_gen.provenance.comparison import FieldComparison, FieldRule
from slsa_gen.provenance.schemas import SchemaMismatchError, validate
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.identity import BuildContext, SignerIdentity

GITHUB_WORKFLOW: Final = "https://actions.github.io/buildtypes/workflow/v1"

_WORKFLOW: Final = ("buildDefinition", "externalParameters", "workflow")
_GITHUB: Final = ("buildDefinition", "internalParameters", "github")
_SOURCE: Final = ("buildDefinition", "resolvedDependencies", 0)
_BUILDER: Final = ("runDetails", "builder", "id")


def signed_path(signer: SignerIdentity) -> str | None:
    """Return the path of the workflow file inside its repository, as the certificate says."""
    config = signer.build_config_uri
    repository, ref = signer.source_repository_uri, signer.source_repository_ref
    if config is None or repository is None or ref is None:
        return None
    return workflow_path(config, repository, ref)


def signed_source(signer: SignerIdentity) -> str | None:
    """Return the SPDX download location of the source, as the certificate says."""
    repository, ref = signer.source_repository_uri, signer.source_repository_ref
    return None if repository is None or ref is None else f"git+{repository}@{ref}"


#: Each field of the predicate, and what the certificate must say about it.
RULES: Final = (
    FieldRule((*_WORKFLOW, "ref"), "source_repository_ref", lambda s: s.source_repository_ref),
    FieldRule(
        (*_WORKFLOW, "repository"), "source_repository_uri", lambda s: s.source_repository_uri
    ),
    FieldRule((*_WORKFLOW, "path"), "build_config_uri", signed_path),
    FieldRule((*_GITHUB, "event_name"), "build_trigger", lambda s: s.build_trigger),
    FieldRule(
        (*_GITHUB, "repository_id"),
        "source_repository_identifier",
        lambda s: s.source_repository_identifier,
    ),
    FieldRule(
        (*_GITHUB, "repository_owner_id"),
        "source_repository_owner_identifier",
        lambda s: s.source_repository_owner_identifier,
    ),
    FieldRule(
        (*_GITHUB, "runner_environment"), "runner_environment", lambda s: s.runner_environment
    ),
    FieldRule((*_SOURCE, "uri"), "source_repository_uri", signed_source),
    FieldRule(
        (*_SOURCE, "digest", "gitCommit"),
        "source_repository_digest",
        lambda s: s.source_repository_digest,
    ),
    # We never write it, but a reader that looks for the older name must not be misled.
    FieldRule(
        (*_SOURCE, "digest", "sha1"),
        "source_repository_digest",
        lambda s: s.source_repository_digest,
        optional=True,
    ),
    FieldRule(_BUILDER, "build_signer_uri", lambda s: s.build_signer_uri),
    FieldRule(_BUILDER, "subject_alternative_name", lambda s: s.name),
    FieldRule(
        ("runDetails", "metadata", "invocationId"),
        "run_invocation_uri",
        lambda s: s.run_invocation_uri,
    ),
)


class GithubWorkflow:
    """One run of a top-level workflow on GitHub Actions."""

    uri: Final = GITHUB_WORKFLOW
    predicate_type: Final = SLSA_PROVENANCE_V1

    def predicate(self, context: BuildContext) -> dict[str, object]:
        """Return the predicate of provenance v1 for a run.

        Raises:
            ContextError: The workflow file is not in the source repository at the source
                ref, or a field has a value that this build type does not allow.
        """
        repository, ref = context.source_repository_uri, context.source_repository_ref
        path = workflow_path(context.build_config_uri, repository, ref)
        if path is None:
            raise _cannot_say(
                f"the workflow {context.build_config_uri!r} is not a file of "
                f"{repository!r} at {ref!r}"
            )
        predicate = self._predicate(context, path)
        try:
            validate(predicate, "written-github-workflow-v1")
        except SchemaMismatchError as error:
            raise _cannot_say(str(error)) from error
        return predicate

    def _predicate(self, context: BuildContext, path: str) -> dict[str, object]:
        repository, ref = context.source_repository_uri, context.source_repository_ref
        return {
            "buildDefinition": {
                "buildType": self.uri,
                "externalParameters": {
                    "workflow": {"ref": ref, "repository": repository, "path": path}
                },
                "internalParameters": {
                    "github": {
                        "event_name": context.build_trigger,
                        "repository_id": context.source_repository_identifier,
                        "repository_owner_id": context.source_repository_owner_identifier,
                        "runner_environment": context.runner_environment,
                    }
                },
                "resolvedDependencies": [
                    {
                        "uri": f"git+{repository}@{ref}",
                        "digest": {"gitCommit": context.source_repository_digest},
                    }
                ],
            },
            "runDetails": {
                "builder": {"id": context.build_signer_uri},
                "metadata": {"invocationId": context.run_invocation_uri},
            },
        }

    def compare(
        self, predicate: Mapping[str, object], signer: SignerIdentity
    ) -> tuple[FieldComparison, ...]:
        """Compare every field that predicate and certificate both carry; never raises."""
        return tuple(
            rule.compare(predicate, signer) for rule in RULES if rule.applies_to(predicate)
        )

    def unknown_parameters(self, predicate: Mapping[str, object]) -> tuple[str, ...]:
        """Return the external parameters other than ``workflow.{ref,repository,path}``."""
        return undefined_parameters(
            predicate, defined=("workflow",), workflow=("ref", "repository", "path")
        )


def _cannot_say(why: str) -> ContextError:
    return ContextError(
        f"the build type {GITHUB_WORKFLOW} cannot describe this run: {why}",
        reason=Reason.CONTEXT_CLAIM,
        hint="Run slsa-gen in a workflow of the repository that is built.",
    )
