"""Recognised customers and the records that are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Customer, Link


def customer_list(archive: Archive) -> Iterator[dict[str, Any]]:
    """Every customer by number, with profile and records."""
    links: dict[str, list[dict[str, str]]] = {}
    rows = Link.objects.filter(case_id=archive.case_id).select_related("record")
    for link in rows.order_by("record__first_order").iterator(chunk_size=2000):
        links.setdefault(link.customer_id, []).append(
            {
                "record_id": link.record_id,
                "reference_code": link.record.reference_code or "",
                "ground": link.ground,
            }
        )
    for row in Customer.objects.filter(case_id=archive.case_id).exclude(key_page="").order_by("number"):
        key = archive.key(row.key_page, row.id)
        profile = archive.open(key, row.id, "customer.sealed", row.sealed)
        yield {
            "number": row.number,
            "kind": row.kind,
            "name": profile["name"],
            "records": links.get(row.id, []),
        }
