"""Is the artifact at hand what the layout's last step made?

Nothing in a classic layout says which file is verified: ``in-toto-verify`` looks at the
folder that it runs in, and only an inspection does that. Without one it accepts a chain of
links, whatever file the user has. Here the artifact's digest must be a product of the last
step, in the layout's order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slsa_gen.model.digest import HEX_LENGTHS
from slsa_gen.model.verdict import Check
from slsa_gen.reasons import Reason
from slsa_gen.subjects.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsa_gen.intoto.classic_documents import Layout, Link
    from slsa_gen.model.digest import Digest

RULE: Final = "layout.product"
_SHOWN: Final = 3


def check_product(layout: Layout, links: Mapping[str, Link], digests: tuple[Digest, ...]) -> Check:
    """Check that one of the last step's products has the artifact's digests.

    Args:
        layout: The layout; its last step is the last that it lists.
        links: What was recorded, by the step's name.
        digests: The artifact's: all that a product shares must be equal, and one at least
            is of an algorithm that is trusted here.
    """
    last = layout.steps[-1].name
    wanted = ", ".join(str(digest) for digest in digests)
    link = links.get(last)
    names = [] if link is None else _products(link, digests)
    return Check(
        RULE,
        expected=f"a product of the last step, {last!r}, with the artifact's {wanted}",
        found=_listed(names) if names else _instead(last, links, digests),
        passed=bool(names),
        reason=None if names else Reason.LAYOUT_ARTIFACT,
        hint="" if names else "Verify the file that the last step made, unchanged.",
    )


def _products(link: Link, digests: tuple[Digest, ...]) -> list[str]:
    return sorted(name for name, product in link.products.items() if _equal(product, digests))


def _equal(product: Mapping[str, str], digests: tuple[Digest, ...]) -> bool:
    shared = [
        product[digest.algorithm].lower() == digest.hex
        for digest in digests
        if digest.algorithm in HEX_LENGTHS and digest.algorithm in product
    ]
    return bool(shared) and all(shared)


def _instead(last: str, links: Mapping[str, Link], digests: tuple[Digest, ...]) -> str:
    if last not in links:
        return "the last step has no link that counts"
    others = [name for name, link in links.items() if _products(link, digests)]
    if others:
        return f"it is a product of the step {others[-1]!r}, which is not the last"
    products = links[last].products
    return f"none of its {len(products)} products ({_listed(sorted(products))})"


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    first = ", ".join(shown(name) for name in names[:_SHOWN])
    return first + (f" and {more} more" if more > 0 else "")
