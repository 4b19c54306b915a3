"""What the tests of signing share: statements, a source of tokens, a signer with its parts."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slsa_gen import strictjson
from slsa_gen.clock import SystemClock
from slsa_gen.http import HttpClient
from slsa_gen.limits import DEFAULT_LIMITS, Limits
from slsa_gen.model.statement import STATEMENT_V1, Statement
from slsa_gen.model.token import IdentityToken
from slsa_gen.retry import Budget, Retrier
from slsa_gen.signing.sign import KeylessSigner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slsa_gen.model.instance import SigstoreInstance
    from tests.support.faults import FaultyServer

PREDICATE_TYPE = "https://example.org/predicate/v1"


def make_statement(*, names: int = 1, filling: int = 0) -> Statement:
    """Return a statement; ``filling`` is the bytes of its predicate."""
    predicate: dict[str, object] = {"filling": "x" * filling}
    payload = strictjson.dumps(
        {
            "_type": STATEMENT_V1,
            "subject": [
                {"name": f"file-{number}", "digest": {"sha256": f"{number:064x}"}}
                for number in range(names)
            ],
            "predicateType": PREDICATE_TYPE,
            "predicate": predicate,
        }
    )
    return Statement(STATEMENT_V1, (), PREDICATE_TYPE, predicate, payload)


class RunTokens:
    """Fetches a run's tokens from its endpoint, without looking at their signature."""

    def __init__(self, variables: Mapping[str, str], retrier: Retrier, limits: Limits) -> None:
        self.variables = variables
        self.client = HttpClient(retrier, limits)
        self.fetched: list[IdentityToken] = []

    def fetch(self) -> IdentityToken:
        """Return a fresh token."""
        url = self.variables["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=sigstore"
        request_token = self.variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        answer = self.client.get(url, service="the token endpoint", bearer=request_token)
        token = as_token(json.loads(answer.body)["value"])
        self.fetched.append(token)
        return token


def as_token(raw: str) -> IdentityToken:
    """Return a JWT as a token, believed as it is."""
    middle = raw.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return IdentityToken(raw, claims, datetime.fromtimestamp(claims["exp"], UTC))


@dataclass
class Bench:
    """A signer in front of a faulty sandbox, and what a test looks at."""

    signer: KeylessSigner
    tokens: RunTokens
    server: FaultyServer
    notices: list[str] = field(default_factory=list)

    def bundle(self, statement: Statement | None = None) -> dict[str, object]:
        """Sign and return the bundle's document."""
        signed = self.signer.sign(statement or make_statement())
        document = json.loads(signed.bundle)
        assert isinstance(document, dict)
        return document


def make_bench(
    server: FaultyServer,
    checkout: Path,
    *,
    budget: float = 20.0,
    instance: SigstoreInstance | None = None,
    environment: Mapping[str, str] | None = None,
    **limits: float,
) -> Bench:
    """Return a signer for a sandbox; waits are short unless ``limits`` says otherwise."""
    settings = {"first_wait_seconds": 0.05, "attempt_seconds": 10.0, **limits}
    bounds = replace(DEFAULT_LIMITS, **settings)  # type: ignore[arg-type]  # each a float's name
    clock = SystemClock()
    notices: list[str] = []
    retrier = Retrier(Budget(budget, clock), clock, bounds, notify=notices.append)
    tokens = RunTokens(server.run_variables(checkout), retrier, bounds)
    signer = KeylessSigner(
        instance or server.instance(),
        tokens,
        retrier=retrier,
        limits=bounds,
        clock=clock,
        environment=environment,
    )
    return Bench(signer, tokens, server, notices)
