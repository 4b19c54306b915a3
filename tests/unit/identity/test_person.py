"""Whom a token's claims name, exactly as the certificate will."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.errors import ContextError
from slsa_gen.identity.person import person_of
from slsa_gen.model.identity import Person
from slsa_gen.reasons import Reason

ISSUER = "https://login.example.org"
CLAIMS: dict[str, Any] = {"iss": ISSUER, "email": "ada@example.org", "email_verified": True}


def test_a_person_is_an_issuer_and_a_verified_address() -> None:
    """Both as they will stand in the certificate."""
    assert person_of(CLAIMS) == Person(ISSUER, "ada@example.org")


@pytest.mark.parametrize(
    ("connector", "issuer"),
    [
        ("https://github.com/login/oauth", "https://github.com/login/oauth"),
        ("https://accounts.google.com", "https://accounts.google.com"),
        ("ldap", ISSUER),
        ("http://plain.example", ISSUER),
        ("https://a b", ISSUER),
        (1, ISSUER),
    ],
)
def test_who_vouches_behind_sigstores_own_provider_is_the_issuer(
    connector: object, issuer: str
) -> None:
    """Fulcio writes that one."""
    claims = {**CLAIMS, "federated_claims": {"connector_id": connector, "user_id": "1"}}

    assert person_of(claims).issuer == issuer


def test_claims_of_federation_that_are_no_object_name_nobody_else() -> None:
    """They are passed over."""
    assert person_of({**CLAIMS, "federated_claims": "x"}).issuer == ISSUER


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": None}, "names no e-mail address"),
        ({"email": ""}, "names no e-mail address"),
        ({"email": 1}, "names no e-mail address"),
        ({"email": "ada"}, "'ada'"),
        ({"email": "ada@example.org\n"}, "no certificate is issued for"),
        ({"email": "Ada <ada@example.org>"}, "no certificate is issued for"),
        ({"email": "ada@example.org,eve@example.org"}, "no certificate is issued for"),
        ({"email": "adä@example.org"}, "no certificate is issued for"),
        ({"email": "a@" + "b" * 253}, "no certificate is issued for"),
        ({"email_verified": None}, "has not verified"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": "true"}, "has not verified"),
        ({"email_verified": 1}, "has not verified"),
        ({"job_workflow_ref": "o/r/x@refs/heads/main"}, "'job_workflow_ref' of a workflow's run"),
        ({"runner_environment": "github-hosted"}, "of a workflow's run"),
    ],
)
def test_claims_that_name_no_person_are_refused(changes: dict[str, Any], words: str) -> None:
    """What is not said plainly is never guessed."""
    with pytest.raises(ContextError) as caught:
        person_of({**CLAIMS, **changes})

    assert caught.value.reason is Reason.IDENTITY_EMAIL
    assert words in caught.value.message


@given(st.text(max_size=40), st.one_of(st.booleans(), st.text(max_size=5), st.none()))
def test_whatever_stands_there_is_a_plain_verified_address_or_refused(
    email: str, verified: object
) -> None:
    """Never a part of it, never another form."""
    try:
        person = person_of({"iss": ISSUER, "email": email, "email_verified": verified})
    except ContextError:
        return
    assert verified is True
    assert person.name == email
    assert email.isascii()
    assert email.isprintable()
    assert email.count("@") == 1
    assert " " not in email
