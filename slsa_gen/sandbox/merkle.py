"""The Merkle tree of RFC 6962, section 2.1, over a store of complete subtrees.

A node ``(level, position)`` covers the ``2**level`` leaves from ``position * 2**level`` on.
Only complete nodes are stored; they never change again, so that a tree of any size is
appended to, and an old size proved, in O(log n) look-ups.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: Returns the hash of the complete node at a level and position.
    Lookup = Callable[[int, int], bytes]

#: The root of a tree without leaves.
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(index: int, leaf: bytes, lookup: Lookup) -> Iterator[tuple[int, int, bytes]]:
    """Yield the nodes that the leaf at ``index`` completes: itself, then parents upwards."""
    level, position, value = 0, index, leaf
    yield level, position, value
    while position % 2 == 1:
        value = node_hash(lookup(level, position - 1), value)
        level, position = level + 1, position // 2
        yield level, position, value


def root(size: int, lookup: Lookup) -> bytes:
    """Return the root of the tree of the first ``size`` leaves."""
    return EMPTY_ROOT if size == 0 else _range(0, size, lookup)


def inclusion_path(index: int, size: int, lookup: Lookup) -> list[bytes]:
    """Return the audit path of a leaf in the tree of the first ``size`` leaves.

    The sibling next to the leaf comes first (RFC 6962, section 2.1.1).

    Raises:
        IndexError: no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} of a tree of {size}")
    path = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _largest_power_below(end - first)
        if index < middle:
            path.append(_range(middle, end, lookup))
            end = middle
        else:
            path.append(_range(first, middle, lookup))
            first = middle
    path.reverse()
    return path


def _range(first: int, end: int, lookup: Lookup) -> bytes:
    """Return the hash over the leaves ``first`` to ``end``, as the recursion cuts them."""
    count = end - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return lookup(level, first >> level)
    middle = first + _largest_power_below(count)
    return node_hash(_range(first, middle, lookup), _range(middle, end, lookup))


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1
