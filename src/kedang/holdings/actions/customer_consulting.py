"""Looking at customers: what is shown is noted before it is shown, as with records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.exporting import note_exported
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.queries.customer_file import customer_file
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.customers import CustomerFilter, CustomerLine, list_customers
from kedang.holdings.queries.dealings import customer_dealings
from kedang.holdings.queries.judging_queue import PairShown, queue, shown
from kedang.holdings.queries.reconciling import Reconciliation, reconciliation
from kedang.resolution.dealings import Control

Clock = Callable[[], datetime]


def look_at_customers(
    archive: Archive,
    wanted: CustomerFilter,
    *,
    limit: int,
    offset: int,
    clock: Clock,
    scope: CustomerScope = EVERYTHING,
) -> tuple[int, list[CustomerLine]]:
    """The customers that fit; the ledger says how many were listed."""
    total, lines = list_customers(archive, wanted, limit=limit, offset=offset, scope=scope)
    note_exported(archive, "customers", "text", len(lines), now=clock())
    return total, lines


def look_at_customer(
    archive: Archive,
    customer: str,
    *,
    clock: Clock,
    exported_as: str = "",
    scope: CustomerScope = EVERYTHING,
) -> dict[str, Any]:
    """A customer's file with dealings, signs, retention and timeline, whose records the ledger says were shown.

    `exported_as` is the form of a file that it goes into ("html", "pdf", "json"); that is an event of its own.
    """
    found = customer_file(archive, customer, scope=scope)
    found |= customer_dealings(archive, customer, today=clock().date(), scope=scope)
    records = list(dict.fromkeys(link["record_id"] for link in found["links"]))
    note_shown(archive, "customer", records, now=clock())
    if exported_as:
        note_exported(archive, "customer-file", exported_as, len(records), now=clock())
    return found


def reconcile_papers(
    archive: Archive,
    controls: Sequence[Control],
    *,
    customer: str | None,
    form: str,
    clock: Clock,
    scope: CustomerScope = EVERYTHING,
) -> Reconciliation:
    """The papers of the case or of one customer reconciled; the ledger says that names and sums went out."""
    found = reconciliation(archive, controls, customer=customer, scope=scope)
    papers = sum(one.count for one in found.totals)
    note_exported(archive, "reconciliation", form, papers, now=clock())
    return found


def look_at_queue(
    archive: Archive,
    *,
    limit: int,
    skipped: Sequence[str] = (),
    clock: Clock,
    scope: CustomerScope = EVERYTHING,
) -> list[PairShown]:
    """The first pairs of the queue with both sides, whose records the ledger says were shown."""
    pairs = [shown(archive, row) for row in queue(archive, limit=limit, skipped=skipped, scope=scope)]
    records = dict.fromkeys(one.record_id for pair in pairs for one in (pair.first, pair.second))
    note_shown(archive, "judging", list(records), now=clock())
    return pairs
