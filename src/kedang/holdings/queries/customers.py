"""Customers as they are now, merged ones under the number that theirs leads to, and the records that are theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.adapters.name_lists import Listed, listed
from kedang.holdings.models import Customer, Link, Record
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.judging_queue import open_proposals
from kedang.records.content import RecordClass


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers are wanted; empty for all."""

    kind: str = ""
    name: str = ""
    """A part of a name, of the customer or of one who was merged into him."""
    number: int | None = None
    """Also one that leads to another now."""
    record_class: str = ""
    to_judge: bool = False
    """Only those about whom a pair waits for a person."""
    order: str = "number"
    """One of ORDERS."""


ORDERS = ("number", "name", "records", "to-judge")
_CLASSES = [one.value for one in RecordClass]


@dataclass(slots=True)
class CustomerLine:
    """One customer in a list."""

    number: int
    kind: str
    name: str
    other_names: list[str]
    merged: list[int]
    """Numbers that lead here."""
    classes: dict[str, int]
    to_judge: int

    @property
    def records(self) -> int:
        """How many records are linked to him."""
        return sum(self.classes.values())

    @property
    def merged_numbers(self) -> str:
        """The numbers that lead here, for people."""
        return "、".join(map(str, self.merged))

    def to_json(self) -> dict[str, Any]:
        """The line for a program."""
        return {
            "number": self.number,
            "kind": self.kind,
            "name": self.name,
            "other_names": self.other_names,
            "merged": self.merged,
            "classes": self.classes,
            "links": self.records,
            "to_judge": self.to_judge,
        }


def list_customers(
    archive: Archive,
    wanted: CustomerFilter,
    *,
    limit: int,
    offset: int = 0,
    scope: CustomerScope = EVERYTHING,
) -> tuple[int, list[CustomerLine]]:
    """How many customers fit, and those from `offset` on, at most `limit`; nothing beyond `scope` shows or counts."""
    merged = Forwarding.of(archive.case_id)
    waiting = _waiting(archive, merged, scope)
    lines = _within(listed(archive), scope)
    others: dict[str, list[Listed]] = {}
    for one in [one for one in lines if one.forward]:
        others.setdefault(merged.head(one.id), []).append(one)
    visible = _Visible(archive, scope)
    found = [one for one in _fitting(lines, wanted, others, visible) if not one.forward]
    if wanted.to_judge:
        found = [one for one in found if waiting.get(one.id)]
    found = _in_order(found, wanted.order, others, waiting, visible)
    some = [(one, *others.get(one.id, ())) for one in found[offset : offset + limit]]
    counted = visible.counted([one for group in some for one in group])
    return len(found), [_line(group, counted, waiting.get(group[0].id, 0)) for group in some]


def _within(lines: list[Listed], scope: CustomerScope) -> list[Listed]:
    """The lines of customers who may be seen."""
    if scope.customers is None:
        return lines
    seen = frozenset(scope.customers.values_list("id", flat=True))
    return [one for one in lines if one.id in seen]


@dataclass(frozen=True, slots=True)
class _Visible:
    """The records of customers that may be seen: as the list has them, or counted anew within what may be seen.

    Of those that are on the page alone: fifty thousand are counted only where all of them are sorted by it.
    """

    archive: Archive
    scope: CustomerScope

    def _links(self) -> QuerySet[Link]:
        links: QuerySet[Link] = self.scope.narrowed(Link.objects.filter(case_id=self.archive.case_id))
        return links

    def with_class(self, record_class: str) -> Callable[[Listed], bool]:
        """Whether a customer has a record of this class."""
        if self.scope.records is None:
            return lambda one: f"{record_class}:" in one.classes
        rows = self._links().filter(record__record_class=record_class)
        bearers = set(rows.values_list("customer_id", flat=True))
        return lambda one: one.id in bearers

    def sizes(self) -> Callable[[Listed], int]:
        """How many records a customer has."""
        if self.scope.records is None:
            return lambda one: sum(int(said.rpartition(":")[2]) for said in one.classes.split())
        counts = Counter(self._links().values_list("customer_id", flat=True))
        return lambda one: counts[one.id]

    def counted(self, lines: Sequence[Listed]) -> Mapping[str, Counter[str]]:
        """How many records of each class these customers have."""
        found: dict[str, Counter[str]] = {one.id: Counter() for one in lines}
        if self.scope.records is None:
            for one in lines:
                for name, _, count in (said.partition(":") for said in one.classes.split()):
                    found[one.id][name] += int(count)
            return found
        for some in in_batches(list(found)):
            links = Link.objects.filter(case_id=self.archive.case_id, customer_id__in=some)
            theirs = list(links.values_list("customer_id", "record_id"))
            classes = self._classes(sorted({record for _, record in theirs}), self.scope.records)
            for customer, record in theirs:
                if record in classes:
                    found[customer][classes[record]] += 1
        return found

    def _classes(self, records: Sequence[str], seen: QuerySet[Record]) -> Mapping[str, str]:
        """The class of each of these records that may be seen; asked record by record, or SQLite would read the whole case."""
        found: dict[str, str] = {}
        for some in in_batches(records):
            rows = Record.objects.filter(Exists(seen.filter(id=OuterRef("id"))), id__in=some)
            found.update(rows.values_list("id", "record_class"))
        return found


