"""The Merkle tree of RFC 6962 §2.1 over SHA-256: hashes of leaves and nodes, and its frontier.

A tree of n leaves is a row of complete subtrees, one for each 1 in the binary form of n, largest
first. Their roots, the frontier, are all that appending needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from kedang.ledger.errors import FrontierMalformed

HASH_BYTES = 32  # SHA-256
EMPTY_ROOT = sha256(b"").digest()  # RFC 6962 §2.1: the hash of an empty list
SIZE_BYTES = 8  # of the size in a stored frontier, big-endian
TILE_BITS = 8  # C2SP tlog-tiles: each level covers 256 hashes of the level below


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf, of its canonical bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return sha256(b"\x01" + left + right).digest()


def fold(subtree_roots: Iterable[bytes]) -> bytes:
    """The root over a row of complete subtrees, largest first; EMPTY_ROOT when there is none."""
    root = b""
    for subtree in reversed(tuple(subtree_roots)):
        root = node_hash(subtree, root) if root else subtree
    return root or EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a complete subtree of 256**level leaves, the `place`-th of its level; kept for proofs."""

    level: int
    place: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree as far as appending to it needs: its size and the roots of its complete subtrees."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    """Roots of the complete subtrees, largest first: one for each 1 bit of `size`."""

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise FrontierMalformed(size=self.size, peaks=len(self.peaks))
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise FrontierMalformed(size=self.size)

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        return fold(self.peaks)

    def extended(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The tree with these leaves after its own; two hashes a leaf on average."""
        return self.grown(leaf_hashes)[0]

    def grown(self, leaf_hashes: Iterable[bytes]) -> tuple[Frontier, tuple[Node, ...]]:
        """The tree with these leaves after its own, and the nodes that it completed, one level after the other."""
        level, first = list(leaf_hashes), self.size
        size = first + len(level)
        old, peaks = list(self.peaks), list[bytes]()
        nodes: list[Node] = []
        height = 0
        while level or old:
            if first & 1:
                level.insert(0, old.pop())
            first >>= 1
            if len(level) & 1:
                peaks.append(level.pop())
            pairs = iter(level)
            level = [
                sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)
            ]
            height += 1
            if not height % TILE_BITS:
                nodes += (Node(height // TILE_BITS, place, node) for place, node in enumerate(level, first))
        return Frontier(size=size, peaks=tuple(reversed(peaks))), tuple(nodes)

    def to_bytes(self) -> bytes:
        """The frontier for a column or file: size (8 bytes, big-endian), then the peaks."""
        return self.size.to_bytes(SIZE_BYTES, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Frontier:
        """The frontier that `to_bytes` wrote.

        Raises:
            FrontierMalformed: the length does not fit the size.
        """
        size = int.from_bytes(stored[:SIZE_BYTES], "big")
        hashes = stored[SIZE_BYTES:]
        if len(stored) < SIZE_BYTES or len(hashes) != HASH_BYTES * size.bit_count():
            raise FrontierMalformed(size=size, stored_bytes=len(stored))
        starts = range(0, len(hashes), HASH_BYTES)
        return cls(size=size, peaks=tuple(hashes[at : at + HASH_BYTES] for at in starts))
