"""Whether the rows say what the ledger says: an edited, added, removed or swapped row shows.

Rows and leaves are counted into sums of digests, which must be equal: so much memory is needed for a million
records as for one, and the order of neither matters. What does not agree is named by its kind.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
from django.db import connection
from django.db.models import BinaryField, F, Func, IntegerField, Value

from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.models import Customer, LedgerLeaf, Link, Occurrence, Question, Record, Source
from kedang.records.ids import CaseId

MODULUS = 2**256
CORRECTED = "corrected"
ANSWERS = frozenset({"accepted", "dismissed"})
Statement = tuple[str, ...]
"""A kind and what is stated of it, such as ("link", customer, record)."""
STATING = frozenset(
    {
        "source-registered",
        "received",
        "refused",
        "linked",
        "customer-recognised",
        "destroyed",
        "dissolved",
        "withheld",
        "customer-erased",
        "question-answered",
    }
)
"""Acts that say something of rows which are compared; the others are not even read."""
TAKING_BACK = "rows-destroyed"


class _Said(msgspec.Struct):
    """What a leaf says, as far as it is compared."""

    act: str
    facts: dict[str, Any]
    n: int
    objects: list[str]


_DECODER = msgspec.json.Decoder(_Said)


class Tally:
    """A sum over statements by kind; equal sums mean the same statements, whatever their order."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, int] = defaultdict(int)

    def add(self, statement: Statement) -> None:
        """One statement more."""
        digest = sha256("\0".join(statement).encode()).digest()
        self._sums[statement[0]] += int.from_bytes(digest, "big")

    def take(self, statement: Statement) -> None:
        """One statement less: it was made and holds no more."""
        digest = sha256("\0".join(statement).encode()).digest()
        self._sums[statement[0]] -= int.from_bytes(digest, "big")

    def differing(self, other: Tally) -> list[str]:
        """The kinds of which the two do not say the same."""
        kinds = self._sums.keys() | other._sums.keys()
        return sorted(kind for kind in kinds if (self._sums[kind] - other._sums[kind]) % MODULUS)


class Gone:
    """Records and customers that have been destroyed: rows about them are no more, leaves stay."""

    def __init__(self, case: CaseId) -> None:
        destroyed = Record.objects.filter(case_id=case, state=DESTROYED)
        erased = Customer.objects.filter(case_id=case, key_page="")
        self.records = frozenset(destroyed.values_list("id", flat=True))
        self.customers = frozenset(erased.values_list("id", flat=True))
        self._lost = [
            (int(said["facts"]["rows_at"]), int(said["n"]))
            for said in leaves_of(case, "restored")
            if "rows_at" in said["facts"]
        ]

    def rows_lost(self, n: int) -> bool:
        """Whether what leaf `n` wrote into rows was lost: a restore took rows from before it."""
        return bool(self._lost) and any(first <= n < end for first, end in self._lost)


def _place_in_leaf(sought: bytes) -> Func:
    """Where bytes begin in a leaf, from 1; 0 for nowhere. Each database has its own words for it."""
    value = Value(sought, output_field=BinaryField())
    if connection.vendor == "sqlite":
        return Func(F("leaf"), value, function="instr", output_field=IntegerField())
    template = "position(%(expressions)s)"
    return Func(value, F("leaf"), template=template, arg_joiner=" in ", output_field=IntegerField())


def leaves_of(case: CaseId, act: str) -> Iterator[dict[str, Any]]:
    """Every leaf of an act, in order."""
    place = _place_in_leaf(f'"act":"{act}"'.encode())
    rows = LedgerLeaf.objects.filter(case_id=case).alias(place=place).filter(place__gt=0)
    for leaf in rows.order_by("n").values_list("leaf", flat=True).iterator(chunk_size=500):
        yield json.loads(bytes(leaf))


def stated_by_leaf(leaf: bytes, gone: Gone) -> Iterator[Statement]:
    """What one event of an act in STATING says of rows that are still there."""
    try:
        said = _DECODER.decode(leaf)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return  # the leaf itself is a fault, which is told elsewhere
    facts, objects = said.facts, [one.partition(":")[::2] for one in said.objects]
    by_kind = dict(objects)
    subject = by_kind.get("record", by_kind.get("customer"))
    if gone.rows_lost(said.n) and subject not in gone.records and subject not in gone.customers:
        return
    match said.act:
        case "source-registered":
            yield "source", by_kind["source"]
        case "received":
            place = (by_kind["occurrence"], by_kind["accession"])
            yield "occurrence", *place, by_kind["record"], ""
            if not facts.get("duplicate"):
                yield "record", by_kind["record"], facts["content"]
        case "refused":
            yield "occurrence", by_kind["occurrence"], by_kind["accession"], "", facts["code"]
        case "linked" if by_kind["customer"] not in gone.customers:
            linked = (one for kind, one in objects if kind == "record" and one not in gone.records)
            yield from (("link", by_kind["customer"], one) for one in linked)
        case "customer-recognised":
            yield "customer", by_kind["customer"]
        case "destroyed" | "dissolved":
            yield "destroyed", by_kind["record"]
        case "withheld":
            yield from (("destroyed" if kind == "record" else "erased", one) for kind, one in objects)
        case "customer-erased":
            yield "erased", by_kind["customer"]
        case "question-answered" if by_kind.get("record") not in gone.records:
            yield "answer", by_kind["question"], by_kind.get("record", ""), facts["answer"]


def withdrawn_by_leaf(leaf: bytes, gone: Gone) -> Iterator[Statement]:
    """What an event of the act TAKING_BACK takes back of what earlier ones have stated: links that rested on destroyed rows."""
    try:
        said = _DECODER.decode(leaf)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    objects = [one.partition(":")[::2] for one in said.objects]
    record = dict(objects).get("record", "")
    if record not in gone.records:
        for kind, customer in objects:
            if kind == "customer" and customer not in gone.customers:
                yield "link", customer, record


def stated_by_rows(case: CaseId) -> Iterator[Statement]:
    """What the rows say of the same."""
    for source in Source.objects.filter(case_id=case).values_list("id", flat=True):
        yield "source", source
    occurrences = Occurrence.objects.filter(case_id=case)
    columns = ("id", "accession_id", "record_id", "state", "code")
    for one, accession, record, state, code in occurrences.values_list(*columns).iterator(chunk_size=2000):
        yield "occurrence", one, accession, record or "", code if state == "refused" else ""
    records = Record.objects.filter(case_id=case).values_list("id", "commitment")
    for record, commitment in records.iterator(chunk_size=2000):
        yield "record", record, bytes(commitment).hex()
    links = Link.objects.filter(case_id=case).values_list("customer_id", "record_id")
    for customer, record in links.iterator(chunk_size=2000):
        yield "link", customer, record
    for customer in (
        Customer.objects.filter(case_id=case).values_list("id", flat=True).iterator(chunk_size=2000)
    ):
        yield "customer", customer
    for record in Record.objects.filter(case_id=case, state=DESTROYED).values_list("id", flat=True):
        yield "destroyed", record
    for customer in Customer.objects.filter(case_id=case, key_page="").values_list("id", flat=True):
        yield "erased", customer
    answered = Question.objects.filter(case_id=case).exclude(state="open")
    for one, record, answer in answered.values_list("id", "record_id", "answer").iterator(chunk_size=2000):
        yield "answer", one, record, answer if answer in ANSWERS else CORRECTED
