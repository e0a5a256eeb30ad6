"""Proofs that a leaf is in a ledger and that a ledger continues an earlier one (RFC 9162 §2.1).

A *subtree* [start, end) is the range of leaves under one node, or under the node that a shorter tree
has there: start is a multiple of the smallest power of two not below end - start.
"""

from __future__ import annotations

from collections.abc import Sequence

from kedang.ledger.errors import ConsistencyNotProven, InclusionNotProven, OutOfRange
from kedang.ledger.storage import LedgerStorage, check_range, peaks
from kedang.ledger.tree import EMPTY_ROOT, HASH_BYTES, fold, node_hash

Proof = tuple[bytes, ...]


def prove_inclusion(storage: LedgerStorage, n: int, size: int) -> Proof:
    """The hashes that lead from leaf n to the root of the first `size` leaves.

    Raises:
        OutOfRange: no such leaf, or the ledger never was that long.
    """
    check_range(storage.size, 0, 0, size)
    if not 0 <= n < size:
        raise OutOfRange(start=n, end=n + 1, size=size)
    return prove_subtree(storage, n, n + 1, size)


def prove_consistency(storage: LedgerStorage, old_size: int, new_size: int) -> Proof:
    """The hashes that show the first `new_size` leaves to begin with the first `old_size`.

    Raises:
        OutOfRange: nothing is proven of an empty ledger, nor of one longer than this.
    """
    check_range(storage.size, 0, 0, new_size)
    if not 0 < old_size <= new_size:
        raise OutOfRange(start=old_size, end=new_size, size=storage.size)
    return prove_subtree(storage, 0, old_size, new_size)


def prove_subtree(storage: LedgerStorage, start: int, end: int, size: int) -> Proof:
    """The hashes that show the subtree [start, end) to stand in the first `size` leaves.

    Raises:
        OutOfRange: not a subtree of a ledger of this size.
    """
    check_range(storage.size, 0, 0, size)
    if start == end or not _is_subtree(start, end) or end > size:
        raise OutOfRange(start=start, end=end, size=size)
    proof: list[bytes] = []
    low, high, known = 0, size, True
    # From the root down to the subtree; each step leaves the other half's root behind.
    while (low, high) != (start, end):
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if end <= middle:
            proof.append(fold(peaks(storage, middle, high)))
            high = middle
        else:
            proof.append(fold(peaks(storage, low, middle)))
            if start < middle:
                start, known = middle, False
            low = middle
    if not known:
        proof.append(fold(peaks(storage, low, high)))
    return tuple(reversed(proof))


def verify_inclusion(leaf_hash: bytes, *, n: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Nothing when the leaf is the n-th of the ledger of this size and root.

    Raises:
        InclusionNotProven: any doubt.
    """
    if not 0 <= n < size or not _are_hashes((leaf_hash, *proof)):
        raise InclusionNotProven(n=n, size=size)
    reached, position, last = leaf_hash, n, size - 1
    for hash_ in proof:
        if last == 0:
            raise InclusionNotProven(n=n, size=size, proof=len(proof))
        if position & 1 or position == last:
            reached = node_hash(hash_, reached)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, hash_)
        position, last = position >> 1, last >> 1
    if last or reached != root:
        raise InclusionNotProven(n=n, size=size, proof=len(proof))


def verify_inclusion_in_subtree(
    leaf_hash: bytes, *, n: int, start: int, end: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Nothing when leaf n is in the subtree [start, end) with this root.

    Raises:
        InclusionNotProven: any doubt.
    """
    if not _is_subtree(start, end) or not start <= n < end:
        raise InclusionNotProven(n=n, start=start, end=end)
    verify_inclusion(leaf_hash, n=n - start, size=end - start, proof=proof, root=root)


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Nothing when the ledger of new size and root begins with that of old size and root.

    Every ledger continues the empty one, so there is nothing to prove of it: an old size of 0 fails.

    Raises:
        ConsistencyNotProven: any doubt.
    """
    if old_size < 1:
        raise ConsistencyNotProven(old_size=old_size, new_size=new_size)
    verify_subtree(start=0, end=old_size, subtree_root=old_root, size=new_size, root=new_root, proof=proof)


def verify_subtree(
    *, start: int, end: int, subtree_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Nothing when the subtree [start, end) with its root stands in the ledger of this size and root.

    An empty subtree stands in every ledger.

    Raises:
        ConsistencyNotProven: any doubt.
    """
    doubt = ConsistencyNotProven(start=start, end=end, size=size, proof=len(proof))
    if not _is_subtree(start, end) or end > size or not _are_hashes(proof):
        raise doubt
    if start == end:
        if subtree_root != EMPTY_ROOT or proof:
            raise doubt
        return
    first, last, top = start, end - 1, size - 1
    # Go up while the subtree is all there is below: to its own root, or to its last complete part.
    while first != last and (last == top or last & 1):
        first, last, top = first >> 1, last >> 1, top >> 1
    if not _climbs(first, last, top, subtree_root, root, proof):
        raise doubt


def _climbs(
    first: int, last: int, top: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof leads from [first, last] of a level whose last node is `top` to both roots."""
    rest = list(proof)
    if first == last:
        inner = outer = subtree_root
    elif rest:
        inner = outer = rest.pop(0)
    else:
        return False
    for hash_ in rest:
        if top == 0:
            return False
        if last & 1 or last == top:
            if first < last:
                inner = node_hash(hash_, inner)
            outer = node_hash(hash_, outer)
            while not last & 1 and last:
                first, last, top = first >> 1, last >> 1, top >> 1
        else:
            outer = node_hash(outer, hash_)
        first, last, top = first >> 1, last >> 1, top >> 1
    return top == 0 and inner == subtree_root and outer == root


def _are_hashes(hashes: Sequence[bytes]) -> bool:
    # Hashes of other lengths could share their bytes out differently between two neighbours.
    return all(len(hash_) == HASH_BYTES for hash_ in hashes)


def _is_subtree(start: int, end: int) -> bool:
    if not 0 <= start <= end:
        return False
    span = end - start
    return span == 0 or start % (1 << (span - 1).bit_length()) == 0
