"""In which tables a customer's rows stand, and how each table lets them go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Link, Record, RowSet
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.row_owners import places_of_customers
from kedang.holdings.queries.row_set_targets import HELD
from kedang.holdings.queries.row_sets import CONFIRMED, RETIRED, split_of
from kedang.holdings.queries.rows import DELIMITED, merged, rows_of_customer

ROWS, RETIRE, PREPARE, WITH_CUSTOMER = "rows", "retire", "prepare", "with-customer"
"""Ways: row by row; after its original is retired; after row sets are made and confirmed too; with the customer alone."""


@dataclass(frozen=True, slots=True)
class TableWithRows:
    """One table with rows of a customer. It names nobody."""

    record_id: str
    code: str
    format_name: str
    way: str
    count: int
    rows: tuple[int, ...] = ()
    """Their numbers, where they go row by row: 1 is the first below the headers."""


def tables_with_rows(archive: Archive, customer: str, records: QuerySet[Record]) -> list[TableWithRows]:
    """The tables among these records in which rows are certainly this customer's, in the order of the records."""
    members = Forwarding.of(archive.case_id).with_members([customer])
    linked = Link.objects.filter(case_id=archive.case_id, customer_id__in=members)
    rows = records.filter(id__in=linked.values("record_id"), format_name__in=DELIMITED | HELD)
    tables = rows.exclude(key_page="").order_by("first_order")
    found = (_table(archive, one, members) for one in tables)
    return [one for one in found if one.count]


def _table(archive: Archive, record: Record, members: Sequence[str]) -> TableWithRows:
    split = split_of(archive, record)
    state = split.state if split is not None else ""
    numbers: tuple[int, ...] = ()
    if state == RETIRED:
        way, count = WITH_CUSTOMER, _in_sets(archive, record, members)
    elif record.format_name in DELIMITED:
        by_member = ((record.id, rows_of_customer(archive, record, one)) for one in members)
        way, numbers = ROWS, merged(by_member)[record.id]
        count = len(numbers)
    else:
        way = RETIRE if state == CONFIRMED else PREPARE
        count = len(places_of_customers(archive, record, members))
    code = record.reference_code or record.id[:12]
    return TableWithRows(record.id, code, record.format_name, way, count, numbers)


def _in_sets(archive: Archive, record: Record, members: Sequence[str]) -> int:
    sets = RowSet.objects.filter(
        case_id=archive.case_id, record=record, customer_id__in=members, replaced=False
    ).exclude(key_page="")
    return int(sets.aggregate(total=Sum("rows"))["total"] or 0)
