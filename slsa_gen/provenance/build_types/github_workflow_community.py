"""The SLSA community's build type for GitHub workflows, as npm writes it. Only read here.

https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1. It differs from
GitHub's own (``github_workflow``): the internal parameters are optional, further external
parameters are defined (``inputs``, ``release``, ``vars``), and the builder may be the runner
(``https://github.com/actions/runner/github-hosted``, npm) where the package manager, and not
a workflow, is taken to have made the provenance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.github_workflow import RULES as GITHUB_RULES
from slsa_gen.provenance.build_types.parameters import undefined_parameters
from slsa_gen.provenance.comparison import FieldComparison, compared, dotted, value_at
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.identity import BuildContext, SignerIdentity

COMMUNITY_WORKFLOW: Final = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"

#: The builder that npm names, before the runner's environment.
RUNNER_PREFIX: Final = "https://github.com/actions/runner/"

_BUILDER: Final = ("runDetails", "builder", "id")
_OPTIONAL: Final = ("buildDefinition", "internalParameters", "github")

#: GitHub's rules but for the builder; what this build type calls optional is optional.
RULES: Final = tuple(
    replace(rule, optional=rule.optional or rule.path[:3] == _OPTIONAL)
    for rule in GITHUB_RULES
    if rule.path != _BUILDER
)


class CommunityWorkflow:
    """One run of a top-level workflow, in the community's words."""

    uri: Final = COMMUNITY_WORKFLOW
    predicate_type: Final = SLSA_PROVENANCE_V1

    def predicate(self, context: BuildContext) -> dict[str, object]:
        """Refuse: the build type demands inputs and variables, which no claim carries.

        Raises:
            ContextError: Always.
        """
        raise ContextError(
            f"provenance of build type {self.uri} is read, not written: the run "
            f"{context.run_invocation_uri!r} has no signed record of its inputs and variables",
            reason=Reason.CONTEXT_CLAIM,
            hint="Have slsa-gen write GitHub's own build type: leave --predicate-type away.",
        )

    def compare(
        self, predicate: Mapping[str, object], signer: SignerIdentity
    ) -> tuple[FieldComparison, ...]:
        """Compare every field that predicate and certificate both carry; never raises."""
        fields = [rule.compare(predicate, signer) for rule in RULES if rule.applies_to(predicate)]
        return (*fields, *_compare_builder(predicate, signer))

    def unknown_parameters(self, predicate: Mapping[str, object]) -> tuple[str, ...]:
        """Return the external parameters that the specification does not define."""
        return undefined_parameters(
            predicate,
            defined=("workflow", "inputs", "release", "vars"),
            workflow=("ref", "repository", "path"),
        )


def _compare_builder(
    predicate: Mapping[str, object], signer: SignerIdentity
) -> tuple[FieldComparison, ...]:
    found, field = value_at(predicate, _BUILDER), dotted(_BUILDER)
    if isinstance(found, str) and found.startswith(RUNNER_PREFIX):
        environment = signer.runner_environment
        runner = None if environment is None else f"{RUNNER_PREFIX}{environment}"
        return (compared(field, "runner_environment", runner, found),)
    return (
        compared(field, "build_signer_uri", signer.build_signer_uri, found),
        compared(field, "subject_alternative_name", signer.name, found),
    )
