"""The ledger of a copy back into empty tables: the longest chain of leaves that leads to the known heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kedang.holdings.actions.laying_leaves import bundle_binding
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.inserting import insert_values
from kedang.holdings.adapters.signing import known_heads
from kedang.holdings.errors import CopyUnusable
from kedang.holdings.models import Checkpoint, LedgerHead, LedgerLeaf, LedgerNode
from kedang.ledger.checkpoints import Checkpoint as SignedHead
from kedang.ledger.tree import leaf_hash
from kedang.ledger.verification import Verdict, verify_ledger
from kedang.preservation.leaf_bundles import (
    LeafChain,
    LeafRange,
    decode_leaves,
    generations,
    longest_chain,
    read_bundle_name,
)
from kedang.records.errors import KedangError
from kedang.vault.blob import open_bytes
from kedang.vault.store import BlobStore

LEAVES_AT_ONCE = 2000


def refill_ledger(store: BlobStore, archive: Archive) -> None:
    """The longest ledger that the copy has, its leaves checked against every known head that they reach."""
    kept = generations(store.names("leaves"))
    generation = kept[-1] if kept else 0
    heads = known_heads(archive, generation)
    verdict, count = _best_ledger(store, archive, generation, heads)
    insert_values(
        LedgerNode, [(archive.case_id, node.level, node.place, node.hash) for node in verdict.nodes]
    )
    Checkpoint.objects.filter(case_id=archive.case_id, size__gt=count).delete()
    longest = max((head.size for head in heads), default=0)
    LedgerHead.objects.create(
        case_id=archive.case_id,
        generation=generation + (1 if longest > count else 0),
        size=count,
        frontier=verdict.frontier.to_bytes(),
        last_time=verdict.last_time or archive.case.created,
    )


def _best_ledger(
    store: BlobStore, archive: Archive, generation: int, heads: Sequence[SignedHead]
) -> tuple[Verdict, int]:
    """Write the leaves of the longest chain whose tree is that of the heads; the verdict on it."""
    present = [one for name in store.names("leaves") if (one := read_bundle_name(name))]
    damaged: set[LeafRange] = set()
    while True:
        chain = longest_chain(present, generation=generation, damaged=damaged)
        reached = [head for head in heads if head.size <= chain.size]
        worst: list[LeafRange] = []
        verdict = verify_ledger(_kept(_leaves(store, archive, chain, worst), archive), heads=reached)
        if verdict.sound and not worst:
            return verdict, verdict.frontier.size
        LedgerLeaf.objects.filter(case_id=archive.case_id).delete()
        bad = set(worst) or {run.bundle for run in chain.runs[-1:]}
        if not bad:
            raise CopyUnusable(pages=0)
        damaged |= bad


def _leaves(store: BlobStore, archive: Archive, chain: LeafChain, worst: list[LeafRange]) -> Iterator[bytes]:
    """Every leaf of a chain; a bundle that does not open ends it and is named."""
    for run in chain.runs:
        try:
            content = open_bytes(
                archive.leaves_key(),
                store.read(run.bundle.name),
                binding=bundle_binding(archive.case_id, run.bundle),
            )
            leaves = decode_leaves(content, run.bundle)
        except KedangError:
            worst.append(run.bundle)
            return
        yield from leaves[run.first - run.bundle.first : run.end - run.bundle.first]


def _kept(leaves: Iterator[bytes], archive: Archive) -> Iterator[bytes]:
    """The same leaves, written as they pass."""
    rows: list[tuple[object, ...]] = []
    for n, leaf in enumerate(leaves):
        rows.append((archive.case_id, n, leaf, leaf_hash(leaf)))
        if len(rows) >= LEAVES_AT_ONCE:
            insert_values(LedgerLeaf, rows)
            rows = []
        yield leaf
    insert_values(LedgerLeaf, rows)
