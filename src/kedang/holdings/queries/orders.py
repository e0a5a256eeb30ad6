"""What a certificate of destruction will say."""

from __future__ import annotations

from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.models import Order, Ordered, Record


def order_data(archive: Archive, order: Order) -> dict[str, Any]:
    """An order, each thing it named with its outcome, and what it does not promise. Names nobody."""
    listed = list(Ordered.objects.filter(case_id=archive.case_id, order=order).order_by("id"))
    codes: dict[str, str | None] = {}
    for rows in with_ids(Record, [one.subject for one in listed if one.kind != "customer"]):
        codes.update(rows.values_list("id", "reference_code"))
    return {
        "order": order.id,
        "state": order.state,
        "decided": order.decided.isoformat(),
        "carried_out": order.carried_out.isoformat() if order.carried_out else None,
        "list_digest": bytes(order.list_digest).hex(),
        "reviewed_at": order.ledger_size,
        "agent": order.agent_id,
        **order.outcome,
        "things": [
            {
                "kind": one.kind,
                "id": one.subject,
                "reference_code": codes.get(one.subject) or "",
                "outcome": one.outcome,
                "ranges": one.ranges,
                "rows": one.rows,
                "containing": one.containing,
            }
            for one in listed
        ],
    }
