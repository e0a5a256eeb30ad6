"""What an order of destruction means for row sets: which go, which originals are retired, which rows must wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from django.db.models import Model, Q, QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.models import Record, RowSet, SplitTable
from kedang.holdings.queries.row_owners import places_of_customers
from kedang.holdings.queries.row_sets import CONFIRMED, RETIRED, is_retired, require_split
from kedang.holdings.queries.rows import DELIMITED
from kedang.holdings.row_set_errors import NotConfirmed, OriginalRetired

HELD = frozenset({"xlsx", "xlsm", "xltx", "xlsb", "xls", "et", "biff", "ods", "sqlite"})
"""Formats in which rows cannot go while the original lives."""


@dataclass(frozen=True, slots=True)
class RowSetTarget:
    """One row set whose key ends."""

    row_set: str
    record_id: str
    reference_code: str
    customer: str
    rows: int
    retired: bool
    """Whether the rows are nowhere else: otherwise they still stand in the original."""

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


def row_sets_of(archive: Archive, customers: Sequence[str]) -> tuple[RowSetTarget, ...]:
    """Every row set of these customers."""
    rows = RowSet.objects.filter(
        case_id=archive.case_id, customer_id__in=list(customers), replaced=False
    ).exclude(key_page="")
    return tuple(
        RowSetTarget(
            one.id,
            one.record_id,
            one.record.reference_code or "",
            str(one.customer_id),
            one.rows,
            one.split.state == RETIRED,
        )
        for one in rows.select_related("record", "split").order_by("id")
    )


def tables_to_retire(archive: Archive, records: Sequence[str]) -> dict[str, Record]:
    """The tables whose originals are to go.

    Raises:
        NoRowSets, NotConfirmed: their row sets are not there, or nobody has confirmed them as they are.
        OriginalRetired: one of them is retired already.
    """
    found = {}
    for record in chain.from_iterable(with_ids(Record, records)):
        split = require_split(archive, record)
        if split.state == RETIRED:
            raise OriginalRetired(record=record.id)
        if split.state != CONFIRMED:
            raise NotConfirmed(record=record.id)
        found[record.id] = record
    return found


def cells_of_customers(
    archive: Archive, records: Sequence[str], customers: Sequence[str]
) -> dict[str, tuple[Record, tuple[tuple[int, int], ...]]]:
    """Rows of these customers that keep standing in workbooks and databases which others are in too."""
    found = {}
    for record in chain.from_iterable(with_ids(Record, records if customers else ())):
        if record.state == DESTROYED or record.format_name not in HELD or is_retired(archive, record):
            continue
        if places := places_of_customers(archive, record, customers):
            found[record.id] = record, places
    return found


def require_original(archive: Archive, record: Record) -> None:
    """Nothing when the record's rows are not in row sets alone.

    Raises:
        OriginalRetired: they are.
    """
    if record.format_name in HELD | DELIMITED and is_retired(archive, record):
        raise OriginalRetired(record=record.id)


def doomed_sets(archive: Archive, records: Sequence[str], sets: Sequence[str]) -> list[tuple[str, str]]:
    """Holders and pages of all keys of row sets that end: of whole records, of customers, and of replaced ones."""
    case = archive.case_id
    found: dict[str, str] = {}
    replaced: dict[type[Model], Q] = {RowSet: Q(replaced=True), SplitTable: Q(state="replaced")}
    for model, is_replaced in replaced.items():
        rows: QuerySet[Any] = model._default_manager.filter(case_id=case).exclude(key_page="")
        found.update(rows.filter(is_replaced).values_list("id", "key_page"))
        for start in range(0, len(records), 500):
            found.update(
                rows.filter(record_id__in=records[start : start + 500]).values_list("id", "key_page")
            )
    for some in with_ids(RowSet, sets):
        found.update(some.values_list("id", "key_page"))
    return sorted(found.items())
