"""Digests given as options: ``NAME@ALGORITHM:HEX``, or ``ALGORITHM:HEX`` with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsa_gen.errors import SubjectError
from slsa_gen.model.digest import Digest, DigestSyntaxError
from slsa_gen.reasons import Reason
from slsa_gen.subjects.checksums import ListedDigest
from slsa_gen.subjects.names import check, shown

if TYPE_CHECKING:
    from slsa_gen.limits import Limits

_OPTION = "--subject-digest"


def is_named(text: str) -> bool:
    """Tell whether a digest carries its own name."""
    return "@" in text


def parse(text: str, name: str, limits: Limits) -> ListedDigest:
    """Read one ``--subject-digest``; a name of its own wins over the given one.

    Args:
        text: ``NAME@ALGORITHM:HEX`` (the last ``@`` counts) or ``ALGORITHM:HEX``.
        name: The name for one that has none; empty when there is none.
        limits: How long a name may be.

    Raises:
        SubjectError: not a digest, no name, or a name that is not taken.
    """
    own, at, rest = text.rpartition("@")
    where = f"{_OPTION} {shown(text)}"
    try:
        digest = Digest.parse(rest)
    except DigestSyntaxError as error:
        raise SubjectError(
            f"{where}: {error}",
            reason=Reason.SUBJECT_DIGEST,
            hint=f"Write: {_OPTION} NAME@sha256:HEX (64 hexadecimal digits)",
        ) from error
    if not at and not name:
        raise SubjectError(
            f"{where}: the digest has no name",
            reason=Reason.SUBJECT_NAME_MISSING,
            hint=f"Write {_OPTION} NAME@{digest.algorithm}:HEX, or add --subject-name NAME",
        )
    hint = f"Give a relative name without '..': {_OPTION} app@{digest.algorithm}:HEX"
    return ListedDigest(check(own if at else name, where, limits, hint), digest, where)
