"""A run of the sandbox: the claims of its tokens and the variables of its environment.

Both are those that GitHub gives a run, with the sandbox's own names in GitHub's places
(https://docs.github.com/en/actions/reference/security/oidc).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from slsa_gen.model.instance import SANDBOX_SERVER

if TYPE_CHECKING:
    from slsa_gen.sandbox.checkout import Checkout

WORKFLOW_PATH: Final = ".github/workflows/sandbox.yml"
WORKFLOW_NAME: Final = "sandbox"
#: The token endpoint's path on the server.
TOKEN_PATH: Final = "/token"  # noqa: S105 (a path)

#: The sandbox's person, as certificates name them.
PERSON: Final = f"sandbox@{urlsplit(SANDBOX_SERVER).hostname}"

_EVENT: Final = "push"
_ATTEMPT: Final = "1"
_ACTOR: Final = "sandbox"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``request_token`` is what the token endpoint asks for; random, a secret."""

    run_id: int
    checkout: Checkout
    request_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def owner(self) -> str:
        """Return the repository's owner."""
        return self.checkout.repository.partition("/")[0]

    @property
    def workflow_ref(self) -> str:
        """Return ``owner/name/PATH@REF`` of the workflow."""
        return f"{self.checkout.repository}/{WORKFLOW_PATH}@{self.checkout.ref}"

    @property
    def claims(self) -> dict[str, object]:
        """Return the claims of the run's tokens, without issuer, audience and times."""
        here = self.checkout
        return {
            "sub": f"repo:{here.repository}:ref:{here.ref}",
            "ref": here.ref,
            "sha": here.commit,
            "repository": here.repository,
            "repository_id": stable_id(here.repository),
            "repository_owner": self.owner,
            "repository_owner_id": stable_id(self.owner),
            "repository_visibility": "public",
            "run_id": str(self.run_id),
            "run_number": str(self.run_id),
            "run_attempt": _ATTEMPT,
            "actor": _ACTOR,
            "actor_id": stable_id(_ACTOR),
            "workflow": WORKFLOW_NAME,
            "head_ref": "",
            "base_ref": "",
            "event_name": _EVENT,
            "ref_protected": "false",
            "ref_type": self._ref_type,
            "workflow_ref": self.workflow_ref,
            "workflow_sha": here.commit,
            "job_workflow_ref": self.workflow_ref,
            "job_workflow_sha": here.commit,
            "runner_environment": "self-hosted",
        }

    def variables(self, base_url: str) -> dict[str, str]:
        """Return the variables of the run's environment; two of them are secrets.

        Args:
            base_url: Where the sandbox answers.
        """
        here = self.checkout
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": SANDBOX_SERVER,
            "GITHUB_REPOSITORY": here.repository,
            "GITHUB_REPOSITORY_ID": stable_id(here.repository),
            "GITHUB_REPOSITORY_OWNER": self.owner,
            "GITHUB_REPOSITORY_OWNER_ID": stable_id(self.owner),
            "GITHUB_REF": here.ref,
            "GITHUB_REF_NAME": here.ref.split("/", 2)[2],
            "GITHUB_REF_TYPE": self._ref_type,
            "GITHUB_SHA": here.commit,
            "GITHUB_EVENT_NAME": _EVENT,
            "GITHUB_ACTOR": _ACTOR,
            "GITHUB_JOB": WORKFLOW_NAME,
            "GITHUB_RUN_ID": str(self.run_id),
            "GITHUB_RUN_NUMBER": str(self.run_id),
            "GITHUB_RUN_ATTEMPT": _ATTEMPT,
            "GITHUB_WORKFLOW": WORKFLOW_NAME,
            "GITHUB_WORKFLOW_REF": self.workflow_ref,
            "GITHUB_WORKFLOW_SHA": here.commit,
            "RUNNER_ENVIRONMENT": "self-hosted",
            # GitHub's URL has a query too: clients append "&audience=…" to it.
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{base_url}{TOKEN_PATH}?run={self.run_id}",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }

    @property
    def _ref_type(self) -> str:
        return "tag" if self.checkout.ref.startswith("refs/tags/") else "branch"


@dataclass(frozen=True, slots=True)
class Someone:
    """The sandbox's own person, who is signed in without a browser.

    ``request_token`` is what the token endpoint asks for; random, a secret.
    """

    request_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def claims(self) -> dict[str, object]:
        """Return the claims of the person's tokens, without issuer, audience and times."""
        return {"sub": stable_id(PERSON), "email": PERSON, "email_verified": True}

    def variables(self, base_url: str) -> dict[str, str]:
        """Return what leads to the person's tokens; two of the variables are secrets."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{base_url}{TOKEN_PATH}?person",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }


def stable_id(name: str) -> str:
    """Return a number that stands for a name, however it is capitalised."""
    digest = hashlib.sha256(name.lower().encode("utf-8")).digest()
    return str(int.from_bytes(digest[:5], "big"))
