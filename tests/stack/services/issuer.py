"""An OIDC issuer that answers like GitHub's, and the runner's token endpoint beside it.

https://docs.github.com/en/actions/reference/security/oidc. ``issuer_server`` serves them.
"""

from __future__ import annotations

import secrets
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from slsa_gen.sandbox.issuer import key_id, key_set
from tests.stack.services.processes import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.clock import Clock

SERVER: Final = "https://github.com"
REPOSITORY: Final = "octo-org/octo-repo"
#: The paths of the issuer's two documents.
DISCOVERY: Final = "/.well-known/openid-configuration"
KEYS: Final = "/.well-known/jwks"
_TOKEN_SECONDS: Final = 300
_NOT_BEFORE_SECONDS: Final = 600
_AUDIENCE: Final = "https://github.com/octo-org"

#: The claims of a run that a tag's release started, without issuer, audience and times.
CLAIMS: Final[Mapping[str, object]] = {
    "sub": f"repo:{REPOSITORY}:ref:refs/tags/v1.2.3",
    "ref": "refs/tags/v1.2.3",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "repository": REPOSITORY,
    "repository_id": "1296269",
    "repository_owner": "octo-org",
    "repository_owner_id": "65",
    "repository_visibility": "public",
    "run_id": "30433642",
    "run_number": "10",
    "run_attempt": "2",
    "actor": "octocat",
    "actor_id": "12",
    "workflow": "release",
    "head_ref": "",
    "base_ref": "",
    "event_name": "release",
    "ref_protected": "true",
    "ref_type": "tag",
    "workflow_ref": f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.2.3",
    "workflow_sha": "0123456789abcdef0123456789abcdef01234567",
    "job_workflow_ref": f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.2.3",
    "job_workflow_sha": "0123456789abcdef0123456789abcdef01234567",
    "runner_environment": "github-hosted",
}


class Issuer:
    """Issues the tokens of runs.

    Attributes:
        url: The issuer, as its tokens' ``iss``.
        token_url: Where a runner's token endpoint answers.
    """

    def __init__(self, port: int, token_port: int, clock: Clock) -> None:
        self.url = f"https://{HOST}:{port}"
        self.token_url = f"http://{HOST}:{token_port}/token"
        self._clock = clock
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._runs: dict[str, Mapping[str, object]] = {}

    def begin(self, **changes: object) -> dict[str, str]:
        """Begin a run, and return the variables with which it gets its tokens.

        Args:
            changes: Claims that differ from those of ``CLAIMS``; None leaves one out.
        """
        claims = {**CLAIMS, **changes}
        request_token = secrets.token_urlsafe(32)
        self._runs[request_token] = {k: v for k, v in claims.items() if v is not None}
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": SERVER,
            "GITHUB_REPOSITORY": str(claims["repository"]),
            "GITHUB_REF": str(claims["ref"]),
            "GITHUB_SHA": str(claims["sha"]),
            "GITHUB_EVENT_NAME": str(claims["event_name"]),
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.token_url}?run={len(self._runs)}",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": request_token,
        }

    def issue(self, claims: Mapping[str, object], audience: str) -> str:
        """Return a signed token; claims of it may replace issuer and times."""
        now = int(self._clock.now().timestamp())
        content = {
            "jti": str(uuid.uuid4()),
            "iss": self.url,
            "aud": audience,
            "iat": now,
            "nbf": now - _NOT_BEFORE_SECONDS,
            "exp": now + _TOKEN_SECONDS,
            **claims,
        }
        headers = {"kid": key_id(self._key.public_key())}
        return jwt.encode(content, self._key, algorithm="RS256", headers=headers)

    def answer(self, target: str, bearer: str) -> tuple[HTTPStatus, object]:
        """Return the status and the document for a GET."""
        parts = urlsplit(target)
        if parts.path == DISCOVERY:
            return HTTPStatus.OK, self._discovery()
        if parts.path == KEYS:
            return HTTPStatus.OK, key_set(self._key.public_key())
        if parts.path == "/token":
            claims = self._runs.get(bearer)
            if claims is None:
                return HTTPStatus.UNAUTHORIZED, {"message": "not the token of a run"}
            audience = parse_qs(parts.query).get("audience", [_AUDIENCE])[0]
            return HTTPStatus.OK, {"count": 1, "value": self.issue(claims, audience)}
        return HTTPStatus.NOT_FOUND, {"message": "Not Found"}

    def _discovery(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}{KEYS}",
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        }
