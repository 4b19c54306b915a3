"""The command that ``attest`` tells its users to verify with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slsa_gen.model.attestation import Attestation
from slsa_gen.report.attested import verify_arguments
from tests.support.values import SIGNED_AT, provenance, signer_of


@pytest.mark.parametrize(
    ("issuer", "more"),
    [
        ("https://token.actions.githubusercontent.com", []),
        ("https://token.sandbox.slsa-gen.invalid", []),
        (
            "https://token.actions.githubusercontent.com/octo",
            ["--cert-oidc-issuer", "https://token.actions.githubusercontent.com/octo"],
        ),
        ("https://token.example.org", ["--cert-oidc-issuer", "https://token.example.org"]),
    ],
)
def test_an_issuer_that_verify_does_not_expect_is_named(issuer: str, more: list[str]) -> None:
    """Typed as it is printed, the command must accept what was just signed."""
    signer = replace(signer_of(), issuer=issuer)
    attestation = Attestation(provenance(), b"{}", signer, SIGNED_AT, ())

    arguments = verify_arguments(attestation, ["app"], "app.intoto.jsonl")

    assert arguments == ["slsa-gen", "verify", "app", "--repo", "octo/app", *more]
