"""What is said of the subjects: provenance, unless options give something else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from slsa_gen.errors import UsageError
from slsa_gen.model.identity import Person
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX, SLSA_PROVENANCE_V1
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


def predicate_for(own: Predicate | None, context: BuildContext | Person) -> Predicate:
    """Return what is said: the user's own words, or the run's provenance.

    Raises:
        UsageError: the user's own provenance says something else than the run's token, or a
            person would sign provenance of a run.
    """
    if isinstance(context, Person):
        return _of_person(own)
    if own is None:
        return Predicate(SLSA_PROVENANCE_V1, GithubWorkflow().predicate(context))
    check_provenance(own.type, own.body, context)
    return own


def check_for_person(own: Predicate | None) -> None:
    """Refuse what a person cannot sign: provenance, which is the word of a workflow's run.

    Raises:
        UsageError: provenance is wanted, or given.
    """
    if own is not None and not own.type.startswith(SLSA_PROVENANCE_PREFIX):
        return
    what = "provenance is wanted" if own is None else "the given predicate is SLSA provenance"
    raise UsageError(
        f"{what}, and a person signs: provenance of a build is the word of the workflow's run "
        "that made it, which no person has a token of",
        hint="Say what you vouch for:\n\n"
        "    slsa-gen attest FILE --identity interactive --sbom-path SBOM\n"
        "    slsa-gen attest FILE --identity interactive --predicate-path FILE "
        "--predicate-type URI\n\n"
        "Or have the build recorded while you run it, with provenance of level 1:\n\n"
        "    slsa-gen run --identity interactive --product FILE -- COMMAND",
        reason=Reason.IDENTITY_PROVENANCE,
    )


def _of_person(own: Predicate | None) -> Predicate:
    check_for_person(own)
    assert own is not None  # noqa: S101 (checked above)
    return own
