"""Whom a token names that is no workflow run's: what Fulcio will write for its e-mail.

https://github.com/sigstore/fulcio/blob/main/docs/oidc.md, issuers of the type ``email``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError
from slsa_gen.model.identity import Person
from slsa_gen.model.text import harmless
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What Fulcio takes (RFC 5322's usual part), and nothing that could be read as another address.
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
#: The provider behind a provider, as Sigstore's own names it.
_CONNECTOR: Final = re.compile(r"https://[A-Za-z0-9.:/_~-]{1,400}")
#: Claims of a workflow's run, which no person's token has.
_OF_RUNS: Final = ("job_workflow_ref", "workflow_ref", "run_id", "runner_environment")


def person_of(claims: Mapping[str, object]) -> Person:
    """Return whom verified claims name.

    Args:
        claims: Those of a token whose signature was verified.

    Raises:
        ContextError: there is no verified e-mail address, or a run is named.
    """
    of_run = [name for name in _OF_RUNS if name in claims]
    if of_run:
        raise _error(
            f"it has the claim {of_run[0]!r} of a workflow's run, and no person is one",
            "Sign as the run: leave --identity interactive away.",
        )
    email = claims.get("email")
    if not isinstance(email, str) or not email:
        raise _error(
            "it names no e-mail address",
            "The provider must put the claims email and email_verified into ID tokens for the "
            "client 'sigstore' (scopes openid and email).",
        )
    if not _EMAIL.fullmatch(email) or len(email) > _LONGEST:
        raise _error(
            f"its e-mail address is {harmless(email, 100)!r}, which no certificate is issued for",
            "Sign in with an account that has a plain address, such as name@example.org.",
        )
    if claims.get("email_verified") is not True:
        raise _error(
            f"the provider has not verified that {email!r} is this person's address",
            "Have the provider verify the address (it sends a mail), and sign in again.",
        )
    return Person(_issuer(claims), email)


_LONGEST: Final = 254


def _issuer(claims: Mapping[str, object]) -> str:
    """Return the issuer that the certificate names: who vouches for the address.

    Sigstore's own provider asks others (GitHub, Google, Microsoft), names who answered, and
    Fulcio writes that one.
    """
    federated = claims.get("federated_claims")
    connector = federated.get("connector_id") if isinstance(federated, dict) else None
    if isinstance(connector, str) and _CONNECTOR.fullmatch(connector):
        return connector
    return str(claims["iss"])


def _error(why: str, hint: str) -> ContextError:
    return ContextError(
        f"the identity token is no person's that can sign: {why}",
        reason=Reason.IDENTITY_EMAIL,
        hint=hint,
    )
