"""Classic layouts: is the artifact the product of the steps that a layout demands?

What the ``in-toto`` package decides (signatures, thresholds, artifact rules) is decided
here first, in words and without its gaps, and then asked of the package: only what both
accept is accepted. Its sublayouts run inspections, and its clock is its own, so these two are
ours (docs/decisions/0032).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.errors import MalformedEvidenceError
from slsa_gen.intoto.artifact import check_product
from slsa_gen.intoto.classic_chain import Judgement
from slsa_gen.intoto.classic_documents import ClassicSyntaxError, Layout
from slsa_gen.intoto.classic_metadata import Metadata, read
from slsa_gen.intoto.link_folder import link_folder
from slsa_gen.limits import DEFAULT_LIMITS
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from slsa_gen.intoto.inspections import Inspector
    from slsa_gen.intoto.keys import PublicKey
    from slsa_gen.limits import Limits
    from slsa_gen.model.digest import Digest

SIGNATURE_RULE: Final = "layout.signature"


def judge(
    layout: bytes,
    keys: Sequence[PublicKey],
    links: Path,
    digests: tuple[Digest, ...],
    *,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    inspect: Inspector | None = None,
) -> tuple[Check, ...]:
    """Judge one artifact by a classic layout.

    Args:
        layout: The layout, signed.
        keys: Who must have signed it: every one of them.
        links: The folder of the links.
        digests: The artifact's.
        now: The time at which the layout must not have expired.
        limits: What is read at most.
        inspect: Runs the layout's inspections; without it a layout that has some is refused.

    Returns:
        Every check. The artifact is accepted when there are some and all passed.

    Raises:
        MalformedEvidenceError: it is no classic layout.
        UsageError: the folder is not there.
        ServiceError: a link that is there cannot be read.
    """
    metadata, content = _read(layout, limits)
    folder = link_folder(links, limits)
    signatures = _check_signatures(metadata, keys)
    if not all(check.passed for check in signatures):
        return signatures  # what nobody vouches for is not repeated
    chain = Judgement(now, limits, inspect).follow(metadata, content, keys, folder, depth=1)
    return (
        *signatures,
        *chain.checks,
        check_product(chain.links, content.steps[-1].name, digests),
    )


def _read(data: bytes, limits: Limits) -> tuple[Metadata, Layout]:
    try:
        metadata = read(data, limits)
    except ClassicSyntaxError as error:
        raise _malformed(str(error)) from error
    if not isinstance(metadata.content, Layout):
        raise _malformed("it is a link")
    return metadata, metadata.content


def _malformed(why: str) -> MalformedEvidenceError:
    return MalformedEvidenceError(
        f"this is no classic layout that is read here: {why}",
        reason=Reason.LAYOUT_CLASSIC,
        hint="Ask whoever signs the layout for one that in-toto-sign writes.",
    )


def _check_signatures(metadata: Metadata, keys: Sequence[PublicKey]) -> tuple[Check, ...]:
    """Check that each key signed; without a key nobody did."""
    signers = ", ".join(shown(keyid) for keyid in sorted(metadata.signatures)[:3]) or "nobody"
    checks = []
    for key in keys:
        passed = metadata.signed_by(key)
        there = key.keyid in metadata.signatures
        absent = "that key's signature is not valid" if there else f"signed by {signers}"
        checks.append(
            Check(
                SIGNATURE_RULE,
                expected=f"the layout signed by the key {key.keyid}",
                found="its signature holds" if passed else absent,
                passed=passed,
                reason=None if passed else Reason.LAYOUT_SIGNATURE,
                hint=""
                if passed
                else "Get the layout from whoever has that key, or the key of "
                "whoever signed it: --layout-key FILE",
            )
        )
    if not checks:
        checks.append(
            Check(
                SIGNATURE_RULE,
                expected="a key that must have signed the layout",
                found="no key",
                passed=False,
                reason=Reason.LAYOUT_SIGNATURE,
                hint="Name it: --layout-key FILE",
            )
        )
    return tuple(checks)
