"""Puts bundles at every target: the file first, and one that fails does not stop the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.errors import SlsaGenError
from slsa_gen.model.problem import Problem
from slsa_gen.model.publication import Publication, PublicationOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.publish.interface import FurtherTarget, Targets


def publish(
    content: bytes, targets: Targets, settled: Mapping[str, Publication]
) -> tuple[Publication, ...]:
    """Write the file, then put the bundles at the other targets.

    Args:
        content: The bundle file.
        targets: Where it goes.
        settled: The outcomes, by target, of those that have it or have failed already.

    Returns:
        An outcome for the file, and one for each further target, in order.

    Raises:
        SlsaGenError: the file could not be written; what became of the others is added.
    """
    try:
        written = settled.get(targets.file.name) or targets.file.publish(content)
    except SlsaGenError as error:
        for target in targets.further:
            outcome = settled.get(target.name) or _attempt(target, content, kept=False)
            error.add(f"; {_told(outcome)}")
        raise
    further = (settled.get(t.name) or _attempt(t, content, kept=True) for t in targets.further)
    return (written, *further)


def failed(target: FurtherTarget, error: SlsaGenError, *, kept: bool) -> Publication:
    """Return the outcome for a target that failed, with what to do.

    Args:
        target: Which.
        error: Why.
        kept: Whether the bundle file is where it belongs.
    """
    if kept:
        target.explain_kept(error)
    return Publication(target.name, PublicationOutcome.FAILED, "", Problem.of(error))


def _attempt(target: FurtherTarget, content: bytes, *, kept: bool) -> Publication:
    try:
        return target.publish(content)
    except SlsaGenError as error:
        return failed(target, error, kept=kept)


def _told(publication: Publication) -> str:
    if publication.problem is None:
        return f"the {publication.target} has it: {publication.location}"
    return f"the {publication.target} does not have it either: {publication.problem.message}"
