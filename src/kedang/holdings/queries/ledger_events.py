"""The ledger's events, picked by number, day, act, agent or record; told without any key."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from kedang.holdings.adapters.looking_up import in_batches, with_ids
from kedang.holdings.models import Agent, LedgerHead, LedgerLeaf, Record
from kedang.ledger.errors import OutOfRange
from kedang.ledger.leaves import Leaf, read_leaf
from kedang.ledger.schema import acts
from kedang.records.ids import CaseId

if TYPE_CHECKING:  # numpy takes long to load, and commands do not need it
    from kedang.holdings.adapters.kept_ledger import KeptLedger

AT_A_TIME = 2_000  # leaves read from the database
RECORD = "record:"
CUSTOMER = "customer:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; what is None is not asked for."""

    since: datetime | None = None
    until: datetime | None = None
    """Up to, but not including, this time."""
    act: str | None = None
    actor: str | None = None
    """An agent's id or its beginning."""
    record: str | None = None
    """A record's id."""
    limit: int | None = None
    """The latest so many."""
    customer: str | None = None
    """A customer's id."""
    before: int | None = None
    """Only events with a smaller number: where the page before has ended."""


def events(case: CaseId, wanted: Wanted, kept: KeptLedger | None = None) -> Iterator[Leaf]:
    """The events that are asked for: in order, or with a limit the latest ones, newest first.

    With `kept` the events of an act, an actor, a record or a customer are looked up, not looked for.

    Raises:
        LeafMalformed: a leaf on the way was altered.
    """
    size = LedgerHead.objects.get(case_id=case).size
    first = _first_at(case, size, wanted.since) if wanted.since else 0
    last = _first_at(case, size, wanted.until) if wanted.until else size
    last = last if wanted.before is None else min(last, wanted.before)
    found = 0
    for data in _leaves(case, range(first, last), wanted, kept):
        if wanted.limit is not None and found >= wanted.limit:
            return
        if all(sign in data for sign in _signs(wanted)):
            found += 1
            yield read_leaf(data)


def _leaves(case: CaseId, span: range, wanted: Wanted, kept: KeptLedger | None) -> Iterator[bytes]:
    """The bytes of leaves that may be wanted: in order, or with a limit the last ones first."""
    known: list[int] = []
    read = 0
    about = wanted.record or wanted.customer
    if kept is not None and (about or wanted.act or wanted.actor):
        known, read = kept.leaves_of(act=wanted.act, actor=wanted.actor, about=about)
    looked_up = [n for n in known if n in span]
    not_read = range(max(span.start, read), max(span.stop, read))
    if wanted.limit is None:
        yield from _numbered(case, looked_up)
        yield from _spanned(case, not_read, "n")
    else:
        yield from _spanned(case, not_read, "-n")
        yield from _numbered(case, looked_up[::-1])


def _spanned(case: CaseId, span: range, order: str) -> Iterator[bytes]:
    rows = LedgerLeaf.objects.filter(case_id=case, n__gte=span.start, n__lt=span.stop).order_by(order)
    return (octets(row) for row in rows.values_list("leaf", flat=True).iterator(chunk_size=AT_A_TIME))


def _numbered(case: CaseId, numbers: list[int]) -> Iterator[bytes]:
    for some in in_batches(numbers):
        rows = LedgerLeaf.objects.filter(case_id=case, n__in=some).values_list("n", "leaf")
        stored = {n: octets(leaf) for n, leaf in rows}
        yield from (stored[n] for n in some if n in stored)


def leaf_bytes(case: CaseId, n: int) -> bytes:
    """The bytes of one leaf.

    Raises:
        OutOfRange: there is no such leaf.
    """
    row = LedgerLeaf.objects.filter(case_id=case, n=n).values_list("leaf", flat=True).first()
    if row is None:
        raise OutOfRange(start=n, end=n + 1, size=LedgerHead.objects.get(case_id=case).size)
    return octets(row)


def all_leaves(case: CaseId) -> Iterator[bytes]:
    """Every leaf's bytes in order."""
    rows = LedgerLeaf.objects.filter(case_id=case).order_by("n").values_list("leaf", flat=True)
    return (octets(row) for row in rows.iterator(chunk_size=AT_A_TIME))


def octets(stored: object) -> bytes:
    """The bytes of a column. SQLite takes text and numbers there too, when somebody edits behind our back."""
    return bytes(stored) if isinstance(stored, bytes | memoryview) else str(stored).encode()


def told(leaf: Leaf, codes: Mapping[str, str]) -> dict[str, Any]:
    """An event for a program or a list; `codes` are the reference codes 档号 of records by id."""
    act = acts()[leaf.event.act]
    records = [one.removeprefix(RECORD) for one in leaf.event.objects if one.startswith(RECORD)]
    return {
        "n": leaf.n,
        "time": leaf.time.isoformat(),
        "act": act.name,
        "act_zh": act.zh,
        "act_en": act.en,
        "actor": leaf.event.actor,
        "objects": list(leaf.event.objects),
        "reference_codes": [codes[record] for record in records if record in codes],
        "facts": dict(leaf.event.facts),
    }


def reference_codes(case: CaseId, leaves: Iterable[Leaf]) -> dict[str, str]:
    """The reference codes of the records that these events name, by record id."""
    named = {one.removeprefix(RECORD) for leaf in leaves for one in leaf.event.objects if RECORD in one}
    columns = ("id", "case_id", "reference_code")
    found = (row for rows in with_ids(Record, sorted(named)) for row in rows.values_list(*columns))
    return {record: code for record, of, code in found if of == case and code is not None}


def codes_of_records(records: QuerySet[Record], ids: Iterable[str]) -> dict[str, str]:
    """What records are called in lists, by id: their reference code, else the beginning of their id."""
    named = records.filter(id__in=sorted(set(ids))[:AT_A_TIME]).values_list("id", "reference_code")
    return {record: code or record[:12] for record, code in named}


def agents(case: CaseId, beginning: str) -> list[str]:
    """The ids of agents that begin so."""
    rows = Agent.objects.filter(case_id=case, id__startswith=beginning)
    return list(rows.order_by("id").values_list("id", flat=True))


def _signs(wanted: Wanted) -> list[bytes]:
    """What must stand in a leaf's bytes: cheaper than reading every leaf."""
    signs = []
    if wanted.act is not None:
        signs.append(f'{{"act":"{wanted.act}",'.encode())
    if wanted.actor is not None:
        signs.append(f'"actor":"{wanted.actor}'.encode())
    if wanted.record is not None:
        signs.append(f'"{RECORD}{wanted.record}"'.encode())
    if wanted.customer is not None:
        signs.append(f'"{CUSTOMER}{wanted.customer}"'.encode())
    return signs


def _first_at(case: CaseId, size: int, moment: datetime) -> int:
    """The first leaf that is not before the moment; time never goes back along the ledger."""
    return bisect_left(range(size), moment, key=lambda n: read_leaf(leaf_bytes(case, n)).time)
