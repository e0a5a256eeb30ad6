"""The customers whose file the token may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kedang.access.deciding import Act
from kedang.entrypoints.api.bearing import desk_of
from kedang.entrypoints.api.cursors import page_of
from kedang.entrypoints.api.shapes import CaseCode, Cursor, CustomerPage, Fault, Invalid, Limit
from kedang.holdings.adapters.names import customer_name
from kedang.holdings.queries.permitted import customers_seen

router = Router()


@router.get(
    "",
    response={200: CustomerPage, (400, 401, 403, 404, 503): Fault, 422: Invalid},
    operation_id="customers",
)
def customers(request: HttpRequest, code: CaseCode, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    """The customers as they are now; numbers that were merged into another are left out."""
    desk = desk_of(request)
    desk.require(Act.SEE_CUSTOMERS)
    rows = customers_seen(desk.archive.case_id, desk.person, today=desk.today()).filter(forward=None)
    found, following = page_of(rows.exclude(key_page=""), "id", cursor, limit)
    shown = [
        {"id": row.id, "number": row.number, "kind": row.kind, "name": customer_name(desk.archive, row)}
        for row in found
    ]
    return {"customers": shown, "next": following}
