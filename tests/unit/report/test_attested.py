"""The command that ``attest`` tells its users to verify with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slsa_gen.model.attestation import Attestation
from slsa_gen.report.attested import verify_arguments
from tests.support.values import SIGNED_AT, provenance, signer_of


def test_a_file_that_looks_like_an_option_is_typed_as_a_path() -> None:
    """What is pasted verifies that file, under these very options."""
    attestation = Attestation(provenance(), b"{}", signer_of(), SIGNED_AT, ())

    arguments = verify_arguments(attestation, ["--offline"], "-b.jsonl")

    assert arguments[2:5] == ["./--offline", "--bundle", "./-b.jsonl"]


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
