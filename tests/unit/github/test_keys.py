"""Where keys come from: only from where the configuration says, and no more often."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import pytest

from slsa_gen.errors import ContextError, ServiceError
from slsa_gen.github.keys import IssuerKeys
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.instance import SANDBOX_ISSUER, SANDBOX_SERVER, Issuer
from slsa_gen.reasons import Reason
from tests.unit.github.tokens import (
    ISSUER,
    JWKS_URL,
    NOW,
    FakeHttp,
    claims_now,
    jwks,
    make_token,
    rsa_jwk,
    rsa_key,
)

KEYS: Final = jwks(rsa_jwk(rsa_key("issuer")))
OTHER_KEYS: Final = jwks(rsa_jwk(rsa_key("attacker"), "key-0"))
NAMED: Final = "https://oidc.example/auth"
DISCOVERED: Final = Issuer(NAMED, "https://git.example", discovery_url=NAMED)
DISCOVERY: Final = f"{NAMED}/.well-known/openid-configuration"


def _discovery(**changes: object) -> bytes:
    document = {"issuer": NAMED, "jwks_uri": "https://oidc.example/keys", **changes}
    return json.dumps({name: value for name, value in document.items() if value}).encode()


def _keys(issuer: Issuer, http: FakeHttp) -> IssuerKeys:
    return IssuerKeys(issuer, http, DEFAULT_LIMITS)


def test_keys_are_fetched_once() -> None:
    """Several tokens of one process need one request."""
    http = FakeHttp({JWKS_URL: [KEYS]})
    keys = _keys(ISSUER, http)

    for _ in range(3):
        keys.verify(make_token(), NOW)

    assert http.asked == [JWKS_URL]
    assert http.bearers == [None]


def test_an_unknown_key_is_looked_for_once_more() -> None:
    """Keys that were rotated since they were fetched are found, with one more request."""
    http = FakeHttp({JWKS_URL: [OTHER_KEYS, KEYS]})
    keys = _keys(ISSUER, http)
    keys.verify(make_token(key=rsa_key("attacker"), kid="key-0"), NOW)

    keys.verify(make_token(), NOW)
    keys.verify(make_token(), NOW)

    assert http.asked == [JWKS_URL] * 2


def test_fresh_keys_are_not_fetched_twice_for_one_token() -> None:
    """A key that is missing from a set just fetched is missing."""
    http = FakeHttp({JWKS_URL: [OTHER_KEYS]})

    with pytest.raises(ContextError, match="has the key id 'key-1'"):
        _keys(ISSUER, http).verify(make_token(), NOW)

    assert http.asked == [JWKS_URL]


def test_a_forged_token_does_not_cause_requests() -> None:
    """Only an unknown key id is worth another look."""
    http = FakeHttp({JWKS_URL: [KEYS]})
    keys = _keys(ISSUER, http)
    keys.verify(make_token(), NOW)

    with pytest.raises(ContextError, match="does not verify"):
        keys.verify(make_token(key=rsa_key("attacker")), NOW)

    assert http.asked == [JWKS_URL]


def test_a_text_that_is_no_token_causes_no_request() -> None:
    """What a mistyped file holds is told at once, not after an issuer that is away."""
    http = FakeHttp({JWKS_URL: [KEYS]})

    with pytest.raises(ContextError, match="not a signed JWT"):
        _keys(ISSUER, http).verify("the wrong file", NOW)

    assert http.asked == []


def test_keys_that_travel_with_the_configuration_are_never_fetched() -> None:
    """The sandbox's keys are a value; an unknown key is refused without asking anyone."""
    http = FakeHttp({})
    issuer = replace(ISSUER, jwks=KEYS)

    _keys(issuer, http).verify(make_token(), NOW)
    with pytest.raises(ContextError, match="key id"):
        _keys(issuer, http).verify(make_token(kid="key-9"), NOW)

    assert http.asked == []


