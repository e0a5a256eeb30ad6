from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.ledger.errors import FrontierMalformed
from kedang.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash

# RFC 6962 reference trees (certificate-transparency, merkletree tests): inputs and roots at 1 … 8 leaves.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def plain_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word by word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(plain_root(hashes[:split]), plain_root(hashes[split:]))


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    assert Frontier().root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_trees(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(data)) for data in INPUTS[:size]]
    assert Frontier().extended(leaves).root.hex() == ROOTS[size - 1]


def test_the_frontier_gives_the_root_of_every_tree_up_to_300_leaves() -> None:
    leaves = [leaf_hash(bytes([n % 256, n // 256])) for n in range(300)]
    frontier = Frontier()
    for size in range(300):
        assert frontier.root == plain_root(leaves[:size])
        frontier = frontier.extended([leaves[size]])


@given(st.lists(st.integers(0, 40), max_size=6))
def test_appending_in_portions_is_appending_at_once(portions: list[int]) -> None:
    leaves = [leaf_hash(n.to_bytes(2, "big")) for n in range(sum(portions))]
    frontier, at = Frontier(), 0
    for portion in portions:
        frontier = frontier.extended(leaves[at : at + portion])
        at += portion
    assert frontier == Frontier().extended(leaves)


@given(st.integers(0, 600))
def test_a_stored_frontier_is_read_back(size: int) -> None:
    frontier = Frontier().extended(leaf_hash(n.to_bytes(2, "big")) for n in range(size))
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


@pytest.mark.parametrize("stored", [b"", b"\x00" * 7, b"\x00" * 9, b"\x00" * 7 + b"\x03" + b"h" * 32])
def test_a_frontier_that_does_not_fit_its_size_is_refused(stored: bytes) -> None:
    with pytest.raises(FrontierMalformed, match="KD-L204"):
        Frontier.from_bytes(stored)


def test_a_frontier_of_short_hashes_is_refused() -> None:
    with pytest.raises(FrontierMalformed):
        Frontier(size=1, peaks=(b"short",))
