"""New customers: the next number, a key of their own, and the name that founds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kedang.holdings.actions.customer_changes import last_number
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.name_lists import drop_names
from kedang.holdings.models import Customer


@dataclass(frozen=True, slots=True)
class Founded:
    """Who a new customer is."""

    kind: str
    name: str = field(repr=False)


def found_customers(archive: Archive, founded: Sequence[Founded]) -> list[str]:
    """The new customers in order, in the caller's transaction, whose events they are."""
    if not founded:
        return []
    keys = {archive.new_id(): archive.new_key() for _ in founded}
    pages = archive.write_pages(keys)
    archive.keep_pages(pages)
    first = last_number(archive.case_id) + 1
    rows = [
        guarded(
            archive,
            Customer(
                id=one,
                case_id=archive.case_id,
                number=first + place,
                kind=who.kind,
                key_page=pages[one].id,
                sealed=archive.seal(keys[one], one, "customer.sealed", {"name": who.name}),
                keys_mac=b"",
            ),
        )
        for place, (one, who) in enumerate(zip(keys, founded, strict=True))
    ]
    insert_rows(Customer, rows)
    drop_names(archive, keys)
    return list(keys)
