"""The Merkle tree, against the definitions of RFC 6962 written down as they stand there."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsa_gen.sandbox import merkle

SIZES = st.integers(min_value=1, max_value=130)


def naive_root(leaves: list[bytes]) -> bytes:
    """Return MTH(D[n]) of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return merkle.node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def verify_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], *, root: bytes) -> bool:
    """Check an audit path as RFC 9162, section 2.1.3.2 says."""
    if index >= size:
        return False
    fn, sn, value = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = merkle.node_hash(step, value)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = merkle.node_hash(value, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


def grown(size: int) -> tuple[list[bytes], dict[tuple[int, int], bytes]]:
    """Return the leaves and the stored nodes of a tree that was grown leaf by leaf."""
    leaves = [merkle.leaf_hash(str(i).encode()) for i in range(size)]
    nodes: dict[tuple[int, int], bytes] = {}
    for index, leaf in enumerate(leaves):
        for level, position, value in merkle.completed(index, leaf, lambda *k: nodes[k]):
            assert (level, position) not in nodes
            nodes[level, position] = value
    return leaves, nodes


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """MTH({}) = SHA-256()."""
    assert merkle.root(0, lambda *_: b"") == merkle.EMPTY_ROOT == naive_root([])


def test_known_vectors() -> None:
    """The root over the well-known eight test leaves of certificate transparency."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in inputs]
    nodes: dict[tuple[int, int], bytes] = {}
    for index, leaf in enumerate(leaves):
        for level, position, value in merkle.completed(index, leaf, lambda *k: nodes[k]):
            nodes[level, position] = value
    expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert merkle.root(8, lambda *k: nodes[k]).hex() == expected


@given(SIZES, st.data())
def test_every_size_has_the_root_of_the_definition(size: int, data: st.DataObject) -> None:
    """Also a size that the tree has outgrown."""
    leaves, nodes = grown(size)
    old = data.draw(st.integers(min_value=0, max_value=size))
    assert merkle.root(old, lambda *k: nodes[k]) == naive_root(leaves[:old])


@given(SIZES, st.data())
def test_every_leaf_is_proved_in_every_size(size: int, data: st.DataObject) -> None:
    """The path leads from the leaf to the root, and from no other leaf."""
    leaves, nodes = grown(size)
    old = data.draw(st.integers(min_value=1, max_value=size))
    index = data.draw(st.integers(min_value=0, max_value=old - 1))
    path = merkle.inclusion_path(index, old, lambda *k: nodes[k])
    root = naive_root(leaves[:old])
    assert verify_inclusion(leaves[index], index, old, path, root=root)
    other = merkle.leaf_hash(b"other")
    assert not verify_inclusion(other, index, old, path, root=root)
    assert len(path) <= (old - 1).bit_length()


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 2)])
def test_a_leaf_outside_the_tree_has_no_path(index: int, size: int) -> None:
    """An index beyond the size is refused."""
    with pytest.raises(IndexError, match=f"leaf {index} of a tree of {size}"):
        merkle.inclusion_path(index, size, lambda *_: b"")
