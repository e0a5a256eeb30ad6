"""What somebody may see of customers: whose files, and which of their records. Totals and lists begin here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from kedang.access.deciding import Act, Person, scopes_of
from kedang.holdings.models import Customer, Record
from kedang.holdings.queries.permitted import customers_seen, permitted
from kedang.records.ids import CaseId


@dataclass(frozen=True, slots=True)
class CustomerScope:
    """Whose files may be seen, and which records in them; None for all."""

    customers: QuerySet[Customer] | None = None
    records: QuerySet[Record] | None = None

    @classmethod
    def of(cls, case: CaseId, person: Person, *, today: date, act: Act = Act.LIST) -> CustomerScope:
        """What the person's grants cover, of records those with which he may do `act`."""
        seen = scopes_of(person, Act.SEE_CUSTOMERS, today=today)
        within = scopes_of(person, act, today=today)
        return cls(
            None if any(one.whole for one in seen) else customers_seen(case, person, today=today),
            None if any(one.whole for one in within) else permitted(case, person, act, today=today),
        )

    def holds(self, customer: str) -> bool:
        """Whether the file of the customer, given by id, may be seen."""
        return self.customers is None or self.customers.filter(id=customer).exists()

    def narrowed(self, rows: QuerySet[Any], *paths: str) -> QuerySet[Any]:
        """The rows whose records, by these columns, may all be seen."""
        if self.records is None:
            return rows
        for path in paths or ("record",):
            rows = rows.filter(**{f"{path}__in": self.records.values("id")})
        return rows


EVERYTHING = CustomerScope()