def _in_order(
    lines: list[Listed],
    order: str,
    others: Mapping[str, Sequence[Listed]],
    waiting: Mapping[str, int],
    visible: _Visible,
) -> list[Listed]:
    """By number as they come; by name, or those with most records or waiting pairs first."""
    match order:
        case "name":
            return sorted(lines, key=lambda one: one.name)
        case "records":
            size = visible.sizes()
            return sorted(lines, key=lambda one: -size(one) - sum(map(size, others.get(one.id, ()))))
        case "to-judge":
            return sorted(lines, key=lambda one: -waiting.get(one.id, 0))
    return lines


def _fitting(
    lines: list[Listed],
    wanted: CustomerFilter,
    others: Mapping[str, Sequence[Listed]],
    visible: _Visible,
) -> list[Listed]:
    """Those that fit by themselves or by a number that leads to them; one pass for each thing that is asked."""
    tests: list[Callable[[Listed], bool]] = []
    if wanted.kind:
        lines = [one for one in lines if one.kind == wanted.kind]
    if wanted.name:
        tests.append(lambda one: wanted.name in one.name)
    if wanted.number is not None:
        tests.append(lambda one: one.number == wanted.number)
    if wanted.record_class:
        tests.append(visible.with_class(wanted.record_class))
    for test in tests:
        also = {head for head, members in others.items() if any(map(test, members))}
        lines = [one for one in lines if test(one) or one.id in also]
    return lines


def _waiting(archive: Archive, merged: Forwarding, scope: CustomerScope) -> Counter[str]:
    """How many pairs wait for a person, by customer."""
    counts: Counter[str] = Counter()
    rows = scope.narrowed(open_proposals(archive.case_id), "first", "second").values_list("customer", "other")
    for pair in rows:
        counts.update({merged.head(one) for one in pair if one})
    return counts


def _line(group: Sequence[Listed], counted: Mapping[str, Counter[str]], waiting: int) -> CustomerLine:
    classes: Counter[str] = Counter()
    for one in group:
        classes += counted[one.id]
    head, *others = group
    names = dict.fromkeys(one.name for one in others if one.name != head.name)
    return CustomerLine(
        number=head.number,
        kind=head.kind,
        name=head.name,
        other_names=list(names),
        merged=[one.number for one in others],
        classes={name: classes[name] for name in sorted(classes, key=_place_of_class)},
        to_judge=waiting,
    )


def _place_of_class(name: str) -> int:
    return _CLASSES.index(name) if name in _CLASSES else len(_CLASSES)


def customer_list(archive: Archive) -> Iterator[dict[str, Any]]:
    """Every customer by number, with profile and records; those of merged numbers with the one they lead to."""
    merged = Forwarding.of(archive.case_id)
    links: dict[str, dict[str, dict[str, str]]] = {}
    rows = Link.objects.filter(case_id=archive.case_id).select_related("record").defer("sealed")
    for link in rows.order_by("record__first_order", "id").iterator(chunk_size=2000):
        records = links.setdefault(merged.head(link.customer_id), {})
        records.setdefault(
            link.record_id,
            {
                "record_id": link.record_id,
                "reference_code": link.record.reference_code or "",
                "ground": link.ground,
            },
        )
    living = Customer.objects.filter(case_id=archive.case_id, forward=None).exclude(key_page="")
    for row in living.order_by("number"):
        key = archive.key(row.key_page, row.id)
        profile = archive.open(key, row.id, "customer.sealed", row.sealed)
        yield {
            "number": row.number,
            "kind": row.kind,
            "name": profile["name"],
            "records": list(links.get(row.id, {}).values()),
        }