def test_the_issuer_in_the_token_is_never_asked() -> None:
    """A token that names another issuer is held against ours, and refused."""
    attacker = "https://attacker.example"
    http = FakeHttp({JWKS_URL: [KEYS], f"{attacker}/.well-known/jwks": [OTHER_KEYS]})
    raw = make_token(claims_now(iss=attacker), rsa_key("attacker"), kid="key-0")

    with pytest.raises(ContextError, match="key id"):
        _keys(ISSUER, http).verify(raw, NOW)

    assert http.asked == [JWKS_URL]


def test_discovery_names_the_keys() -> None:
    """A named configuration may say no more than whose discovery document to read."""
    http = FakeHttp({DISCOVERY: [_discovery()], "https://oidc.example/keys": [KEYS]})

    token = _keys(DISCOVERED, http).verify(make_token(claims_now(iss=NAMED)), NOW)

    assert token.claims["iss"] == NAMED
    assert http.asked == [DISCOVERY, "https://oidc.example/keys"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://attacker.example/keys",
        "https://oidc.example.attacker.example/keys",
        "https://oidc.example:8443/keys",
        "http://oidc.example/keys",
        "https://user@oidc.example/keys",
        "https://oidc.example\\@attacker.example/keys",
        "//attacker.example/keys",
        "/keys",
        None,
        5,
        ["https://oidc.example/keys"],
    ],
)
def test_keys_of_another_origin_are_not_asked(uri: object) -> None:
    """The discovery document may point at its own origin only."""
    http = FakeHttp({DISCOVERY: [_discovery(jwks_uri=uri)]})

    with pytest.raises(ServiceError, match="the issuer's key set") as caught:
        _keys(DISCOVERED, http).verify(make_token(), NOW)

    assert caught.value.reason == Reason.CONTEXT_ISSUER_KEYS
    assert caught.value.message.isprintable()
    assert http.asked == [DISCOVERY]


@pytest.mark.parametrize("named", ["https://attacker.example", f"{NAMED}/", None, 5])
def test_the_configuration_of_another_issuer_is_refused(named: object) -> None:
    """OpenID Connect Discovery 1.0, section 4.3: the issuer must be the one asked for."""
    http = FakeHttp({DISCOVERY: [_discovery(issuer=named)]})

    with pytest.raises(ServiceError, match="the issuer's configuration is that of"):
        _keys(DISCOVERED, http).verify(make_token(), NOW)


def test_the_sandbox_is_known_by_its_name_wherever_it_is_served() -> None:
    """The sandbox's document names the sandbox's issuer, not the loopback address."""
    address = "http://127.0.0.1:4321"
    issuer = Issuer(SANDBOX_ISSUER, SANDBOX_SERVER, discovery_url=address)
    path = f"{address}/.well-known/openid-configuration"
    good = _discovery(issuer=SANDBOX_ISSUER, jwks_uri=f"{address}/keys")
    http = FakeHttp({path: [good], f"{address}/keys": [KEYS]})

    _keys(issuer, http).verify(make_token(claims_now(iss=SANDBOX_ISSUER)), NOW)

    bad = FakeHttp({path: [_discovery(issuer=address, jwks_uri=f"{address}/keys")]})
    with pytest.raises(ServiceError, match="configuration is that of"):
        _keys(issuer, bad).verify(make_token(), NOW)


@pytest.mark.parametrize("document", [b"", b"[]", b'{"issuer":1,"issuer":2}'])
def test_a_malformed_configuration_is_the_issuers_failure(document: bytes) -> None:
    """A discovery document that cannot be read says so."""
    http = FakeHttp({DISCOVERY: [document]})

    with pytest.raises(ServiceError, match="configuration cannot be read"):
        _keys(DISCOVERED, http).verify(make_token(), NOW)


def test_an_issuer_without_any_keys_is_an_error() -> None:
    """Nothing is guessed from the issuer's name."""
    http = FakeHttp({})

    with pytest.raises(ServiceError, match="nothing says where the keys"):
        _keys(Issuer(NAMED, "https://git.example"), http).verify(make_token(), NOW)
