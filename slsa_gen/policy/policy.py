"""The policy: every expectation that an option or a policy file can state.

``--repo O/R`` alone means: signed by an identity of GitHub's issuer, source repository O/R, a
workflow inside O/R signed, SLSA provenance, and predicate = certificate. With the sandbox
named, its server and its issuer take GitHub's place and nothing of GitHub's is accepted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from slsa_gen.errors import UsageError
from slsa_gen.model.instance import (
    GITHUB_ISSUER,
    GITHUB_SERVER,
    SANDBOX_ISSUER,
    SANDBOX_SERVER,
)
from slsa_gen.policy.names import NameSyntaxError, RepositoryName, WorkflowName, parse_owner
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ID: Final = re.compile(r"[1-9][0-9]{0,19}")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_REF: Final = re.compile(r"refs/[^\s]+")
_NAME_IN_REF: Final = re.compile(r"[^\s]+")
_ANYTHING: Final = re.compile(r"[^\x00-\x1f]+")
_EXAMPLES: Final = {
    "--repo": "--repo octocat/hello-world",
    "--owner": "--owner octocat",
    "--signer-repo": "--signer-repo octocat/workflows",
    "--signer-workflow": "--signer-workflow octocat/workflows/.github/workflows/build.yml",
    "--source-ref": "--source-ref refs/heads/main",
    "--source-tag": "--source-tag v1.2.3",
    "--source-branch": "--source-branch main",
    "--source-digest": "--source-digest $(git rev-parse HEAD)",
    "--cert-identity": "--cert-identity me@example.com",
    "--cert-oidc-issuer": "--cert-oidc-issuer https://accounts.example.com",
    "--predicate-type": "--predicate-type https://slsa.dev/provenance/v1",
    # These stand in a policy file alone.
    "build-type": "build-type: https://actions.github.io/buildtypes/workflow/v1",
    "repository-id": "repository-id: 1234",
    "owner-id": "owner-id: 1234",
}
_EXPECTATION_HINT: Final = (
    "Say where it must come from: --repo OWNER/REPO (or --owner OWNER, or --cert-identity "
    "NAME with --cert-oidc-issuer URL, or --policy FILE)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is expected of an attestation; None where nothing is expected.

    Made by :meth:`make`, which refuses combinations that say nothing or contradict
    themselves. ``allowed_parameters`` are external parameters that may be there although
    the build type does not define them (dotted names below ``externalParameters``).
    """

    sandbox: bool = False
    repo: RepositoryName | None = None
    owner: str | None = None
    repository_id: str | None = None
    owner_id: str | None = None
    signer_workflow: WorkflowName | None = None
    signer_repo: RepositoryName | None = None
    source_ref: str | None = None
    source_digest: str | None = None
    cert_identity: str | None = None
    cert_oidc_issuer: str | None = None
    predicate_type: str | None = None
    build_type: str | None = None
    allowed_parameters: tuple[str, ...] = ()
    deny_self_hosted_runners: bool = False

    @property
    def server(self) -> str:
        """Return the server whose repositories are meant."""
        return SANDBOX_SERVER if self.sandbox else GITHUB_SERVER

    @property
    def issuer(self) -> str:
        """Return the issuer of identity tokens that the signer must have had one of."""
        return self.cert_oidc_issuer or (SANDBOX_ISSUER if self.sandbox else GITHUB_ISSUER)

    @property
    def names_source(self) -> bool:
        """Tell whether it says where the source must be."""
        return any((self.repo, self.owner, self.repository_id, self.owner_id))

    @property
    def says_something(self) -> bool:
        """Tell whether it says who may have signed, or from which source."""
        return self.names_source or bool(self.cert_identity and self.cert_oidc_issuer)

    @classmethod
    def make(  # noqa: PLR0913 (one argument for each option, by its name)
        cls,
        *,
        repo: str | None = None,
        owner: str | None = None,
        repository_id: str | None = None,
        owner_id: str | None = None,
        signer_workflow: str | None = None,
        signer_repo: str | None = None,
        source_ref: str | None = None,
        source_tag: str | None = None,
        source_branch: str | None = None,
        source_digest: str | None = None,
        cert_identity: str | None = None,
        cert_oidc_issuer: str | None = None,
        predicate_type: str | None = None,
        build_type: str | None = None,
        allowed_parameters: Sequence[str] = (),
        deny_self_hosted_runners: bool = False,
        sandbox: bool = False,
    ) -> Policy:
        """Return the policy of some options; each means what the option of that name means.

        Args:
            repo: ``[HOST/]OWNER/REPO``, the source repository.
            owner: The owner of the source repository.
            repository_id: The repository's number, which stays when its name changes.
            owner_id: The owner's number.
            signer_workflow: ``[HOST/]OWNER/REPO/PATH[@REF]``, the workflow that signed.
            signer_repo: ``[HOST/]OWNER/REPO``, where the workflow that signed lies.
            source_ref: The full git ref; ``source_tag`` TAG stands for ``refs/tags/TAG``,
                ``source_branch`` BRANCH for ``refs/heads/BRANCH``.
            source_tag: See ``source_ref``.
            source_branch: See ``source_ref``.
            source_digest: The full git commit.
            cert_identity: The certificate's subject alternative name, exactly.
            cert_oidc_issuer: The issuer, exactly, instead of GitHub's or the sandbox's.
            predicate_type: What must be said, instead of SLSA provenance.
            build_type: The build type that the provenance must be of.
            allowed_parameters: External parameters that may be there although unknown.
            deny_self_hosted_runners: Refuse what was not signed on a hosted runner.
            sandbox: Whether the trusted root is a sandbox's.

        Raises:
            UsageError: an option is malformed, options contradict each other, or together
                they expect nothing.
        """
        server = SANDBOX_SERVER if sandbox else GITHUB_SERVER
        _at_most_one({"--repo": repo, "--owner": owner})
        _at_most_one(
            {
                "--signer-workflow": signer_workflow,
                "--signer-repo": signer_repo,
                "--cert-identity": cert_identity,
            }
        )
        policy = cls(
            sandbox=sandbox,
            repo=_named("--repo", repo, lambda text: RepositoryName.parse(text, server)),
            owner=_named("--owner", owner, parse_owner),
            repository_id=_shaped("repository-id", repository_id, _ID, "a number such as 1234"),
            owner_id=_shaped("owner-id", owner_id, _ID, "a number such as 1234"),
            signer_workflow=_named(
                "--signer-workflow", signer_workflow, lambda text: WorkflowName.parse(text, server)
            ),
            signer_repo=_named(
                "--signer-repo", signer_repo, lambda text: RepositoryName.parse(text, server)
            ),
            source_ref=_ref(source_ref, source_tag, source_branch),
            source_digest=_shaped(
                "--source-digest", source_digest, _COMMIT, "a full commit, 40 or 64 of 0-9 and a-f"
            ),
            cert_identity=_given("--cert-identity", cert_identity),
            cert_oidc_issuer=_given("--cert-oidc-issuer", cert_oidc_issuer),
            predicate_type=_shaped("--predicate-type", predicate_type, _URI, "a URI"),
            build_type=_shaped("build-type", build_type, _URI, "a URI"),
            allowed_parameters=tuple(allowed_parameters),
            deny_self_hosted_runners=deny_self_hosted_runners,
        )
        _check_expectation(policy)
        return policy


