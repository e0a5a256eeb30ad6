"""Orders of destruction: how each stands, and what a certificate of it will say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.models import Order, Ordered, Record


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """One order, told in short."""

    id: str
    state: str
    """ordered or carried-out."""
    step: str
    """The last step of the change of keys that took effect; empty before the first."""
    decided: datetime
    carried_out: datetime | None
    agent: str
    things: int
    list_digest: str
    outcome: dict[str, Any]

    @property
    def outstanding(self) -> int:
        """Places of the key sheet and copies that were not reached."""
        places = self.outcome.get("places_outstanding", 0)
        return int(places) + len(self.outcome.get("copies_outstanding", ()))

    @property
    def parts_only(self) -> bool:
        """Whether no whole record was destroyed, but rows of tables, originals of tables or row sets were."""
        return not self.outcome.get("destroyed") and any(
            self.outcome.get(one) for one in ("rows", "retired", "row_sets")
        )


def orders_of(archive: Archive) -> list[OrderStanding]:
    """Every order of the case, the latest first."""
    rows = Order.objects.filter(case_id=archive.case_id).select_related("change").order_by("-decided", "-id")
    return [standing_of_order(row) for row in rows]


def order_with_digest(archive: Archive, digest: str) -> Order | None:
    """The order over exactly this list, if it was given."""
    rows = Order.objects.filter(case_id=archive.case_id, list_digest=bytes.fromhex(digest))
    return rows.order_by("-decided").first()


def order_with_id(archive: Archive, order_id: str) -> Order | None:
    """One order of the case."""
    return Order.objects.filter(case_id=archive.case_id, id=order_id).select_related("change").first()


def order_that_destroyed(archive: Archive, record_id: str) -> Order | None:
    """The order by which a record was destroyed; None while it lives."""
    named = Ordered.objects.filter(case_id=archive.case_id, subject=record_id, kind__in=("record", "table"))
    found = named.exclude(outcome="restricted").select_related("order__change").order_by("-id").first()
    return found.order if found is not None else None


def standing_of_order(row: Order) -> OrderStanding:
    """How one order stands."""
    return OrderStanding(
        id=row.id,
        state=row.state,
        step=row.change.step,
        decided=row.decided,
        carried_out=row.carried_out,
        agent=row.agent_id,
        things=Ordered.objects.filter(order=row).count(),
        list_digest=bytes(row.list_digest).hex(),
        outcome=row.outcome,
    )


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
