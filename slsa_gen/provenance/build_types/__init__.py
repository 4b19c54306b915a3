"""Build types: how a predicate is made, and which certificate field each field must equal.

One module for each build type. A build type that is not here has no comparison, so nothing
shows that its provenance tells the truth about the run that signed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.build_types.github_workflow_community import CommunityWorkflow
from slsa_gen.provenance.build_types.run_command import RunCommand
from slsa_gen.provenance.build_types.slsa_generator_generic import GenericGenerator
from slsa_gen.provenance.comparison import FieldComparison, value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.provenance.build_types.interface import BuildType

__all__ = ["KNOWN", "FieldComparison", "lookup", "named_by"]

#: Every build type that is known here.
KNOWN: Final[tuple[BuildType, ...]] = (
    GithubWorkflow(),
    RunCommand(),
    CommunityWorkflow(),
    GenericGenerator(),
)


def lookup(uri: str) -> BuildType | None:
    """Return the build type of that exact URI, or None for one that is not known."""
    return next((known for known in KNOWN if known.uri == uri), None)


def named_by(predicate_type: str, predicate: Mapping[str, object]) -> str | None:
    """Return the build type that a provenance predicate names, or None.

    Provenance v1 names it in ``buildDefinition``, the older ones at the top. One that is
    known is named by predicates of its own type only: else the fields that it compares
    would not be those that a reader of that predicate type believes.
    """
    if predicate_type == SLSA_PROVENANCE_V1:
        found = value_at(predicate, ("buildDefinition", "buildType"))
    else:
        found = value_at(predicate, ("buildType",))
    if not isinstance(found, str):
        return None
    known = lookup(found)
    return found if known is None or known.predicate_type == predicate_type else None
