"""A token that was handed in chooses among the issuers that are known; it names no other."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.identity.given import persons_issuer
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import InstanceKind, Issuer, SigstoreInstance
from tests.support.clock import START

RUNS = Issuer("https://token.example.org", "https://github.com")
PEOPLE = "https://login.example.org"
CONFIG = json.dumps({"oidcUrls": [{"url": RUNS.issuer}, {"url": PEOPLE}]}).encode()
INSTANCE = SigstoreInstance("services.json", InstanceKind.NAMED, b"{}", CONFIG)


def _claims(document: object) -> str:
    text = base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
    return f"e30.{text}.c2ln"


def _issuer(raw: str) -> Issuer | None:
    return persons_issuer(raw, RUNS, INSTANCE, START, DEFAULT_LIMITS)


def test_a_persons_token_is_verified_with_the_configured_issuers_keys() -> None:
    """Found by that issuer's own description."""
    assert _issuer(_claims({"iss": PEOPLE})) == Issuer(PEOPLE, "", discovery_url=PEOPLE)


@pytest.mark.parametrize(
    "raw",
    [
        _claims({"iss": RUNS.issuer}),
        _claims({"iss": "https://evil.example"}),
        _claims({"iss": f"{PEOPLE}/"}),
        _claims({"iss": 1}),
        _claims({}),
        _claims([]),
        "",
        "a.b",
        "a.!.c",
        "." * 100_000,
    ],
)
def test_any_other_token_is_taken_for_a_runs(raw: str) -> None:
    """And then refused, unless it verifies as one."""
    assert _issuer(raw) is None


@given(st.text())
def test_no_text_is_an_error_here(raw: str) -> None:
    """It will be one where it is verified."""
    assert _issuer(raw) is None