def _check_expectation(policy: Policy) -> None:
    if policy.sandbox != (policy.issuer == SANDBOX_ISSUER):
        which = "the sandbox" if policy.sandbox else "no sandbox"
        raise UsageError(
            f"--cert-oidc-issuer {policy.issuer!r} does not go with a trusted root of {which}",
            reason=Reason.USAGE_EXPECTATION,
            hint="Leave --cert-oidc-issuer out, or name the Sigstore that goes with it.",
        )
    if policy.says_something:
        return
    if policy.cert_identity or policy.cert_oidc_issuer:
        missing = "--cert-oidc-issuer URL" if policy.cert_identity else "--cert-identity NAME"
        given = "--cert-identity" if policy.cert_identity else "--cert-oidc-issuer"
        raise UsageError(
            f"{given} alone does not say who may have signed",
            reason=Reason.USAGE_EXPECTATION,
            hint=f"Add {missing}, or --repo OWNER/REPO.",
        )
    raise UsageError(
        "nothing says where the artifact must come from: a valid signature alone is anyone's",
        reason=Reason.USAGE_EXPECTATION,
        hint=_EXPECTATION_HINT,
    )


def _at_most_one(options: dict[str, str | None]) -> None:
    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise UsageError(
            f"{' and '.join(given)} cannot be given together",
            reason=Reason.USAGE_EXPECTATION,
            hint=f"Keep one of them, such as {given[0]}.",
        )


def _ref(ref: str | None, tag: str | None, branch: str | None) -> str | None:
    _at_most_one({"--source-ref": ref, "--source-tag": tag, "--source-branch": branch})
    if tag is not None:
        return _full_ref("--source-tag", tag, "refs/tags/")
    if branch is not None:
        return _full_ref("--source-branch", branch, "refs/heads/")
    return _shaped("--source-ref", ref, _REF, "a full ref such as refs/heads/main")


def _full_ref(option: str, name: str, prefix: str) -> str:
    if name.startswith("refs/"):
        raise UsageError(
            f"{option} takes a name, got the ref {name[:200]!r}",
            reason=Reason.USAGE_EXPECTATION,
            hint=f"Write it without {prefix}, or use --source-ref {name[:200]}",
        )
    shaped = _shaped(option, name, _NAME_IN_REF, "a name without spaces")
    return f"{prefix}{shaped}"


def _named(option: str, text: str | None, parse: Callable[[str], _T]) -> _T | None:
    if text is None:
        return None
    try:
        return parse(text)
    except NameSyntaxError as error:
        raise UsageError(
            f"{option}: {error}",
            reason=Reason.USAGE_EXPECTATION,
            hint=f"For example: {_EXAMPLES[option]}",
        ) from error


def _given(option: str, text: str | None) -> str | None:
    return _shaped(option, text, _ANYTHING, "a text that is not empty")


def _shaped(option: str, text: str | None, shape: re.Pattern[str], what: str) -> str | None:
    if text is not None and not shape.fullmatch(text):
        raise UsageError(
            f"{option} must be {what}, got {text[:200]!r}",
            reason=Reason.USAGE_EXPECTATION,
            hint=f"For example: {_EXAMPLES[option]}",
        )
    return text
