"""The ``in-toto`` package's own answer about signatures and thresholds.

Asked when every check of ours has passed: what the package refuses is refused, so that a
mistake of ours alone accepts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from in_toto import verifylib
from securesystemslib.exceptions import Error as SecureSystemsError

from slsa_gen.intoto.classic_documents import ClassicSyntaxError
from slsa_gen.model.text import harmless
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsa_gen.intoto.classic_metadata import Metadata
    from slsa_gen.intoto.functionaries import Gathered
    from slsa_gen.intoto.keys import PublicKey

RULE: Final = "layout.in-toto"


def ask_package(
    layout: Metadata, keys: Sequence[PublicKey], gathered: Mapping[str, Gathered]
) -> Check:
    """Let the package verify a layout's signatures and the thresholds of its steps.

    Args:
        layout: The layout.
        keys: Who must have signed it.
        gathered: The links that were found to count, by the step's name.
    """
    found = "it agrees"
    try:
        package = layout.of_package()
        verifylib.verify_metadata_signatures(package, {key.keyid: key.document() for key in keys})
        links = {
            step: {link.key.keyid: link.metadata.of_package() for link in those.links}
            for step, those in gathered.items()
        }
        verifylib.verify_link_signature_thresholds(package.get_payload(), links)
    except (ClassicSyntaxError, SecureSystemsError, ValueError, TypeError, KeyError) as error:
        found = harmless(str(error), 200) or type(error).__name__
    passed = found == "it agrees"
    return Check(
        RULE,
        expected="the in-toto package finds the signatures and thresholds good, too",
        found=found,
        passed=passed,
        reason=None if passed else Reason.LAYOUT_SECOND_OPINION,
        hint=""
        if passed
        else "This is a difference between slsa-gen and in-toto; report it with the layout.",
    )
