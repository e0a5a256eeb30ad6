"""What a form names for destruction: records, customers, rows and originals of tables, and how far the order may go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest

from kedang.access.deciding import Act
from kedang.access.errors import NotPermitted
from kedang.entrypoints.kinds_of_keeping import targets_of
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.queries.destruction import PlannedDestruction, plan_destruction
from kedang.holdings.queries.locating import find_customer, find_record
from kedang.holdings.queries.rows import merged, numbers_said, parse_rows

NUMBERS = re.compile(r"[\s,;，；、]+")
"""What stands between reference codes, ids and numbers that are typed."""
_LINES = re.compile(r"[\r\n;；]+")


def wanted_of(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """What the form names, by ids, as its job is told.

    Raises:
        RecordUnknown, CustomerUnknown, RowsMalformed: a part of it names nothing.
    """
    given = request.POST
    named = [parse_rows(one) for one in _rows_said(request)]
    rows = merged((find_record(desk.archive, one.reference).id, one.rows) for one in named)
    numbers = NUMBERS.split(given.get("customers", "").strip())
    return {
        "records": _records(desk, given.get("records", "")),
        "customers": [find_customer(desk.archive, int(one)) for one in numbers if one.isdecimal()],
        "rows": {record: list(some) for record, some in rows.items()},
        "retired": [one for said in given.getlist("retire") for one in _records(desk, said)],
        "dissolve": given.get("dissolve") == "1",
        "with_versions": given.get("with_versions") == "1",
    }


def _records(desk: Desk, said: str) -> list[str]:
    return [find_record(desk.archive, one).id for one in NUMBERS.split(said.strip()) if one]


def _rows_said(request: HttpRequest) -> Iterator[str]:
    """Lines `REF:3,7-9`, and the tables that are ticked with the numbers beside them."""
    for said in request.POST.getlist("rows"):
        yield from (line for line in _LINES.split(said) if line.strip())
    for record in request.POST.getlist("table"):
        yield f"{record}:{request.POST.get(f'rows-{record}', '')}"


def rows_said(wanted: Mapping[str, Any]) -> list[str]:
    """The rows as a form says them once more."""
    return [f"{record}:{numbers_said(rows)}" for record, rows in wanted["rows"].items()]


def planned_of(desk: Desk, wanted: Mapping[str, Any]) -> PlannedDestruction:
    """The list, when all of it is of records that the person may know of.

    Raises:
        NotPermitted: a record lies outside of what was granted.
    """
    planned = plan_destruction(desk.archive, targets_of(wanted))
    named = {one.record_id for one in (*planned.records, *planned.rows, *planned.retired)}
    if desk.records(Act.LIST).filter(id__in=named).count() != len(named):
        raise NotPermitted(act=Act.PROPOSE_DESTRUCTION.value, because="out-of-scope")
    return planned
