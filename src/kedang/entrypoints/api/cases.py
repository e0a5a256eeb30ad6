"""The case as a whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kedang.access.deciding import Act
from kedang.entrypoints.api.bearing import desk_of
from kedang.entrypoints.api.shapes import CaseCode, CaseShape, Fault, Invalid
from kedang.holdings.queries.balance import balance_of
from kedang.holdings.queries.status import head_told

router = Router()


@router.get("", response={200: CaseShape, (401, 403, 404, 503): Fault, 422: Invalid}, operation_id="case")
def case(request: HttpRequest, code: CaseCode) -> dict[str, Any]:
    """The balance of the case, and the head of its ledger."""
    desk = desk_of(request)
    desk.require(Act.SEE_CASE)
    balance = balance_of(desk.archive.case_id)
    size, head = head_told(desk.archive.case_id)
    return {
        "fonds_code": desk.code,
        "received": balance.received,
        "kept": balance.kept,
        "refused": balance.refused,
        "open": balance.open,
        "records": balance.records,
        "questions": balance.questions,
        "balance_holds": balance.holds,
        "ledger_size": size,
        "ledger_head": head,
    }
