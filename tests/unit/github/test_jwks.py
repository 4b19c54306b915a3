"""Key sets: which keys may verify tokens at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ServiceError
from slsa_gen.github.jwks import decode_base64url, read_keys
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.reasons import Reason
from tests.unit.github.tokens import b64, integer, jwks, p256_jwk, p256_key, rsa_jwk, rsa_key

RSA = rsa_jwk(rsa_key("issuer"))
P256 = p256_jwk(p256_key("issuer"))


def test_both_kinds_of_key_are_read() -> None:
    """RSA verifies RS256, P-256 verifies ES256."""
    keys = read_keys(jwks(RSA, P256), DEFAULT_LIMITS)

    assert [(k.key_id, k.algorithm) for k in keys] == [("key-1", "RS256"), ("key-1", "ES256")]


def test_a_key_may_say_little() -> None:
    """Use, algorithm and key id are optional (RFC 7517)."""
    bare = {name: RSA[name] for name in ("kty", "n", "e")}

    (key,) = read_keys(jwks(bare), DEFAULT_LIMITS)

    assert key.key_id is None


def test_a_key_may_say_that_it_verifies() -> None:
    """key_ops is the other way to say use=sig."""
    assert read_keys(jwks({**RSA, "key_ops": ["verify"]}), DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "key-1", "alg": "HS256"},
        {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(32))},
        {**RSA, "use": "enc"},
        {**RSA, "use": None},
        {**RSA, "alg": "RS512"},
        {**RSA, "alg": "HS256"},
        {**RSA, "key_ops": ["encrypt"]},
        {**RSA, "key_ops": "verify"},
        {**RSA, "kid": 1},
        {**RSA, "n": 5},
        {**RSA, "n": "not/base64url"},
        {**RSA, "n": ""},
        {**RSA, "e": "A"},
        {**RSA, "e": integer(3)},
        {**RSA, "e": integer(65538)},
        {**RSA, "e": integer(2**32 + 1)},
        {**RSA, "n": integer(2**9000 + 1)},
        rsa_jwk(rsa_key("small", 1024)),
        {**P256, "crv": "P-384"},
        {**P256, "alg": "ES384"},
        {**P256, "x": integer(1, 32)},
        {**P256, "x": b64(bytes(31))},
        {**P256, "y": b64(bytes(33))},
        {**P256, "y": None},
        {**P256, "x": b64(b"\0" + (decode_base64url(P256["x"]) or b""))},
    ],
)
def test_a_key_that_may_not_verify_is_passed_over(key: dict[str, object]) -> None:
    """Small, symmetric, malformed and encryption keys verify nothing; the others still do."""
    assert read_keys(jwks(key), DEFAULT_LIMITS) == ()
    assert len(read_keys(jwks(key, P256), DEFAULT_LIMITS)) == 1


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [1]}', b'{"keys":[],"keys":[]}', b"\xff"],
)
def test_what_is_no_key_set_is_refused(document: bytes) -> None:
    """A malformed set is the issuer's failure, not the token's."""
    with pytest.raises(ServiceError, match="key set") as caught:
        read_keys(document, DEFAULT_LIMITS)

    assert caught.value.reason == Reason.CONTEXT_ISSUER_KEYS
    assert caught.value.hint


def test_the_number_of_keys_is_bounded() -> None:
    """A set of more keys than the limit is not searched."""
    limits = replace(DEFAULT_LIMITS, issuer_keys=2)

    assert len(read_keys(jwks(RSA, RSA), limits)) == 2
    with pytest.raises(ServiceError, match="has 3 keys, at most 2 are read"):
        read_keys(jwks(RSA, RSA, RSA), limits)


def test_the_size_of_a_set_is_bounded() -> None:
    """A set of more bytes than the limit is not parsed."""
    with pytest.raises(ServiceError, match="at most 10 are read"):
        read_keys(jwks(RSA), replace(DEFAULT_LIMITS, answer_bytes=10))


@given(st.binary(max_size=64))
def test_base64url_is_read_back(data: bytes) -> None:
    """Encoding and decoding are inverse; nothing is the absence of a text."""
    assert (data or None) == decode_base64url(b64(data))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3)))
def test_no_garbage_is_a_key(value: object) -> None:
    """Whatever stands in a key's members, reading it raises nothing of anybody else's."""
    for name in ("kty", "kid", "use", "alg", "key_ops", "n", "e"):
        document = json.dumps({"keys": [{**RSA, name: value}]}).encode()
        read_keys(document, DEFAULT_LIMITS)
