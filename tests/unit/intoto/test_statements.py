"""What is said of a step, by whom it was run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slsa_gen.errors import SubjectError, UsageError
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.intoto.statements import draft, failed_draft, link_statement
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types import named_by
from slsa_gen.provenance.build_types.github_workflow import GITHUB_WORKFLOW, GithubWorkflow
from slsa_gen.provenance.build_types.run_command import RUN_COMMAND
from tests.support.steps import PERSON, artifact, recorded
from tests.support.values import CONTEXT


def test_a_run_says_what_attest_says_and_how_it_was_made() -> None:
    """GitHub's build type, exactly, and a link; the same subjects in both."""
    plan = draft(recorded(), CONTEXT)
    provenance, link = plan.statements
    assert provenance.predicate == GithubWorkflow().predicate(CONTEXT)
    assert named_by(SLSA_PROVENANCE_V1, provenance.predicate) == GITHUB_WORKFLOW
    assert link.predicate_type == LINK_V03
    assert provenance.subjects == link.subjects == recorded().products
    assert plan.context is CONTEXT


def test_a_person_says_it_in_our_own_build_type() -> None:
    """Outside of a workflow there is no run to speak of."""
    provenance, link = draft(recorded(), PERSON).statements
    assert named_by(provenance.predicate_type, provenance.predicate) == RUN_COMMAND
    assert link.predicate_type == LINK_V03


def test_of_a_step_that_failed_there_is_a_link_only() -> None:
    """Provenance of what a failed command left would be taken for that of a build."""
    (link,) = failed_draft(recorded(exit_status=2), PERSON).statements
    assert link.predicate_type == LINK_V03
    assert link.predicate["byproducts"] == {"return-value": 2}


def test_more_products_than_a_statement_takes_are_refused() -> None:
    """Two links of one step would be two steps."""
    limits = replace(DEFAULT_LIMITS, subjects_per_statement=2)
    several = [artifact(str(n), "1") for n in range(3)]
    with pytest.raises(SubjectError, match="the step has 3 products, and one link names at most 2"):
        draft(recorded(products=several), CONTEXT, limits)
    assert len(link_statement(recorded(products=several[:2]), limits).subjects) == 2


def test_a_step_without_products_has_no_statement() -> None:
    """A statement speaks of something."""
    with pytest.raises(SubjectError, match="got 0"):
        link_statement(recorded(products=()))


def test_a_name_that_has_no_place_in_a_link_is_refused() -> None:
    """It is said before anything is signed."""
    with pytest.raises(UsageError, match=r"the link cannot be written: \$\.name"):
        link_statement(recorded(name=""))
