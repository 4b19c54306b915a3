"""The rules: one a file. Every one runs on every statement; nothing ends early.

To add one: write its file with a section as docstring, add it to :data:`RULES`, its reasons
to ``slsa_gen.reasons``, and its section to ``docs/rules.md``; a test compares the four.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.policy.rules import (
    expectation,
    predicate_certificate,
    predicate_type,
    provenance_build_type,
    provenance_parameters,
    runner_environment,
    signer_identity,
    signer_issuer,
    signer_sandbox,
    signer_workflow,
    source_digest,
    source_owner,
    source_ref,
    source_repository,
    subject_digest,
)

if TYPE_CHECKING:
    from slsa_gen.policy.rules.case import Rule

#: In the order of the report: what is expected, who signed, from what, and what is said.
RULES: Final[tuple[Rule, ...]] = (
    expectation.RULE,
    signer_sandbox.RULE,
    signer_issuer.RULE,
    signer_identity.RULE,
    signer_workflow.RULE,
    source_repository.RULE,
    source_owner.RULE,
    source_ref.RULE,
    source_digest.RULE,
    runner_environment.RULE,
    subject_digest.RULE,
    predicate_type.RULE,
    provenance_build_type.RULE,
    provenance_parameters.RULE,
    predicate_certificate.RULE,
)
