"""QU7: the tree is that of RFC 6962, by the vectors Certificate Transparency publishes; proofs lead to its root."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.journal.merkle import Tree, proof, proven, root

# certificate-transparency/cpp/merkletree/merkle_tree_test.cc: eight leaves, the roots over the first 0 to 8, two paths
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]


@pytest.mark.parametrize("count", range(9))
def test_the_roots_are_the_published_ones(count):
    assert root(LEAVES[:count]).hex() == ROOTS[count]


def test_a_path_is_the_published_one():
    assert [step.hex() for step in proof(LEAVES, 0)] == PATH_OF_FIRST


def plainly(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return hashlib.sha256(b"\x01" + plainly(leaves[:cut]) + plainly(leaves[cut:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_a_growing_tree_is_the_defined_one(leaves):
    tree = Tree()
    for number, leaf in enumerate(leaves):
        tree.add(leaf)
        if number % 7 == 0:
            assert tree.root() == plainly(leaves[: number + 1])
    assert (tree.root(), tree.count) == (plainly(leaves), len(leaves))


@given(st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=40), st.data())
def test_a_path_proves_its_leaf_and_nothing_else(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, wanted = proof(leaves, index), root(leaves)
    assert proven(leaves[index], index, len(leaves), path, wanted)
    assert not proven(leaves[index] + b"x", index, len(leaves), path, wanted)
    assert not proven(leaves[index], index, len(leaves), [*path, wanted], wanted)
    assert not proven(leaves[index], index + len(leaves), len(leaves), path, wanted)
