"""Stretches of the ledger as immutable objects of a copy: their names, their content, which to write, which to read.

    leaves/<generation, 8 digits><first leaf, 12><count, 12>        all hexadecimal

A bundle never changes. Growth is written as bundles of its own; small ones are merged into larger ones,
which cover the same leaves, before the small ones are taken away. So leaves are covered at every moment,
perhaps twice, and a ledger of n leaves has at most n / 65,536 + 17 bundles.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from kedang.preservation.errors import LeafBundleMalformed

FULL_LEAVES = 1 << 16  # a bundle that is never merged again: some 20 MB
MOST_PIECES = 16  # bundles behind the last full one, before they are merged
_NAME = re.compile(r"leaves/([0-9a-f]{8})([0-9a-f]{12})([0-9a-f]{12})")
_LENGTH_BYTES = 2  # of a leaf: docs/formats/copy.md


@dataclass(frozen=True, slots=True, order=True)
class LeafRange:
    """Leaves `first` to `end` - 1 of one generation."""

    generation: int
    first: int
    count: int

    def __post_init__(self) -> None:
        if self.first < 0 or self.count < 1 or not 0 <= self.generation < 1 << 32 or self.end > 1 << 48:
            raise ValueError("no range of leaves")

    @property
    def end(self) -> int:
        """The leaf after the last."""
        return self.first + self.count

    @property
    def name(self) -> str:
        """The bundle's name in a copy."""
        return f"leaves/{self.generation:08x}{self.first:012x}{self.count:012x}"


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """Which bundles to write, and which of those in the copy they make needless, once all are written."""

    to_write: tuple[LeafRange, ...]
    superseded: tuple[LeafRange, ...]


@dataclass(frozen=True, slots=True)
class LeafChain:
    """The leaves that can be read from 0 on without a gap, and where each comes from."""

    generation: int
    runs: tuple[LeafRun, ...]
    beyond: tuple[LeafRange, ...]
    """Bundles behind the first gap."""

    @property
    def size(self) -> int:
        """How many leaves."""
        return self.runs[-1].end if self.runs else 0


@dataclass(frozen=True, slots=True)
class LeafRun:
    """Leaves to take from a bundle: `first` to `end` - 1, counted in the ledger."""

    bundle: LeafRange
    first: int
    end: int


def read_bundle_name(name: str) -> LeafRange | None:
    """The leaves that a name tells; None when it is no bundle's name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    generation, first, count = (int(digits, 16) for digits in found.groups())
    if not count or first + count > 1 << 48:
        return None
    return LeafRange(generation, first, count)


def encode_leaves(leaves: Sequence[bytes]) -> bytes:
    """The content of a bundle: each leaf after its length."""
    lengths = list(map(len, leaves))
    written = {length: length.to_bytes(_LENGTH_BYTES) for length in set(lengths)}
    return b"".join(chain.from_iterable(zip(map(written.__getitem__, lengths), leaves, strict=True)))


def decode_leaves(content: bytes, bundle: LeafRange) -> tuple[bytes, ...]:
    """The leaves of a bundle's content.

    Raises:
        LeafBundleMalformed: not as many leaves as the bundle's name tells.
    """
    leaves: list[bytes] = []
    at = 0
    while at < len(content):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(content[at:start])
        if at > len(content) or start > len(content):
            raise LeafBundleMalformed(first=bundle.first, count=bundle.count, found=len(leaves))
        leaves.append(content[start:at])
    if len(leaves) != bundle.count:
        raise LeafBundleMalformed(first=bundle.first, count=bundle.count, found=len(leaves))
    return tuple(leaves)


def plan_bundles(present: Collection[LeafRange], *, generation: int, size: int) -> BundlePlan:
    """What to write so that a copy that has `present` covers the `size` leaves of the ledger.

    A bundle that reaches beyond `size` is left alone: it is of a ledger that this one must not shorten.
    """
    here = [bundle for bundle in present if bundle.generation == generation]
    chain = longest_chain(here, generation=generation)
    to_write = [LeafRange(generation, first, end - first) for first, end in _windows(chain.size, size)]
    pieces = sorted({*(run.bundle for run in chain.runs), *to_write})
    merged: list[LeafRange] = []
    for first, end in _windows(0, size):
        within = [piece for piece in pieces if first <= piece.first and piece.end <= end]
        if (end - first == FULL_LEAVES and len(within) > 1) or len(within) > MOST_PIECES:
            merged.append(LeafRange(generation, first, end - first))
    fresh = [bundle for bundle in to_write if not any(_covers(one, bundle) for one in merged)]
    written = tuple(sorted({*fresh, *merged} - set(here)))
    after = [*here, *written]
    superseded = tuple(
        sorted(bundle for bundle in here if any(one != bundle and _covers(one, bundle) for one in after))
    )
    return BundlePlan(written, superseded)


def longest_chain(
    present: Iterable[LeafRange], *, generation: int, damaged: Collection[LeafRange] = ()
) -> LeafChain:
    """The longest stretch from leaf 0 on that the bundles cover, read from as few of them as can be.

    Overlaps are passed over by starting late in a bundle. A bundle that turned out to be damaged, or whose
    leaves do not continue the tree, is named in `damaged` and the chain is asked for again.
    """
    usable = sorted({bundle for bundle in present if bundle.generation == generation} - set(damaged))
    runs: list[LeafRun] = []
    reached = at = 0
    while True:
        best: LeafRange | None = None
        while at < len(usable) and usable[at].first <= reached:
            if usable[at].end > max(reached, best.end if best else 0):
                best = usable[at]
            at += 1
        if best is None:
            break
        runs.append(LeafRun(best, reached, best.end))
        reached = best.end
    return LeafChain(generation, tuple(runs), tuple(bundle for bundle in usable if bundle.first > reached))


def generations(names: Iterable[str]) -> tuple[int, ...]:
    """Which generations of the ledger a copy holds leaves of, oldest first."""
    return tuple(sorted({found.generation for name in names if (found := read_bundle_name(name))}))


def _windows(first: int, end: int) -> Sequence[tuple[int, int]]:
    """The stretch cut at the multiples of a full bundle."""
    cuts = [first, *range((first // FULL_LEAVES + 1) * FULL_LEAVES, end, FULL_LEAVES), end]
    return [(one, other) for one, other in pairwise(cuts) if one < other]


def _covers(one: LeafRange, other: LeafRange) -> bool:
    return one.generation == other.generation and one.first <= other.first and other.end <= one.end
