"""The issuer: tokens are signed, and only those that hold are believed."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.model.instance import SANDBOX_ISSUER
from slsa_gen.sandbox.issuer import (
    NOT_BEFORE_SECONDS,
    TOKEN_SECONDS,
    TokenError,
    TokenIssuer,
    discovery,
    key_set,
)
from tests.support.clock import START, FakeClock

KEY = rsa.generate_private_key(65537, 2048)
NOW = int(START.timestamp())
CLAIMS = {"sub": "repo:o/r:ref:refs/heads/main", "repository": "o/r"}


def token(key: rsa.RSAPrivateKey = KEY, **changes: object) -> str:
    """Sign a token like the issuer's, with some claims changed; None takes a claim away."""
    claims = {
        "iss": SANDBOX_ISSUER,
        "aud": "sigstore",
        "sub": "x",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 60,
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return sign({"alg": "RS256", "typ": "JWT"}, kept, key)


def sign(header: object, claims: object, key: rsa.RSAPrivateKey = KEY) -> str:
    """Sign any header and claims, which a library might refuse to."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in (header, claims)
    ]
    message = b".".join(parts)
    signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return (message + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def test_a_token_carries_the_run_and_its_times(clock: FakeClock) -> None:
    """Five minutes of life, valid from ten minutes before, as GitHub's."""
    raw = TokenIssuer(KEY, clock).issue(CLAIMS, "someone")
    keys = jwt.PyJWKSet.from_dict(key_set(KEY.public_key()))
    header = jwt.get_unverified_header(raw)
    claims = jwt.decode(
        raw,
        keys[header["kid"]],
        audience="someone",
        issuer=SANDBOX_ISSUER,
        options={"verify_exp": False},
    )
    assert claims["repository"] == "o/r"
    assert claims["jti"]
    assert (claims["iat"], claims["exp"], claims["nbf"]) == (
        NOW,
        NOW + TOKEN_SECONDS,
        NOW - NOT_BEFORE_SECONDS,
    )


def test_own_tokens_are_believed_while_they_live(clock: FakeClock) -> None:
    """Until the second in which they expire."""
    issuer = TokenIssuer(KEY, clock, lifetime=10)
    raw = issuer.issue(CLAIMS, "sigstore")
    assert issuer.verify(raw, "sigstore")["sub"] == CLAIMS["sub"]
    clock.advance(9.9)
    issuer.verify(raw, "sigstore")
    clock.advance(0.1)
    with pytest.raises(TokenError, match="it expired at 2026-01-02 03:04:15 UTC"):
        issuer.verify(raw, "sigstore")


def test_claims_of_a_run_cannot_override_the_issuers(clock: FakeClock) -> None:
    """Issuer, audience and times are the issuer's alone."""
    issuer = TokenIssuer(KEY, clock)
    raw = issuer.issue({**CLAIMS, "iss": "https://other", "exp": 1}, "sigstore")
    assert issuer.verify(raw, "sigstore")["iss"] == SANDBOX_ISSUER


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "Not enough segments"),
        ("a.b.c", "Invalid"),
        (token(rsa.generate_private_key(65537, 2048)), "Signature verification failed"),
        (sign({"alg": "none"}, {"sub": "x"}), "alg"),
        (token(aud="other"), "Audience"),
        (token(aud=None), "aud"),
        (token(iss="https://token.actions.githubusercontent.com"), "issuer"),
        (token(sub=None), "sub"),
        (token(sub=7), "Subject"),
        (token(exp=None), "exp"),
        (token(nbf=None), "nbf"),
        (token(iat=None), "iat"),
        (token(exp=NOW), "it expired at"),
        (token(exp=True), "its exp is no number"),
        (token(exp="1e9"), "its exp is no number"),
        (token(exp=float("1e9")), "its exp is no number"),
        (token(exp=10**30), "its exp is out of range"),
        (token(nbf=NOW + 1), "it is not valid before"),
        (token(nbf="soon"), "its nbf is no number"),
    ],
)
def test_what_is_not_ours_or_not_now_is_refused(clock: FakeClock, raw: str, why: str) -> None:
    """Signature, algorithm, issuer, audience, required claims, times."""
    with pytest.raises(TokenError, match=why):
        TokenIssuer(KEY, clock).verify(raw, "sigstore")


def test_an_hmac_with_the_public_key_is_no_signature(clock: FakeClock) -> None:
    """The algorithm is ours to say, not the token's."""
    hmac = jwt.encode({"sub": "x", "aud": "sigstore"}, "public key" * 4, algorithm="HS256")
    with pytest.raises(TokenError, match="alg"):
        TokenIssuer(KEY, clock).verify(hmac, "sigstore")


@given(st.data())
def test_no_changed_token_is_believed(data: st.DataObject) -> None:
    """One changed character anywhere makes it worthless."""
    issuer = TokenIssuer(KEY, FakeClock())
    raw = issuer.issue(CLAIMS, "sigstore")
    position = data.draw(st.integers(0, len(raw) - 1))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    other = data.draw(st.sampled_from([c for c in alphabet if c != raw[position]]))
    changed = raw[:position] + other + raw[position + 1 :]
    try:
        claims = issuer.verify(changed, "sigstore")
    except TokenError:
        return
    # The last character of a part may hold bits that no byte holds.
    assert claims == issuer.verify(raw, "sigstore")
    assert raw[position + 1 :][:1] in {"", "."}


def test_discovery_names_the_keys() -> None:
    """The issuer's name is not where it is served, and the document says both."""
    document = discovery("http://127.0.0.1:1")
    assert document["issuer"] == SANDBOX_ISSUER
    assert document["jwks_uri"] == "http://127.0.0.1:1/.well-known/jwks"
