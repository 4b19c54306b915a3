"""What is said of a recorded step: its provenance and its link, in one file of bundles.

The provenance comes first, so that a reader that looks at one line of the file finds what
most ask for. Both speak of the same products.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError, UsageError
from slsa_gen.intoto.link import LINK_V03, predicate_of
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.draft import Draft
from slsa_gen.model.identity import Person
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance import statement
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.build_types.run_command import step_predicate
from slsa_gen.provenance.schemas import SchemaMismatchError
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext
    from slsa_gen.model.statement import Statement
    from slsa_gen.model.step import StepRecord


def draft(
    record: StepRecord, context: BuildContext | Person, limits: Limits = DEFAULT_LIMITS
) -> Draft:
    """Say what a step made, and how: provenance, and a link.

    Args:
        record: A step whose command ended with status 0.
        context: The run, or the person, that will sign: it decides the build type.
        limits: How much one statement may hold.

    Raises:
        SubjectError: there is no product, there are more than one link holds, or two
            artifacts have one name.
        UsageError: the link cannot be written.
        ContextError: the build type cannot describe the run or the step.
    """
    if isinstance(context, Person):
        predicate = step_predicate(record, context)
    else:
        predicate = GithubWorkflow().predicate(context)
    linked = link_statement(record, limits)
    provenance = statement.encode(record.products, SLSA_PROVENANCE_V1, predicate, limits)
    return Draft(context, (provenance, linked))


def failed_draft(
    record: StepRecord, context: BuildContext | Person, limits: Limits = DEFAULT_LIMITS
) -> Draft:
    """Say of a step that failed what there is of it: a link with its status, no provenance.

    Raises:
        SubjectError, UsageError: as :func:`draft`.
    """
    return Draft(context, (link_statement(record, limits),))


def link_statement(record: StepRecord, limits: Limits = DEFAULT_LIMITS) -> Statement:
    """Return the statement of Link v0.3 for a recorded step.

    A link is one statement: a step whose products were spread over two would have two links.

    Raises:
        SubjectError: there is no product, there are more than one statement takes, or two
            artifacts have one name.
        UsageError: a word of it has no place in JSON or in a link.
    """
    if len(record.products) > limits.subjects_per_statement:
        raise SubjectError(
            f"the step has {len(record.products):,} products, and one link names at most "
            f"{limits.subjects_per_statement:,}",
            hint="Name fewer with --product: what is handed on, such as an archive of them.",
            reason=Reason.STATEMENT_SUBJECTS,
        )
    try:
        predicate = predicate_of(record)
    except SchemaMismatchError as error:
        raise UsageError(
            f"the link cannot be written: {error}",
            hint="Compare it with what docs/run.md says of a link's fields.",
            reason=Reason.STATEMENT_PREDICATE,
        ) from error
    return statement.encode(record.products, LINK_V03, predicate, limits)
