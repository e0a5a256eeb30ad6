"""Who holds which keys, read some at a time; customers that were merged count as the one they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import CustomerKey
from kedang.holdings.queries.forwarding import Forwarding
from kedang.records.ids import CustomerId
from kedang.resolution.links import Candidate, KeyKind, LinkKey

LOOKUP = 400  # values in one query


@dataclass(slots=True)
class Holders:
    """Customers that hold some keys, with all that they hold."""

    archive: Archive
    merged: Forwarding
    held: dict[LinkKey, set[str]] = field(default_factory=dict)
    """Who holds a key: of those that were looked up, and of those that were given since."""
    all_keys: dict[str, set[LinkKey]] = field(default_factory=dict)

    def look_up(self, keys: Iterable[LinkKey]) -> None:
        """Read who holds any of the keys, and all keys of these."""
        new: set[str] = set()
        for key, customer in _holders(self.archive, set(keys)):
            self.held.setdefault(key, set()).add(customer)
            new.update(self.merged.with_members((customer,)))
        new -= self.all_keys.keys()
        self.all_keys.update((one, set()) for one in new)
        for customers in _some(sorted(new)):
            rows = CustomerKey.objects.filter(case_id=self.archive.case_id, customer_id__in=customers)
            for customer, kind, mark in rows.values_list("customer_id", "kind", "fingerprint"):
                self.all_keys[customer].add(stored_key(kind, mark))

    def candidates(self, keys: Iterable[LinkKey]) -> list[Candidate]:
        """Customers that hold one of the keys."""
        found = {self.merged.head(customer) for key in keys for customer in self.held.get(key, ())}
        return [Candidate(CustomerId(one), frozenset(self.keys_of(one))) for one in sorted(found)]

    def keys_of(self, head: str) -> set[LinkKey]:
        """All keys of a customer and of those who were merged into it."""
        return set().union(*(self.all_keys[member] for member in self.merged.members(head)))

    def give(self, customer: str, key: LinkKey) -> None:
        """The customer holds this key too."""
        self.all_keys[customer].add(key)
        self.held.setdefault(key, set()).add(customer)


def stored_key(kind: str, mark: bytes | memoryview) -> LinkKey:
    """A key as a row of the database has it."""
    return LinkKey(KeyKind(kind), bytes(mark).hex())


def _holders(archive: Archive, keys: Iterable[LinkKey]) -> Iterator[tuple[LinkKey, str]]:
    """Every key that a customer has, with the customer."""
    by_kind: dict[KeyKind, list[bytes]] = {}
    for key in keys:
        by_kind.setdefault(key.kind, []).append(bytes.fromhex(key.value))
    for kind, marks in by_kind.items():
        marks.sort()
        for start in range(0, len(marks), LOOKUP):
            some = marks[start : start + LOOKUP]
            rows = CustomerKey.objects.filter(case_id=archive.case_id, kind=kind.value, fingerprint__in=some)
            for mark, customer in rows.values_list("fingerprint", "customer_id"):
                yield stored_key(kind.value, mark), customer


def _some(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), LOOKUP):
        yield values[start : start + LOOKUP]
