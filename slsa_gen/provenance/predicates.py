"""A user's own predicate: its type, its text, and what it may say about provenance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slsa_gen.errors import UsageError
from slsa_gen.model.statement import SLSA_PROVENANCE_PREFIX, SLSA_PROVENANCE_V1
from slsa_gen.model.text import harmless
from slsa_gen.provenance.build_types import KNOWN, lookup, named_by
from slsa_gen.provenance.certificate_match import expected_signer
from slsa_gen.provenance.documents import parse_document, read_document
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slsa_gen.limits import Limits
    from slsa_gen.model.identity import BuildContext

#: An absolute URI (RFC 3986), its scheme in lower case; http and https with a host.
_TYPE: Final = re.compile(r"(?!https?:(?!//[^/?#]))[a-z][a-z0-9+.-]*:[!-~]+")
_TYPE_CHARACTERS: Final = 4096


def load_predicate(
    predicate_type: str, *, text: str | None, path: Path | None, limits: Limits
) -> dict[str, object]:
    """Return the predicate that ``--predicate`` or ``--predicate-path`` gives.

    Args:
        predicate_type: The value of ``--predicate-type``.
        text: The value of ``--predicate``: the JSON itself.
        path: The value of ``--predicate-path``.
        limits: Bytes and levels that are read.

    Raises:
        UsageError: The type is no absolute URI, not exactly one of the two is given, or it
            is no JSON object.
    """
    if len(predicate_type) > _TYPE_CHARACTERS or not _TYPE.fullmatch(predicate_type):
        raise UsageError(
            f"--predicate-type is {harmless(predicate_type, 100)!r}; expected an absolute URI",
            reason=Reason.USAGE_PREDICATE,
            hint="--predicate-type https://example.com/my-predicate/v1",
        )
    if text is not None and path is None:
        source = "the text"
        return parse_document(text, "--predicate", source, Reason.USAGE_PREDICATE, limits)
    if path is not None and text is None:
        return read_document(path, "--predicate-path", Reason.USAGE_PREDICATE, limits)
    raise UsageError(
        "a predicate is given by --predicate or by --predicate-path, by exactly one of them; got "
        f"{'neither' if text is None else 'both'}",
        reason=Reason.USAGE_PREDICATE,
        hint=f"--predicate-type {predicate_type} --predicate-path FILE",
    )


def check_provenance(
    predicate_type: str, predicate: Mapping[str, object], context: BuildContext
) -> None:
    """Make sure that a user's own provenance says what the run's token says.

    Other predicate types are the user's own word, and pass.

    Raises:
        UsageError: SLSA provenance of an unknown build type, with parameters that its build
            type does not define, or that differs from the run in any field.
    """
    if not predicate_type.startswith(SLSA_PROVENANCE_PREFIX):
        return
    named = named_by(predicate_type, predicate)
    build_type = lookup(named or "")
    if build_type is None:
        known = " and ".join(k.uri for k in KNOWN if k.predicate_type == SLSA_PROVENANCE_V1)
        raise _refused(
            f"its build type is {harmless(named or '(missing)', 200)!r}, and whether it tells "
            f"the truth can be checked for {known} only"
        )
    unknown = build_type.unknown_parameters(predicate)
    if unknown:
        shown = harmless(", ".join(unknown), 200)
        raise _refused(f"its build type does not define the external parameters {shown!r}")
    for comparison in build_type.compare(predicate, expected_signer(context)):
        if not comparison.equal:
            raise _refused(
                f"{comparison.field} is {harmless(comparison.found, 200)!r}, and this run's "
                f"token says {comparison.expected!r}"
            )


def _refused(why: str) -> UsageError:
    return UsageError(
        f"the given predicate is SLSA provenance, which must be that of this run: {why}",
        reason=Reason.USAGE_PROVENANCE,
        hint=(
            "Leave --predicate and --predicate-path away and slsa-gen writes the provenance, "
            "or use a predicate type of your own."
        ),
    )
