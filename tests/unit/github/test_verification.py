"""Identity tokens: what verifies, and every way to forge one that must not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ContextError, SlsaGenError
from slsa_gen.github.verification import UnknownKeyError, verify_token
from slsa_gen.limits import DEFAULT_LIMITS, Limits
from slsa_gen.model.instance import Issuer
from slsa_gen.reasons import Reason
from tests.unit.github.tokens import (
    ISSUER,
    NOW,
    SECONDS,
    b64,
    claims_now,
    jwks,
    make_token,
    p256_jwk,
    p256_key,
    public_pem,
    rsa_jwk,
    rsa_key,
    signed,
)

KEY: Final = rsa_key("issuer")
KEYS: Final = jwks(rsa_jwk(KEY))
OTHER: Final = rsa_key("attacker")
HEADER: Final = b'{"typ":"JWT","alg":"RS256","kid":"key-1"}'
PAYLOAD: Final = json.dumps(claims_now()).encode()


def _refusal(
    raw: str, keys: bytes = KEYS, issuer: Issuer = ISSUER, limits: Limits = DEFAULT_LIMITS
) -> str:
    """Return why the token is refused; no part of it may be in the message."""
    with pytest.raises(ContextError) as caught:
        verify_token(raw, issuer, keys, NOW, limits)
    error = caught.value
    assert error.reason == Reason.CONTEXT_TOKEN
    assert error.hint
    assert error.message.isprintable()
    for part in raw.split("."):
        assert len(part) < 12 or part not in f"{error!r} {error.message} {error.hint}"
    return error.message


def test_a_good_token_gives_its_claims() -> None:
    """A token of the issuer, for us and not expired, verifies."""
    raw = make_token()

    token = verify_token(raw, ISSUER, KEYS, NOW)

    assert raw == token.raw
    assert claims_now() == token.claims
    assert datetime.fromtimestamp(SECONDS + 300, UTC) == token.expires_at


def test_the_audience_may_be_a_list_of_one() -> None:
    """RFC 7519 allows both forms of one audience."""
    verify_token(make_token(claims_now(aud=["sigstore"])), ISSUER, KEYS, NOW)


def test_an_elliptic_key_verifies_es256() -> None:
    """A named configuration's issuer may have a P-256 key."""
    key = p256_key("issuer")

    verify_token(make_token(key=key, alg="ES256"), ISSUER, jwks(p256_jwk(key)), NOW)


def test_an_enterprises_own_issuer_is_githubs() -> None:
    """GitHub's issuer may be followed by an enterprise's slug; the keys are GitHub's still."""
    claims = claims_now(iss=f"{ISSUER.issuer}/octo-enterprise")

    token = verify_token(make_token(claims), ISSUER, KEYS, NOW)

    assert token.claims["iss"] == f"{ISSUER.issuer}/octo-enterprise"


def test_only_githubs_issuer_has_slugs() -> None:
    """Another issuer's name is compared to the letter, and it cannot speak for GitHub."""
    named = Issuer("https://oidc.example", "https://git.example", jwks=KEYS)

    for iss in ("https://oidc.example/octo-enterprise", f"{ISSUER.issuer}/octo-enterprise"):
        assert "issued by" in _refusal(make_token(claims_now(iss=iss)), issuer=named)


@pytest.mark.parametrize(
    "iss",
    [
        None,
        5,
        "",
        "https://attacker.example",
        "https://token.actions.githubusercontent.com/",
        "https://token.actions.githubusercontent.com/a/b",
        "https://token.actions.githubusercontent.com/..",
        "https://token.actions.githubusercontent.com/a\n",
        "https://token.actions.githubusercontent.com.attacker.example",
        "https://token.actions.githubusercontent.comm/a",
        "HTTPS://token.actions.githubusercontent.com",
    ],
)
def test_a_foreign_issuer_is_refused(iss: object) -> None:
    """A token signed with the right key but for another issuer is refused."""
    assert "it was issued by" in _refusal(make_token(claims_now(iss=iss)))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 5, ["RS256"]])
def test_no_signature_is_refused(algorithm: object) -> None:
    """The algorithm "none" has no key, in whatever way it is written."""
    header = json.dumps({"alg": algorithm, "kid": "key-1"}).encode()

    for raw in (signed(header, PAYLOAD, None), signed(header, PAYLOAD, KEY)):
        message = _refusal(raw)
        assert "algorithm" in message or "three base64url parts" in message


