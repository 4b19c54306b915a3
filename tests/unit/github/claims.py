"""The claims of a workflow's token, as GitHub documents them, for this folder's tests."""

from __future__ import annotations

from typing import Final

from slsa_gen.model.instance import GITHUB_ISSUER

#: A tag with an at sign, and a job in a reusable workflow of another repository.
CLAIMS: Final[dict[str, object]] = {
    "actor": "octocat",
    "aud": "sigstore",
    "event_name": "push",
    "exp": 1_767_323_345,
    "iat": 1_767_323_045,
    "iss": GITHUB_ISSUER,
    "job_workflow_ref": "octo-org/octo-automation/.github/workflows/build.yml@refs/tags/v2",
    "job_workflow_sha": "c" * 40,
    "nbf": 1_767_322_445,
    "ref": "refs/tags/pkg@1.0.0",
    "ref_type": "tag",
    "repository": "octo-org/octo-repo",
    "repository_id": "74",
    "repository_owner": "octo-org",
    "repository_owner_id": "65",
    "repository_visibility": "public",
    "run_attempt": "2",
    "run_id": "1234567890",
    "run_number": "10",
    "runner_environment": "github-hosted",
    "sha": "a" * 40,
    "sub": "repo:octo-org/octo-repo:ref:refs/tags/pkg@1.0.0",
    "workflow": "Release",
    "workflow_ref": "octo-org/octo-repo/.github/workflows/release@v1.yml@refs/tags/pkg@1.0.0",
    "workflow_sha": "b" * 40,
}
