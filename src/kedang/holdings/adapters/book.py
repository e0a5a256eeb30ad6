"""The ledger's rows: appending in the caller's transaction, checkpoints afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kedang.holdings.adapters.inserting import insert_values
from kedang.holdings.models import LedgerHead, LedgerLeaf, LedgerNode
from kedang.ledger.appending import Head, append
from kedang.ledger.leaves import Event
from kedang.ledger.tree import Frontier
from kedang.records.ids import CaseId

RECORDS_OF_A_LEAF = 1000
"""Most objects of one leaf: it has at most 65,535 bytes, an object in it 42."""


def open_book(case_id: CaseId, *, now: datetime) -> None:
    """Begin the ledger of a new case, in the caller's transaction."""
    LedgerHead.objects.create(
        case_id=case_id, generation=0, size=0, frontier=Frontier().to_bytes(), last_time=now
    )


def write(case_id: CaseId, events: Iterable[Event], *, now: datetime) -> int:
    """Append the events in the caller's transaction; the ledger's size afterwards.

    The head row is locked here, so this comes last in a transaction.
    """
    row = LedgerHead.objects.select_for_update().get(case_id=case_id)
    appended = append(head_of(row), events, now=now)
    if not appended.leaves:
        return row.size
    insert_values(LedgerLeaf, [(case_id, *leaf) for leaf in appended.leaves])
    insert_values(LedgerNode, [(case_id, node.level, node.place, node.hash) for node in appended.nodes])
    row.size = appended.head.size
    row.frontier = appended.head.frontier.to_bytes()
    row.last_time = appended.head.last_time or now
    row.save(update_fields=["size", "frontier", "last_time"])
    return row.size


def head_of(row: LedgerHead) -> Head:
    """The head as the ledger's room knows it."""
    frontier = Frontier.from_bytes(bytes(row.frontier))
    return Head(frontier=frontier, last_time=row.last_time if frontier.size else None)
