"""A subject of the statement has one of the artifact's digests.

Names do not count, and neither do algorithms other than sha256, sha384 and sha512: a digest
that one can forge a second file for is no digest (in-toto statement v1, ``subject``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.model.digest import HEX_LENGTHS
from slsa_gen.policy.rules.case import Case, Rule, checked
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from slsa_gen.model.verdict import Check


def check(case: Case) -> tuple[Check, ...]:
    """Check that the statement is about the artifact."""
    subjects = case.verified.statement.subjects
    wanted = [digest for digest in case.digests if digest.algorithm in HEX_LENGTHS]
    subject = case.verified.statement.subject_with(wanted)
    others = f"{len(subjects)} subject{'' if len(subjects) == 1 else 's'}, none with that digest"
    return (
        checked(
            RULE.name,
            expected=" or ".join(str(digest) for digest in wanted) or "a digest of the artifact",
            found=others if subject is None else f"subject {subject.name!r}",
            passed=subject is not None,
            reason=Reason.SUBJECT_DIGEST_NOT_IN_STATEMENT,
            hint="The file is not the one that was attested: it was changed, or the bundle "
            "belongs to another file.",
        ),
    )


RULE = Rule("subject.digest", (Reason.SUBJECT_DIGEST_NOT_IN_STATEMENT,), check)
