"""Is the artifact at hand what a step made? The same question for layouts of both kinds.

A keyless layout names the step. Nothing in a classic one says which file is verified:
``in-toto-verify`` looks at the folder that it runs in, and only an inspection does that. Without
one it accepts a chain of links, whatever file the user has. Here the artifact's digest must be
a product of its last step, in the layout's order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.model.digest import HEX_LENGTHS
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import several

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.intoto.traces import Recorded
    from slsa_gen.model.digest import Digest

RULE: Final = "layout.product"
_SHOWN: Final = 3


def check_product(links: Mapping[str, Recorded], step: str, digests: tuple[Digest, ...]) -> Check:
    """Check that one of a step's products has the artifact's digests.

    Args:
        links: What was recorded, by the step's name.
        step: The step that must have made the artifact.
        digests: The artifact's: all that a product shares must be equal, and one at least
            is of an algorithm that is trusted here.
    """
    wanted = tuple(digest for digest in digests if digest.algorithm in HEX_LENGTHS)
    names = _products(links[step], wanted) if step in links else []
    return Check(
        RULE,
        expected=f"a product of the step {step!r} with the artifact's "
        + (", ".join(map(str, wanted)) or "digest"),
        found=several(names, _SHOWN) if names else _instead(step, links, wanted),
        passed=bool(names),
        reason=None if names else Reason.LAYOUT_ARTIFACT,
        hint="" if names else "Verify the file that the step made, unchanged, with its links.",
    )


def _products(link: Recorded, digests: tuple[Digest, ...]) -> list[str]:
    return sorted(name for name, product in link.products.items() if _equal(product, digests))


def _equal(product: Mapping[str, str], digests: tuple[Digest, ...]) -> bool:
    shared = [product[d.algorithm].lower() == d.hex for d in digests if d.algorithm in product]
    return bool(shared) and all(shared)


def _instead(step: str, links: Mapping[str, Recorded], digests: tuple[Digest, ...]) -> str:
    if step not in links:
        return "the step has no link that counts"
    others = [name for name, link in links.items() if _products(link, digests)]
    if others:
        return f"it is a product of the step {others[-1]!r}"
    return f"another product: {several(sorted(links[step].products), _SHOWN)}"
