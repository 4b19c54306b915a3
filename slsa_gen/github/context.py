"""From a token's claims to what they say about the run. Pure: no network, no environment.

Nothing in a context comes from an environment variable but the server's URL, which an
earlier step of the job could alter; the certificate, made from the same token, must confirm
it in two fields (extensions .9 and .12).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import ContextError
from slsa_gen.github.claims import OPTIONAL, SHAPES, claim_text, mismatch
from slsa_gen.model.identity import BuildContext
from slsa_gen.model.text import harmless
from slsa_gen.model.urls import escaped_uri
from slsa_gen.model.workflow import workflow_path
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVER: Final = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")


def build_context(claims: Mapping[str, object], server_url: str) -> BuildContext:
    """Return what verified claims say about the run.

    Args:
        claims: Those of a token whose signature was verified.
        server_url: Such as ``https://github.com``, without a trailing slash.

    Raises:
        ClaimsError: A claim is missing, malformed, or contradicts another one.
        ContextError: The server's URL is not one.
    """
    if not _SERVER.fullmatch(server_url):
        raise ContextError(
            f"the server's URL is {harmless(server_url, 100)!r}; expected https://HOST in "
            "lower case, without a path",
            reason=Reason.CONTEXT_SERVER,
            hint="The runner sets GITHUB_SERVER_URL to https://github.com; leave it alone.",
        )
    wanted = (name for name in SHAPES if name in claims or name not in OPTIONAL)
    said = {name: claim_text(claims, name) for name in wanted}
    _check_agreement(said)
    repository = f"{server_url}/{said['repository']}"
    return BuildContext(
        issuer=said["iss"],
        build_signer_uri=f"{server_url}/{said['job_workflow_ref']}",
        build_signer_digest=said["job_workflow_sha"],
        runner_environment=said["runner_environment"],
        source_repository_uri=repository,
        source_repository_digest=said["sha"],
        source_repository_ref=said["ref"],
        source_repository_identifier=said["repository_id"],
        source_repository_owner_uri=f"{server_url}/{said['repository_owner']}",
        source_repository_owner_identifier=said["repository_owner_id"],
        build_config_uri=f"{server_url}/{said['workflow_ref']}",
        build_config_digest=said["workflow_sha"],
        build_trigger=said["event_name"],
        run_invocation_uri=(
            f"{repository}/actions/runs/{said['run_id']}/attempts/{said['run_attempt']}"
        ),
        source_repository_visibility_at_signing=said["repository_visibility"],
        deployment_environment=said.get("environment"),
        token_subject=said["sub"],
    )


def _check_agreement(said: Mapping[str, str]) -> None:
    """Check the claims that repeat one another."""
    owner = said["repository"].partition("/")[0]
    if said["repository_owner"] != owner:
        raise mismatch("repository_owner", said["repository_owner"], f"{owner!r}, as in repository")
    if workflow_path(said["workflow_ref"], said["repository"], said["ref"]) is None:
        # A required workflow of another repository, say. The build type cannot express it.
        raise mismatch(
            "workflow_ref",
            said["workflow_ref"],
            f"{said['repository']}/PATH@{said['ref']}, a file of the repository that is built",
            f"Call slsa-gen in a workflow of {said['repository']} itself: a workflow that "
            "another repository requires cannot be described by this build type.",
        )
    try:
        escaped_uri(said["job_workflow_ref"])
    except ValueError:
        raise mismatch(
            "job_workflow_ref",
            said["job_workflow_ref"],
            "a name in which each % begins an escape such as %20",
            "Sigstore's certificate authority writes the name of the workflow and its ref as a "
            "URL, and refuses a % that begins no escape: rename the branch, the tag or the file.",
        ) from None
