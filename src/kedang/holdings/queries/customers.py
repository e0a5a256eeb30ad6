"""Customers as they are now, merged ones under the number that theirs leads to, and the records that are theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.name_lists import Listed, listed
from kedang.holdings.models import Customer, Link
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

    def to_json(self) -> dict[str, Any]:
        """The line for a program."""
        return {
            "number": self.number,
            "kind": self.kind,
            "name": self.name,
            "other_names": self.other_names,
            "merged": self.merged,
            "classes": self.classes,
            "links": sum(self.classes.values()),
            "to_judge": self.to_judge,
        }


def list_customers(
    archive: Archive, wanted: CustomerFilter, *, limit: int, offset: int = 0
) -> tuple[int, list[CustomerLine]]:
    """How many customers fit, and those from `offset` on by number, at most `limit`."""
    merged = Forwarding.of(archive.case_id)
    waiting = _waiting(archive, merged)
    lines = listed(archive)
    others: dict[str, list[Listed]] = {}
    for one in [one for one in lines if one.forward]:
        others.setdefault(merged.head(one.id), []).append(one)
    found = [one for one in _fitting(lines, wanted, others) if not one.forward]
    if wanted.to_judge:
        found = [one for one in found if waiting.get(one.id)]
    some = found[offset : offset + limit]
    return len(found), [_line((one, *others.get(one.id, ())), waiting.get(one.id, 0)) for one in some]


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


def _waiting(archive: Archive, merged: Forwarding) -> Counter[str]:
    """How many pairs wait for a person, by customer."""
    counts: Counter[str] = Counter()
    rows = open_proposals(archive.case_id).values_list("customer", "other")
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
