"""Customers as they are now, merged ones under the number that theirs leads to, and the records that are theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.name_lists import Listed, listed
from kedang.holdings.models import Customer, Link
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.judging_queue import open_proposals


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
    lines = _within(archive, listed(archive), scope)
    others: dict[str, list[Listed]] = {}
    for one in [one for one in lines if one.forward]:
        others.setdefault(merged.head(one.id), []).append(one)
    found = [one for one in _fitting(lines, wanted, others) if not one.forward]
    if wanted.to_judge:
        found = [one for one in found if waiting.get(one.id)]
    found = _in_order(found, wanted.order, others, waiting)
    some = found[offset : offset + limit]
    return len(found), [_line((one, *others.get(one.id, ())), waiting.get(one.id, 0)) for one in some]


def _within(archive: Archive, lines: list[Listed], scope: CustomerScope) -> list[Listed]:
    """The lines of customers who may be seen, with the records that may be seen counted only."""
    if scope.customers is not None:
        seen = frozenset(scope.customers.values_list("id", flat=True))
        lines = [one for one in lines if one.id in seen]
    if scope.records is None:
        return lines
    links = scope.narrowed(Link.objects.filter(case_id=archive.case_id))
    if scope.customers is not None:
        links = links.filter(customer_id__in=[one.id for one in lines])
    counted = links.values_list("customer_id", "record__record_class").annotate(count=Count("id"))
    classes: dict[str, list[str]] = {}
    for customer, name, count in sorted(counted):
        classes.setdefault(customer, []).append(f"{name}:{count}")
    return [
        Listed(one.number, one.id, one.kind, one.name, one.forward, " ".join(classes.get(one.id, ())))
        for one in lines
    ]


def _in_order(
    lines: list[Listed], order: str, others: Mapping[str, Sequence[Listed]], waiting: Mapping[str, int]
) -> list[Listed]:
    """By number as they come; by name, or those with most records or waiting pairs first."""
    match order:
        case "name":
            return sorted(lines, key=lambda one: one.name)
        case "records":
            return sorted(lines, key=lambda one: -sum(map(_records_of, (one, *others.get(one.id, ())))))
        case "to-judge":
            return sorted(lines, key=lambda one: -waiting.get(one.id, 0))
    return lines


def _records_of(line: Listed) -> int:
    return sum(int(said.rpartition(":")[2]) for said in line.classes.split())


def _fitting(
    lines: list[Listed], wanted: CustomerFilter, others: Mapping[str, Sequence[Listed]]
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
        tests.append(lambda one: f"{wanted.record_class}:" in one.classes)
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


def _line(group: Sequence[Listed], waiting: int) -> CustomerLine:
    classes: Counter[str] = Counter()
    for one in group:
        for name, _, count in (said.partition(":") for said in one.classes.split()):
            classes[name] += int(count)
    head, *others = group
    names = dict.fromkeys(one.name for one in others if one.name != head.name)
    return CustomerLine(
        number=head.number,
        kind=head.kind,
        name=head.name,
        other_names=list(names),
        merged=[one.number for one in others],
        classes=dict(sorted(classes.items())),
        to_judge=waiting,
    )


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
