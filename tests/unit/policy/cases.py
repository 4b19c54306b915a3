"""Proved statements to judge: one that everything holds for, and one thing changed in each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from slsa_gen.model.digest import Digest
from slsa_gen.policy.evaluate import evaluate
from slsa_gen.policy.policy import Policy
from tests.support.values import proved, provenance, signer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.model.verdict import AttestationVerdict, Check
    from slsa_gen.model.verified import VerifiedStatement

#: The digest of ``tests.support.values.subject()``.
DIGEST: Final = Digest("sha256", "1" * 64)
REPO: Final = "octo/app"
GITHUB_BUILD: Final = "https://actions.github.io/buildtypes/workflow/v1"


def good() -> VerifiedStatement:
    """Return provenance that says what its certificate says."""
    return proved(provenance())


def signed_by(**changes: str | None) -> VerifiedStatement:
    """Return the same statement under a certificate with some other fields."""
    fields: dict[str, Any] = changes
    return replace(good(), signer=replace(signer_of(), **fields))


def saying(change: Mapping[str, object] | None = None, **others: Any) -> VerifiedStatement:  # noqa: ANN401 (fields of any kind)
    """Return the same signer with another predicate or other parts of the statement."""
    statement = good().statement
    if change is not None:
        others["predicate"] = merged(json.loads(statement.payload)["predicate"], change)
    return replace(good(), statement=replace(statement, **others))


def merged(document: Any, change: Mapping[str, object]) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document with some places (dotted) set to other values."""
    for path, value in change.items():
        place = document
        *steps, last = path.split(".")
        for step in steps:
            place = place[int(step)] if step.isdecimal() else place.setdefault(step, {})
        place[last] = value
    return document


def judged(
    verified: VerifiedStatement | None = None,
    *,
    digests: tuple[Digest, ...] = (DIGEST,),
    **words: Any,  # noqa: ANN401 (the words of a policy)
) -> AttestationVerdict:
    """Return the verdict; by ``--repo octo/app`` unless words are given."""
    policy = Policy.make(**words) if words else Policy.make(repo=REPO)
    return evaluate(verified or good(), digests, policy)


def failed(verdict: AttestationVerdict) -> list[str]:
    """Return the reasons for which a verdict refuses, each once."""
    return list(dict.fromkeys(str(check.reason) for check in failures(verdict)))


def failures(verdict: AttestationVerdict) -> list[Check]:
    """Return the checks that did not pass."""
    return [check for check in verdict.checks if not check.passed]