@pytest.mark.parametrize("secret", [public_pem(KEY), KEYS, b""])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_secret(algorithm: str, secret: bytes) -> None:
    """A token "signed" by HMAC with what everybody knows is refused."""
    assert "the algorithm 'HS" in _refusal(make_token(key=secret, alg=algorithm))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "ES384", "EdDSA", "rs256"])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    """Only what GitHub and our configurations use is verified at all."""
    assert "the algorithm" in _refusal(make_token(alg=algorithm))


def test_the_key_decides_the_algorithm() -> None:
    """An RSA key verifies no token that says ES256, and the other way about."""
    both = jwks(rsa_jwk(KEY), p256_jwk(p256_key("issuer"), "key-2"))

    assert "no ES256 key" in _refusal(make_token(alg="ES256"), both)
    assert "no RS256 key" in _refusal(make_token(kid="key-2"), both)


def test_another_key_is_refused() -> None:
    """A token that the issuer's key did not sign is refused, also with the right key id."""
    assert "does not verify with the keys of" in _refusal(make_token(key=OTHER))


def test_another_elliptic_key_is_refused() -> None:
    """The same for P-256."""
    raw = make_token(key=p256_key("attacker"), alg="ES256")

    assert "does not verify" in _refusal(raw, jwks(p256_jwk(p256_key("issuer"))))


def test_a_key_in_the_token_is_not_believed() -> None:
    """What a header says about its own key is never followed."""
    raw = make_token(
        key=OTHER, jwk=rsa_jwk(OTHER), jku="https://attacker.example/jwks", x5u="https://a.example"
    )

    assert "does not verify" in _refusal(raw)


@pytest.mark.parametrize("kid", ["key-2", "", "KEY-1", "key-1\n", "../key-1"])
def test_an_unknown_key_id_is_refused(kid: str) -> None:
    """The key id is matched exactly, and an unknown one can be told from a forgery."""
    raw = make_token(kid=kid)

    assert "has the key id" in _refusal(raw)
    with pytest.raises(UnknownKeyError):
        verify_token(raw, ISSUER, KEYS, NOW)


def test_a_key_id_that_is_no_text_is_refused() -> None:
    """A number is no key id."""
    assert "key id in its header is no text" in _refusal(make_token(kid=1))


def test_without_a_key_id_the_only_key_counts() -> None:
    """The key id is optional (RFC 7515) as long as there is one key."""
    raw = make_token(kid=None)

    verify_token(raw, ISSUER, KEYS, NOW)
    two = jwks(rsa_jwk(KEY), rsa_jwk(OTHER, "key-2"))
    assert "2 keys of" in _refusal(raw, two)


def test_two_keys_of_one_id_are_refused() -> None:
    """Which of them should sign would be a guess."""
    assert "2 keys of" in _refusal(make_token(), jwks(rsa_jwk(OTHER), rsa_jwk(KEY)))


@pytest.mark.parametrize(
    "aud",
    [None, "", "Sigstore", "sigstore ", "api", [], ["sigstore", "api"], ["api"], {"sigstore": 1}],
)
def test_another_audience_is_refused(aud: object) -> None:
    """A token for somebody else, or for others too, is not used."""
    message = _refusal(make_token(claims_now(aud=aud)))

    assert "it was issued for" in message
    assert "expected 'sigstore' alone" in message


@pytest.mark.parametrize("age", [0, 1, 3600])
def test_an_expired_token_is_refused(age: int) -> None:
    """At the second of its expiry a token is expired; there is no leeway."""
    assert "it expired at" in _refusal(make_token(claims_now(exp=SECONDS - age)))


def test_a_token_lives_until_its_last_second() -> None:
    """A token with a second to live verifies."""
    verify_token(make_token(claims_now(exp=SECONDS + 1)), ISSUER, KEYS, NOW)


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_token_of_the_future_is_refused(name: str) -> None:
    """An issuer's clock may be ahead by the leeway and no more."""
    leeway = int(DEFAULT_LIMITS.clock_leeway_seconds)

    verify_token(make_token(claims_now(**{name: SECONDS + leeway})), ISSUER, KEYS, NOW)
    message = _refusal(make_token(claims_now(**{name: SECONDS + leeway + 1})))
    assert "check the clock" in message


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1", True, -1, 1e300, 10**30, 253_402_300_800, [], {}])
def test_a_time_that_is_none_is_refused(name: str, value: object) -> None:
    """Times are numbers that a calendar holds."""
    assert f"its claim '{name}' is" in _refusal(make_token(claims_now(**{name: value})))


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_a_token_without_times_is_refused(name: str) -> None:
    """A token that never expires, or was never issued, is none of GitHub's."""
    assert f"its claim '{name}' is no time" in _refusal(make_token(claims_now(**{name: None})))


