"""Merged customers: a number that was given stays, and leads to the customer that it was merged into."""

from __future__ import annotations

from collections.abc import Iterable

from kedang.holdings.models import Customer


class Forwarding:
    """Where every merged customer of a case leads to. Links and keys stay with the number that got them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._next = dict(pairs)
        self._members: dict[str, list[str]] = {}
        for one in sorted(self._next):
            self._members.setdefault(self.head(one), []).append(one)

    @classmethod
    def of(cls, case: str, *, ground: str = "") -> Forwarding:
        """As the rows of a case say now; only by whom they were merged, when `ground` is given."""
        rows = Customer.objects.filter(case_id=case, forward__isnull=False)
        rows = rows.filter(forward_ground=ground) if ground else rows
        return cls((one, str(other)) for one, other in rows.values_list("id", "forward_id"))

    def head(self, customer: str) -> str:
        """The customer that this one is now: itself, unless it was merged."""
        seen = {customer}
        while (following := self._next.get(customer)) is not None and following not in seen:
            seen.add(following)
            customer = following
        return customer

    def members(self, head: str) -> tuple[str, ...]:
        """The customer itself and everyone who was merged into it."""
        return (head, *self._members.get(head, ()))

    def with_members(self, customers: Iterable[str]) -> tuple[str, ...]:
        """The customers that these are now, with everyone who was merged into them."""
        return tuple(dict.fromkeys(member for one in customers for member in self.members(self.head(one))))

    def is_forwarded(self, customer: str) -> bool:
        """Whether it was merged into another."""
        return customer in self._next
