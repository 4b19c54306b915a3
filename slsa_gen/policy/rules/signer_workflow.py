"""The workflow that signed lies where it must.

Certificate extension .9. ``--signer-workflow`` names the file (at any ref, or at the one
given), ``--signer-repo`` its repository; without either it lies in the source repository, or
in one of the source's owner. ``--cert-identity`` names the signer itself and takes its place.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from slsa_gen.policy.names import NameSyntaxError, WorkflowName, owner_of_uri, same, split_uri
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check the workflow that signed, unless the signer itself is named."""
    if case.policy.cert_identity is not None:
        return ()
    found = case.signer.build_signer_uri
    expected, passed = _judged(case, found or "")
    return (
        checked(
            RULE.name,
            expected=expected,
            found=found,
            passed=passed,
            reason=Reason.SIGNER_WORKFLOW,
            hint=_hint(case, found or ""),
        ),
    )


def _hint(case: Case, uri: str) -> str:
    """Return the option that would name the workflow that signed, if one can."""
    policy = case.policy
    try:
        found = WorkflowName.parse(uri.removeprefix(f"{policy.server}/"), policy.server)
    except NameSyntaxError:
        return ""
    if policy.signer_workflow is not None:
        # The path and the ref are the signer's own words: quoted, a shell only reads them.
        name = str(found) if policy.signer_workflow.ref else f"{found.repository}/{found.path}"
        return f"Another workflow signed. If you trust it: --signer-workflow {shlex.quote(name)}"
    demanded = policy.signer_repo or policy.repo
    if demanded is not None and demanded.holds(uri, policy.server):
        return ""
    source = case.signer.source_repository_uri or ""
    if policy.signer_repo is None and _same_start(uri, source, policy.server):
        return ""  # the source's own workflow: the source is what is wrong, and said to be
    return f"If you trust that reusable workflow: --signer-repo {found.repository}"


def _judged(case: Case, uri: str) -> tuple[str, bool]:
    policy, server = case.policy, case.policy.server
    if policy.signer_workflow is not None:
        return f"{server}/{policy.signer_workflow}", policy.signer_workflow.is_named_by(uri, server)
    repository = policy.signer_repo or policy.repo
    if repository is not None:
        return f"a workflow of {server}/{repository}", repository.holds(uri, server)
    if policy.repository_id is not None:
        # The repository is known by its number, and the certificate says its name of that time.
        source = case.signer.source_repository_uri or ""
        return f"a workflow of {source}", _same_start(uri, source, server)
    owner = policy.owner
    if owner is None and policy.owner_id is not None:
        owner = owner_of_uri(case.signer.source_repository_owner_uri or "", server)
    split = split_uri(uri, server)
    lies_there = owner is not None and split is not None and same(split[0], owner)
    return f"a workflow of {server}/{owner}", lies_there and bool(split and split[2])


def _same_start(uri: str, repository_uri: str, server: str) -> bool:
    one, other = split_uri(uri, server), split_uri(repository_uri, server)
    if one is None or other is None or not one[2] or other[2]:
        return False
    return same(one[0], other[0]) and same(one[1], other[1])


RULE = Rule("signer.workflow", (Reason.SIGNER_WORKFLOW,), check)
