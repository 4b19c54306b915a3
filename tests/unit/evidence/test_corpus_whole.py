"""Every file of the corpus, bundle or not, ends in a proof or in one of our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.errors import RefusedError, SlsaGenError
from slsa_gen.evidence.contents import describe
from slsa_gen.evidence.read import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.evidence.prove import Prover
    from slsa_gen.model.evidence import Evidence


def refusal(prover: Prover, evidence: Evidence) -> RefusedError | None:
    """Return why evidence is refused, or None."""
    try:
        prover.prove(evidence)
    except RefusedError as error:
        return error
    return None


def test_no_file_of_others_is_a_crash(corpus: Path, prover: Prover) -> None:
    """Hundreds of files: bundles of every version, envelopes, keys, wheels, texts."""
    proved, refused, unread = 0, 0, 0
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        try:
            found = read_file(path)
        except SlsaGenError:
            unread += 1
            continue
        for evidence in found:
            error = refusal(prover, evidence)
            if error is None:
                proved += 1
                continue
            assert error.hint
            assert error.message.isprintable()
            refused += 1
    assert proved >= 10
    assert refused >= 60
    assert unread >= 100


def test_every_bundle_that_can_be_read_can_be_shown(corpus: Path) -> None:
    """What is refused for its kind is still shown by inspect."""
    shown = 0
    for path in sorted(corpus.rglob("*.json*")):
        try:
            found = [describe(evidence) for evidence in read_file(path)]
        except SlsaGenError:
            continue
        shown += len(found)
    assert shown >= 50
