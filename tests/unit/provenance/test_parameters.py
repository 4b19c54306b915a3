"""External parameters: which ones a predicate sets that its build type does not define."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.build_types.github_workflow_community import CommunityWorkflow

if TYPE_CHECKING:
    from slsa_gen.provenance.build_types.interface import BuildType


@pytest.mark.parametrize(
    ("build_type", "parameters", "unknown"),
    [
        (GithubWorkflow(), {"inputs": {"a": "b"}}, ("inputs",)),
        (GithubWorkflow(), {"vars": {"a": "b"}, "extra": False}, ("extra", "vars")),
        (GithubWorkflow(), {"zero": 0}, ("zero",)),
        (GithubWorkflow(), {"inputs": {}, "vars": None, "x": "", "y": []}, ()),
        (GithubWorkflow(), {"workflow": {"ref": "r", "shell": "sh"}}, ("workflow.shell",)),
        (GithubWorkflow(), {"workflow": "text"}, ()),
        (CommunityWorkflow(), {"inputs": {"a": "b"}, "vars": {"c": "d"}}, ()),
        (CommunityWorkflow(), {"release": {"name": "n"}, "more": 1}, ("more",)),
    ],
)
def test_parameters_that_are_not_defined_are_named(
    build_type: BuildType, parameters: dict[str, object], unknown: tuple[str, ...]
) -> None:
    """Unset, null and empty are the same; false and zero are values."""
    found = {"buildDefinition": {"externalParameters": parameters}}

    assert unknown == build_type.unknown_parameters(found)


@pytest.mark.parametrize("found", [{}, {"buildDefinition": 5}, {"buildDefinition": {}}])
def test_a_predicate_without_parameters_has_none_unknown(found: dict[str, object]) -> None:
    """Its missing fields are the comparison's business."""
    assert GithubWorkflow().unknown_parameters(found) == ()
