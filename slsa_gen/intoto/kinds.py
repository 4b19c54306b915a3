"""Links of the other kind than the layout's: named where links are missing, never counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.errors import RefusedError
from slsa_gen.evidence.contents import claimed_statement
from slsa_gen.intoto.link import LINK_V03
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import several

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsa_gen.limits import Limits
    from slsa_gen.model.evidence import Evidence

RULE: Final = "layout.kind"
BUNDLES_RULE: Final = "layout.links"
_SHOWN: Final = 5


def lacks_links(checks: Iterable[Check]) -> bool:
    """Tell whether a step has fewer links than its layout demands."""
    return any(check.reason is Reason.LAYOUT_FUNCTIONARIES for check in checks)


def classic_for_keyless(steps: Sequence[str], names: Iterable[str]) -> tuple[Check, ...]:
    """Refuse classic link files (``STEP.KEYID.link``) where keyless links are missing.

    Args:
        steps: The layout's steps.
        names: The files that are called as classic links are.
    """
    found = [n for n in names if any(n.startswith(f"{step}.") for step in steps)]
    return _refused(
        found,
        "links signed by identities, in bundles: it is a keyless layout",
        "classic link",
        "Record the steps again with slsa-gen run, or verify by a classic layout.",
    )


def keyless_for_classic(bundles: Iterable[Evidence], limits: Limits) -> tuple[Check, ...]:
    """Refuse bundles that claim to be links where classic links are missing."""
    found = [one.source for one in bundles if _claims_link(one, limits)]
    return _refused(
        found,
        "links signed by keys, in files STEP.KEYID.link: it is a classic layout",
        "keyless link",
        "Record the steps again with in-toto-run, or with slsa-gen run --link-format classic; or "
        "verify by a keyless layout.",
    )


def unreadable(names: Sequence[str]) -> tuple[Check, ...]:
    """Name the files that are called bundles and are none, where links are missing."""
    if not names:
        return ()
    return (
        Check(
            BUNDLES_RULE,
            expected="bundles that can be read",
            found=f"{several(names, _SHOWN)}: no bundle",
            passed=False,
            reason=Reason.EVIDENCE_NOT_A_BUNDLE,
            hint="Take the bundles anew from where they were published.",
        ),
    )


def _refused(found: Sequence[str], expected: str, what: str, hint: str) -> tuple[Check, ...]:
    if not found:
        return ()
    text = f"{several(found, _SHOWN)}: {what}{'' if len(found) == 1 else 's'}"
    return (Check(RULE, expected, text, passed=False, reason=Reason.LAYOUT_KIND, hint=hint),)


def _claims_link(evidence: Evidence, limits: Limits) -> bool:
    try:
        said = claimed_statement(evidence, limits)
    except RefusedError:
        return False
    return said is not None and said.predicate_type == LINK_V03
