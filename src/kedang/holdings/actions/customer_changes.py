"""Changes of links, forwarding and customers that can be turned round exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import RECORDS_OF_A_LEAF
from kedang.holdings.adapters.guarding import MARKS as MACS
from kedang.holdings.adapters.guarding import guarded, require_as_written, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.links import open_link, seal_link
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.adapters.name_lists import drop_names
from kedang.holdings.customer_errors import DecisionOverlaid
from kedang.holdings.models import Customer, CustomerKey, Link, Record, Series
from kedang.ledger.leaves import Event
from kedang.vault.column import salt_of
from kedang.vault.suites import SALT_BYTES

CUSTOMERS = "customers"
"""Series in which the numbers of customers are noted that were given and taken back."""
LinkState = dict[str, Any] | None
"""`ground` of a link, `said`, what it says, and `salt` (hexadecimal) with which that is sealed; None where there is none.

Nothing sealed under another's key: a record that is sealed anew leaves it as it is. Sealed with the same salt under
the same key the same becomes the very bytes that it was."""


@dataclass(slots=True)
class Changes:
    """Before and after of everything that one decision changes."""

    links: list[tuple[str, str, LinkState, LinkState]] = field(default_factory=list)
    """Record, customer, before, after."""
    forwards: list[tuple[str, list[str], list[str]]] = field(default_factory=list)
    """Customer, and where it leads to with whose ground, before and after."""
    made: list[str] = field(default_factory=list)
    """Customers that were made for it."""
    withdrawn: list[str] = field(default_factory=list)
    """Customers that were made for what is being undone."""

    def to_json(self) -> dict[str, Any]:
        """As a judgement keeps them."""
        return {"links": self.links, "forwards": self.forwards, "made": self.made}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Changes:
        """As a judgement has kept them."""
        links = [(record, customer, before, after) for record, customer, before, after in said["links"]]
        forwards = [(one, before, after) for one, before, after in said["forwards"]]
        return cls(links, forwards, list(said["made"]))

    def reversed(self) -> Changes:
        """What turns them round."""
        links = [
            (record, customer, after, before) for record, customer, before, after in reversed(self.links)
        ]
        forwards = [(one, after, before) for one, before, after in reversed(self.forwards)]
        return Changes(links, forwards, [], list(self.made))

    def __bool__(self) -> bool:
        return bool(self.links or self.forwards or self.made)


def link_state(archive: Archive, page: str, link: Link | None) -> LinkState:
    """A link as changes have it; `page` holds the key of its record."""
    if link is None:
        return None
    salt = salt_of(bytes(link.sealed)).hex() if link.sealed else ""
    return {"ground": link.ground, "said": open_link(archive, page, link), "salt": salt}


def new_state(archive: Archive, ground: str, said: Mapping[str, Any]) -> LinkState:
    """A link as it shall be."""
    return {"ground": ground, "said": dict(said), "salt": archive.random_bytes(SALT_BYTES).hex()}


def _same(one: LinkState, other: LinkState) -> bool:
    """Whether two states say the same, whatever they are sealed with."""
    if one is None or other is None:
        return one is other
    return (one["ground"], one["said"]) == (other["ground"], other["said"])


def apply(archive: Archive, changes: Changes, *, basis: str) -> list[Event]:
    """Write the changes, in the caller's transaction; the events of them.

    Raises:
        DecisionOverlaid: something is not as it was when the changes were made out; nothing is written.
    """
    case = archive.case_id
    records = sorted({record for record, *_ in changes.links})
    there = _links(case, records)
    living = _living(case, records)
    wanted = [one for one in changes.links if one[0] in living]
    for record, customer, before, _ in wanted:
        if not _same(link_state(archive, living[record], there.get((record, customer))), before):
            raise DecisionOverlaid()
    events = _forward(archive, changes.forwards, by="person" if basis == "person" else "machine")
    gone: dict[str, list[str]] = {}
    came: dict[str, list[str]] = {}
    for record, customer, before, after in wanted:
        if before is None:
            came.setdefault(customer, []).append(record)
        if after is None:
            gone.setdefault(customer, []).append(record)
    _write_links(archive, wanted, there, living)
    events += _said(archive, "unlinked", gone, basis)
    events += _said(archive, "linked", came, basis)
    drop_names(archive, {*(one for one, *_ in changes.forwards), *gone, *came, *_ends(changes.forwards)})
    events += withdraw(archive, changes.withdrawn)
    return events


def _ends(forwards: Sequence[tuple[str, list[str], list[str]]]) -> list[str]:
    return [end[0] for _, before, after in forwards for end in (before, after) if end[0]]


def _links(case: str, records: Sequence[str]) -> dict[tuple[str, str], Link]:
    found: dict[tuple[str, str], Link] = {}
    for some in in_batches(records):
        for link in Link.objects.filter(case_id=case, record_id__in=some):
            found[link.record_id, link.customer_id] = link
    return found


def _living(case: str, records: Sequence[str]) -> dict[str, str]:
    """Records that have not been destroyed, with their key pages: of the others there are no links any more."""
    found: dict[str, str] = {}
    for some in in_batches(records):
        rows = Record.objects.filter(case_id=case, id__in=some).exclude(key_page="")
        found.update(rows.values_list("id", "key_page"))
    return found


def _write_links(
    archive: Archive,
    wanted: Sequence[tuple[str, str, LinkState, LinkState]],
    there: Mapping[tuple[str, str], Link],
    pages: Mapping[str, str],
) -> None:
    made, dead = [], []
    for record, customer, before, after in wanted:
        link = there.get((record, customer))
        if link is not None:
            require_as_written(MACS[Link], archive, link)
        if after is None:
            dead += [link.id] if link is not None else []
            continue
        salt = bytes.fromhex(after["salt"])
        sealed = seal_link(archive, pages[record], record, customer, after["said"], salt) if salt else b""
        values = {"ground": after["ground"], "sealed": sealed}
        if link is None:
            row = Link(case_id=archive.case_id, record_id=record, customer_id=customer, **values)
            made.append(guarded(archive, row))
        elif before != after:
            rewrite(archive, [link], **values)
    for some in in_batches(dead):
        Link.objects.filter(id__in=some).delete()
    insert_rows(Link, made)


def _forward(
    archive: Archive, forwards: Sequence[tuple[str, list[str], list[str]]], *, by: str
) -> list[Event]:
    events = []
    for one, before, after in forwards:
        row = Customer.objects.get(case_id=archive.case_id, id=one)
        if not row.key_page:
            continue  # erased since: its number leads where it led
        if [row.forward_id or "", row.forward_ground] != before:
            raise DecisionOverlaid()
        rewrite(archive, [row], forward_id=after[0] or None, forward_ground=after[1])
        act, end = ("customer-merged", after[0]) if after[0] else ("customer-unmerged", before[0])
        events.append(Event(archive.agent, act, (f"customer:{one}", f"customer:{end}"), {"by": by}))
    return events


def _said(archive: Archive, act: str, by_customer: dict[str, list[str]], basis: str) -> list[Event]:
    events = []
    for customer, records in sorted(by_customer.items()):
        for start in range(0, len(records), RECORDS_OF_A_LEAF):
            some = records[start : start + RECORDS_OF_A_LEAF]
            objects = (f"customer:{customer}", *(f"record:{one}" for one in some))
            events.append(Event(archive.agent, act, objects, {"basis": basis}))
    return events


def withdraw(archive: Archive, customers: Sequence[str]) -> list[Event]:
    """Take back customers that were made for what is undone; their numbers are never given again.

    Raises:
        DecisionOverlaid: something has been tied to one of them since.
    """
    case, events = archive.case_id, []
    for row in list(Customer.objects.filter(case_id=case, id__in=list(customers)).order_by("number")):
        in_use = (
            Link.objects.filter(case_id=case, customer_id=row.id).exists()
            or CustomerKey.objects.filter(case_id=case, customer_id=row.id).exists()
            or Customer.objects.filter(case_id=case, forward_id=row.id).exists()
        )
        if in_use:
            raise DecisionOverlaid()
        note_number(archive, row.number)
        events.append(Event(archive.agent, "customer-withdrawn", (f"customer:{row.id}",), {}))
        row.delete()
    return events


def note_number(archive: Archive, number: int) -> None:
    """That a number has been given, although nobody bears it any more; in the caller's transaction."""
    row = Series.objects.select_for_update().filter(case_id=archive.case_id, series=CUSTOMERS).first()
    if row is None:
        row = Series(case_id=archive.case_id, series=CUSTOMERS, last_number=number)
        guarded(archive, row).save(force_insert=True)
    elif row.last_number < number:
        rewrite(archive, [row], last_number=number)


def last_number(case: str) -> int:
    """The highest number that was ever given to a customer; 0 before the first."""
    given = Customer.objects.filter(case_id=case).order_by("-number").values_list("number", flat=True)
    noted = Series.objects.filter(case_id=case, series=CUSTOMERS).values_list("last_number", flat=True)
    return max((*given[:1], *noted), default=0)
