"""What is said of the subjects: provenance, unless options give something else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.errors import UsageError
from slsa_gen.model.statement import SLSA_PROVENANCE_V1
from slsa_gen.provenance.build_types.github_workflow import GithubWorkflow
from slsa_gen.provenance.predicates import check_provenance, load_predicate
from slsa_gen.provenance.sbom import load_sbom
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate's type URI, and its body as JSON values."""

    type: str
    body: Mapping[str, object] = field(repr=False)


def own_predicate(args: argparse.Namespace, limits: Limits) -> Predicate | None:
    """Return the predicate that the options give, or None when provenance is wanted.

    Raises:
        UsageError: options that do not go together, or a document that cannot be used.
    """
    path = Path(args.predicate_path) if args.predicate_path else None
    if args.sbom_path:
        if args.predicate is not None or path is not None or args.predicate_type:
            raise UsageError(
                "--sbom-path says what is attested, and so do --predicate, --predicate-path and "
                "--predicate-type",
                hint="Leave --sbom-path away, or the others; an SBOM's type is recognised.",
                reason=Reason.USAGE_PREDICATE,
            )
        return Predicate(*load_sbom(Path(args.sbom_path), limits))
    if args.predicate_type:
        body = load_predicate(args.predicate_type, text=args.predicate, path=path, limits=limits)
        return Predicate(args.predicate_type, body)
    if args.predicate is not None or path is not None:
        raise UsageError(
            "a predicate is given, and nothing says of what type it is",
            hint="Add: --predicate-type URI",
            reason=Reason.USAGE_PREDICATE,
        )
    return None


def predicate_for(own: Predicate | None, context: BuildContext) -> Predicate:
    """Return what is said in this run: the user's own words, or its provenance.

    Raises:
        UsageError: the user's own provenance says something else than the run's token.
    """
    if own is None:
        return Predicate(SLSA_PROVENANCE_V1, GithubWorkflow().predicate(context))
    check_provenance(own.type, own.body, context)
    return own
