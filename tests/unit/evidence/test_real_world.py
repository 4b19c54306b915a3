"""Bundles that others made for their users, and what happens when a byte of them changes."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from slsa_gen.errors import RefusedError
from slsa_gen.evidence.contents import describe
from slsa_gen.evidence.read import read_file
from slsa_gen.model.evidence import Evidence
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from slsa_gen.evidence.prove import Prover

PROVENANCE = "wrangle-python-provenance.intoto.jsonl"


@pytest.mark.parametrize(
    ("name", "predicate_type", "moment"),
    [
        (
            PROVENANCE,
            "https://slsa.dev/provenance/v1",
            datetime(2026, 6, 20, 15, 55, 20, tzinfo=UTC),
        ),
        (
            "wrangle-python-vsa.intoto.jsonl",
            "https://slsa.dev/verification_summary/v1",
            datetime(2026, 6, 14, 13, 44, 36, tzinfo=UTC),
        ),
        (
            "wrangle-npm-vsa.intoto.jsonl",
            "https://slsa.dev/verification_summary/v1",
            datetime(2026, 6, 14, 13, 41, 13, tzinfo=UTC),
        ),
    ],
)
def test_a_keyless_bundle_is_proved(
    real_world: Path, prover: Prover, name: str, predicate_type: str, moment: datetime
) -> None:
    """Signer, time and log entry come out of bundles of the public instance."""
    (evidence,) = read_file(real_world / name)
    verified = prover.prove(evidence)

    assert verified.statement.predicate_type == predicate_type
    assert verified.signed_at == moment
    assert verified.signer.issuer == "https://token.actions.githubusercontent.com"
    assert verified.log_entries[0].log == "https://rekor.sigstore.dev"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("github-release.sigstore.json", Reason.LOG_MISSING),
        ("github_provenance_demo-0.0.12-py3-none-any-bundle.jsonl", Reason.LOG_MISSING),
        (
            "github_provenance_demo-0.0.12-py3-none-any-bundle-missing-cert.jsonl",
            Reason.EVIDENCE_BUNDLE,
        ),
        ("gke-gce-pre.bcid-vsa.jsonl", Reason.EVIDENCE_NOT_A_BUNDLE),
        ("k8s-1.23.0-alpha.4-provenance.json", Reason.EVIDENCE_NOT_A_BUNDLE),
        ("sigstore-js-2.1.0-bundle-v0.1.json", Reason.LOG_ENTRY_KIND),
        ("sigstore-js-2.1.0-bundle.json", Reason.LOG_ENTRY_KIND),
        ("sigstore-js-2.1.0_with_2_bundles.jsonl", Reason.LOG_ENTRY_KIND),
        ("sigstoreBundle-invalid-signature.json", Reason.LOG_ENTRY_KIND),
    ],
)
def test_what_cannot_be_proved_here_says_why(
    real_world: Path, prover: Prover, name: str, reason: Reason
) -> None:
    """Nothing is a crash, and nothing is accepted that was not proved."""
    with pytest.raises(RefusedError) as caught:
        list(map(prover.prove, read_file(real_world / name)))
    assert caught.value.reason is reason
    assert name in caught.value.message


@pytest.mark.parametrize(
    "name",
    [
        PROVENANCE,
        "github-release.sigstore.json",
        "github_provenance_demo-0.0.12-py3-none-any-bundle.jsonl",
        "sigstore-js-2.1.0-bundle-v0.1.json",
    ],
)
def test_what_a_bundle_says_is_shown(real_world: Path, name: str) -> None:
    """Also for kinds of bundles that are not verified here."""
    (evidence,) = read_file(real_world / name)
    said = describe(evidence)
    assert said.statement is not None
    assert said.certificate is not None
    assert said.certificate.signer is not None


@pytest.mark.parametrize("name", [PROVENANCE, "wrangle-npm-vsa.intoto.jsonl"])
def test_no_changed_bit_changes_what_is_proved(real_world: Path, prover: Prover, name: str) -> None:
    """A bundle with a turned bit is refused, or proves exactly what it did.

    A timestamp's envelope (CMS) has a few bytes that nothing signs, its version and the
    names of algorithms; turning a bit there changes nothing that is proved.
    """
    (evidence,) = read_file(real_world / name)
    good = prover.prove(evidence)
    chance = random.Random(name)  # noqa: S311 (the same bits in every run)
    for _ in range(250):
        data = bytearray(evidence.bundle)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            verified = prover.prove(Evidence("changed", bytes(data)))
        except RefusedError:
            continue
        assert verified.statement.payload == good.statement.payload
        assert verified.signer == good.signer
        assert verified.signed_at == good.signed_at
        assert verified.log_entries == good.log_entries
