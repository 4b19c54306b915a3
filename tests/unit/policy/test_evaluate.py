"""The verdict on one attestation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slsa_gen.model.verdict import Check
from slsa_gen.policy import evaluate as module
from tests.unit.policy.cases import good, judged, signed_by

if TYPE_CHECKING:
    import pytest


def test_a_verdict_repeats_what_was_proved() -> None:
    """Signer, type, time and log entries, then what was proved, then every rule."""
    proof = Check("signature", "made with the key", "it is", passed=True)
    verified = replace(good(), proofs=(proof,))
    verdict = judged(verified)

    assert verdict.source == verified.source
    assert verdict.signer == verified.signer
    assert verdict.predicate_type == "https://slsa.dev/provenance/v1"
    assert verdict.signed_at == verified.signed_at
    assert verdict.log_entries == verified.log_entries
    assert verdict.checks[0] == proof
    assert verdict.level is not None
    assert verdict.level.level == 2


def test_a_refusal_is_as_complete() -> None:
    """What was proved stays true when it is not what was wanted."""
    verdict = judged(signed_by(issuer="https://example.com"))
    assert not verdict.accepted
    assert verdict.signer is not None
    assert verdict.level is not None


def test_no_checks_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs alone never accept: they say that somebody signed, not who should have."""
    proof = Check("signature", "made with the key", "it is", passed=True)
    monkeypatch.setattr(module, "RULES", ())
    assert not judged(replace(good(), proofs=(proof,))).accepted


def test_one_failed_proof_would_refuse() -> None:
    """Nothing is accepted with anything failed in it."""
    verdict = judged(replace(good(), proofs=(Check("x", "a", "b", passed=False),)))
    assert not verdict.accepted
