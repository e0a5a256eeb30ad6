"""The ledger's rows mended: leaves from the bundles of copies, hashes, nodes and head from the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from kedang.holdings.actions.laying_leaves import bundle_binding
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import UNREADABLE
from kedang.holdings.adapters.inserting import insert_values
from kedang.holdings.adapters.signing import known_heads
from kedang.holdings.models import LedgerHead, LedgerLeaf, LedgerNode
from kedang.holdings.queries.ledger_wholeness import octets
from kedang.ledger.tree import leaf_hash
from kedang.ledger.verification import Verdict, verify_ledger
from kedang.preservation.leaf_bundles import decode_leaves, longest_chain, read_bundle_name
from kedang.records.errors import KedangError
from kedang.vault.blob import open_bytes
from kedang.vault.store import BlobStore


class _NotMended(Exception):
    """What was tried does not lead to the signed head; nothing of it stays."""


def heal_ledger(archive: Archive, copies: Sequence[BlobStore]) -> bool:
    """Whether the ledger's rows lead to every signed head again; when they do not, nothing is changed."""
    if _heal_with(archive, None):
        return True
    return any(_heal_with(archive, copy) for copy in copies)


def _heal_with(archive: Archive, copy: BlobStore | None) -> bool:
    try:
        with transaction.atomic():
            row = LedgerHead.objects.select_for_update().get(case_id=archive.case_id)
            if copy is not None:
                _take_leaves(archive, copy, row.generation)
            verdict = _verdict(archive, row.generation)
            _rewrite(archive, row, verdict)
    except (_NotMended, KedangError, *UNREADABLE):
        return False
    return True


def _take_leaves(archive: Archive, copy: BlobStore, generation: int) -> None:
    """Leaves of a copy in place of those that differ here, or are not here."""
    case = archive.case_id
    here: dict[int, bytes] = {}
    for n, leaf in LedgerLeaf.objects.filter(case_id=case).values_list("n", "leaf"):
        here[n] = leaf_hash(octets(leaf))
    for n, leaf in _leaves_of(archive, copy, generation):
        digest = leaf_hash(leaf)
        if n not in here:
            insert_values(LedgerLeaf, [(case, n, leaf, digest)])
        elif here[n] != digest:
            LedgerLeaf.objects.filter(case_id=case, n=n).update(leaf=leaf, leaf_hash=digest)


def _leaves_of(archive: Archive, copy: BlobStore, generation: int) -> Iterator[tuple[int, bytes]]:
    present = [one for name in copy.names("leaves") if (one := read_bundle_name(name))]
    for run in longest_chain(present, generation=generation).runs:
        sealed = copy.read(run.bundle.name)
        content = open_bytes(
            archive.leaves_key(), sealed, binding=bundle_binding(archive.case_id, run.bundle)
        )
        leaves = decode_leaves(content, run.bundle)
        for n in range(run.first, run.end):
            yield n, leaves[n - run.bundle.first]


def _verdict(archive: Archive, generation: int) -> Verdict:
    """The verdict on the leaves, which reach every signed head and lie in their places."""
    rows = LedgerLeaf.objects.filter(case_id=archive.case_id).order_by("n").values_list("n", "leaf")

    def leaves() -> Iterator[bytes]:
        for place, (n, leaf) in enumerate(rows.iterator(chunk_size=2000)):
            if n != place:
                raise _NotMended
            yield octets(leaf)

    heads = known_heads(archive, generation)
    verdict = verify_ledger(leaves(), heads=heads)
    if not verdict.sound or not heads:
        raise _NotMended
    return verdict


def _rewrite(archive: Archive, row: LedgerHead, verdict: Verdict) -> None:
    """Hashes, nodes and head as the leaves give them."""
    case = archive.case_id
    if verdict.last_time is None:
        raise _NotMended
    stored = LedgerLeaf.objects.filter(case_id=case).values_list("id", "leaf", "leaf_hash")
    for one, leaf, digest in list(stored.iterator(chunk_size=2000)):
        if leaf_hash(octets(leaf)) != octets(digest):
            LedgerLeaf.objects.filter(id=one).update(leaf_hash=leaf_hash(octets(leaf)))
    LedgerNode.objects.filter(case_id=case).delete()
    insert_values(LedgerNode, [(case, node.level, node.place, node.hash) for node in verdict.nodes])
    row.size, row.frontier = verdict.frontier.size, verdict.frontier.to_bytes()
    row.last_time = verdict.last_time
    row.save(update_fields=["size", "frontier", "last_time"])
