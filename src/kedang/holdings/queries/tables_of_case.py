"""Tables of a case with the state of their row sets, for a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.actions.row_sets import FORMATS
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record, SplitTable
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.row_sets import REPLACED

MOST = 500  # tables of one list


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table; it names nobody."""

    record_id: str
    code: str
    format_name: str
    state: str
    """none, made, confirmed or retired."""
    tables: int
    rows: int
    owned: int
    """Rows that are somebody's."""
    made: datetime | None
    checked: datetime | None
    confirmed: datetime | None


def tables_of_case(
    archive: Archive, *, limit: int, offset: int = 0, scope: CustomerScope = EVERYTHING
) -> tuple[int, list[TableLine]]:
    """How many records have rows that can be told apart, and those from `offset` on; `scope` says which may be seen."""
    rows = Record.objects.filter(case_id=archive.case_id, format_name__in=FORMATS).exclude(key_page="")
    if scope.records is not None:
        rows = rows.filter(id__in=scope.records.values("id"))
    ordered = rows.order_by("first_order").only("id", "reference_code", "format_name")
    some = list(ordered[offset : offset + limit])
    splits = SplitTable.objects.filter(case_id=archive.case_id, record__in=some).exclude(state=REPLACED)
    known = {one.record_id: one for one in splits}
    return rows.count(), [_line(row, known.get(row.id)) for row in some]


def _line(row: Record, split: SplitTable | None) -> TableLine:
    code = row.reference_code or row.id[:12]
    if split is None:
        return TableLine(row.id, code, row.format_name, "none", 0, 0, 0, None, None, None)
    return TableLine(
        row.id,
        code,
        row.format_name,
        split.state,
        split.tables,
        split.rows,
        split.owned,
        split.made,
        split.checked,
        split.confirmed,
    )