def test_a_token_may_leave_out_when_it_begins() -> None:
    """The claim nbf is optional."""
    verify_token(make_token(claims_now(nbf=None)), ISSUER, KEYS, NOW)


def test_an_oversized_token_is_refused() -> None:
    """Size is checked before anything is decoded."""
    raw = make_token(claims_now(more="x" * DEFAULT_LIMITS.token_bytes))

    assert "more than the 65536 bytes" in _refusal(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "a.b",
        "a.b.c.d",
        "..",
        "é.é.é",
        f"{b64(HEADER)}.{b64(PAYLOAD)}.",
        f"{b64(HEADER)} .{b64(PAYLOAD)}.AAAA",
        f"{b64(HEADER)}.{b64(PAYLOAD)}.AA+A",
        f"{b64(HEADER)}.{b64(PAYLOAD)}.AAAAA",
    ],
)
def test_what_is_no_jwt_is_refused(raw: str) -> None:
    """Three parts of base64url without padding, and nothing else."""
    assert "three base64url parts" in _refusal(raw)


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"[]",
        b"not JSON",
        b'{"alg":"none","alg":"RS256","kid":"key-1"}',
        b'{"alg":"RS256","kid":"key-1","crit":["exp"]}',
        b'{"alg":"RS256","kid":"key-1","b64":false}',
        b'{"alg":"RS256","kid":"key-1","b64":false,"crit":["b64"]}',
    ],
)
def test_an_ambiguous_header_is_refused(header: bytes) -> None:
    """A header that two readers could understand differently has no meaning."""
    assert "its header" in _refusal(signed(header, PAYLOAD, KEY))


@pytest.mark.parametrize(
    "payload",
    [b"[]", b"null", b"\xff", b'{"iss":1,"iss":2}', b'{"a":NaN}', b"[" * 100 + b"]" * 100],
)
def test_ambiguous_claims_are_refused(payload: bytes) -> None:
    """Claims that two readers could understand differently are none, although signed."""
    assert "its claims are not" in _refusal(signed(HEADER, payload, KEY))


def test_a_changed_claim_breaks_the_signature() -> None:
    """Each part of a token is covered."""
    header, payload, signature = make_token().split(".")
    changed = b64(json.dumps(claims_now(repository="attacker/repo")).encode())

    assert "does not verify" in _refusal(f"{header}.{changed}.{signature}")
    other = b64(b'{"alg":"RS256","kid":"key-1"}')
    assert "does not verify" in _refusal(f"{other}.{payload}.{signature}")


@given(st.data())
def test_no_change_of_one_character_is_accepted(data: st.DataObject) -> None:
    """Whatever character of a token is changed, the result is refused or says the same."""
    raw = make_token()
    place = data.draw(st.integers(0, len(raw) - 1))
    character = data.draw(st.characters(max_codepoint=0x7F))
    changed = raw[:place] + character + raw[place + 1 :]
    try:
        token = verify_token(changed, ISSUER, KEYS, NOW)
    except SlsaGenError:
        return
    # The last character of a part may carry bits that decode to nothing.
    assert token.claims == claims_now()


@given(st.text(max_size=200))
def test_no_garbage_is_accepted(raw: str) -> None:
    """Nothing but a signed token verifies, and nothing else than our errors is raised."""
    with pytest.raises(ContextError):
        verify_token(raw, ISSUER, KEYS, NOW)


@given(st.dictionaries(st.text(max_size=10), st.none() | st.integers() | st.text(max_size=20)))
def test_no_other_claims_are_accepted(claims: dict[str, object]) -> None:
    """Claims that the issuer signed for another purpose are refused."""
    with pytest.raises(ContextError):
        verify_token(make_token(claims), ISSUER, KEYS, NOW)
