"""Whether the rows say what the ledger says: an edited, added, removed or swapped row shows.

Rows and leaves are counted into sums of digests, which must be equal: so much memory is needed for a million
records as for one, and the order of neither matters. What does not agree is named by its kind.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import msgspec
from django.db.models import BinaryField, F, Func, Value

from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.looking_up import all_of_case
from kedang.holdings.adapters.plain_rows import raw_lines
from kedang.holdings.models import Customer, Judgement, LedgerLeaf, Link, Occurrence, Question, Record, Source
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
        "judged",
        "judgement-undone",
    }
)
"""Acts that say something of rows which are compared; the others are not even read."""
ENDING = frozenset({"destroyed", "dissolved", "withheld", "customer-erased"})
"""Acts that hold of rows of before a restore too: what they ended came back ended."""
TAKING_BACK = frozenset({"rows-destroyed", "unlinked", "customer-withdrawn", "question-reopened"})


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
    """Records and customers that have been destroyed: rows about them are no more, leaves stay.

    `lost` are stretches of leaves whose rows a restore has lost, first and end; `cut` are records of which rows
    were destroyed within one.
    """

    def __init__(
        self,
        records: Iterable[str] = (),
        customers: Iterable[str] = (),
        lost: Iterable[tuple[int, int]] = (),
        cut: Iterable[str] = (),
    ) -> None:
        self.records = frozenset(records)
        self.customers = frozenset(customers)
        self._lost = tuple(lost)
        self._cut = frozenset(cut)
        self._lost_links: set[tuple[str, str]] = set()

    def any_of(self, objects: Iterable[tuple[str, str]]) -> bool:
        """Whether one of a leaf's objects has been destroyed."""
        return any(one in self.records or one in self.customers for _, one in objects)

    def rows_lost(self, n: int) -> bool:
        """Whether what leaf `n` wrote into rows was lost: a restore took rows from before it."""
        return bool(self._lost) and any(first <= n < end for first, end in self._lost)

    def lose_links(self, customers: Iterable[str], records: Iterable[str]) -> None:
        """Note links whose rows were lost, of records of which rows were destroyed later."""
        cut = [one for one in records if one in self._cut]
        self._lost_links.update((customer, record) for customer in customers for record in cut)

    def was_lost(self, customer: str, record: str) -> bool:
        """Whether the row of a link that is withdrawn was lost before: then nothing is taken back. Once only."""
        if (customer, record) not in self._lost_links:
            return False
        self._lost_links.discard((customer, record))
        return True


def gone_of(case: CaseId) -> Gone:
    """What is gone of a case."""
    lost = [
        (int(said["facts"]["rows_at"]), int(said["n"]))
        for said in leaves_of(case, "restored")
        if "rows_at" in said["facts"]
    ]
    cut = (
        one.removeprefix("record:")
        for said in (leaves_of(case, "rows-destroyed") if lost else ())
        for one in said["objects"]
        if one.startswith("record:") and any(first <= said["n"] < end for first, end in lost)
    )
    return Gone(
        Record.objects.filter(case_id=case, state=DESTROYED).values_list("id", flat=True),
        Customer.objects.filter(case_id=case, key_page="").values_list("id", flat=True),
        lost,
        cut,
    )


def leaves_of(case: CaseId, act: str) -> Iterator[dict[str, Any]]:
    """Every leaf of an act, in order."""
    beginning = f'{{"act":"{act}"'.encode()  # names stand in the order of the alphabet
    begins = Func(F("leaf"), Value(1), Value(len(beginning)), function="substr", output_field=BinaryField())
    rows = LedgerLeaf.objects.filter(case_id=case).alias(begins=begins).filter(begins=beginning)
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
    if gone.rows_lost(said.n) and not (objects := _ended(said, objects, gone)):
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
        case "judged" | "judgement-undone" if not gone.any_of(objects):
            yield "judgement", by_kind["judgement"], facts.get("verdict", "undone")
        case "question-answered" if by_kind.get("record") not in gone.records:
            yield "answer", by_kind["question"], by_kind.get("record", ""), facts["answer"]


def _ended(said: _Said, objects: list[tuple[str, str]], gone: Gone) -> list[tuple[str, str]]:
    """What a leaf whose rows were lost says all the same: which of its objects are at an end."""
    if said.act == "linked":
        gone.lose_links(_of(objects, "customer"), _of(objects, "record"))
    return [one for one in objects if said.act in ENDING and gone.any_of((one,))]


def withdrawn_by_leaf(leaf: bytes, gone: Gone) -> Iterator[Statement]:
    """What an event of an act in TAKING_BACK takes back of what earlier ones have stated: links, and customers."""
    try:
        said = _DECODER.decode(leaf)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    objects = [one.partition(":")[::2] for one in said.objects]
    if said.act == "rows-destroyed":
        (record,) = records = _of(objects, "record")
        customers = [one for one in _of(objects, "customer") if not gone.was_lost(one, record)]
    elif gone.rows_lost(said.n):
        return
    elif said.act == "customer-withdrawn":
        yield "customer", objects[0][1]
        return
    elif said.act == "question-reopened":
        (question,), (record,) = _of(objects, "question"), _of(objects, "record")
        if record not in gone.records:
            yield "answer", question, record, said.facts["answer"]
        return
    else:
        customers, records = _of(objects, "customer"), _of(objects, "record")
    for record in records:
        if record not in gone.records:
            yield from (("link", one, record) for one in customers if one not in gone.customers)


def _of(objects: list[tuple[str, str]], kind: str) -> list[str]:
    return [one for of, one in objects if of == kind]


def stated_by_rows(case: CaseId) -> Iterator[Statement]:
    """What the rows say of the same."""
    for source in Source.objects.filter(case_id=case).values_list("id", flat=True):
        yield "source", source
    occurrences = all_of_case(Occurrence, case)
    columns = ("id", "accession_id", "record_id", "state", "code")
    for one, accession, record, state, code in raw_lines(occurrences.values_list(*columns)):
        yield "occurrence", one, accession, record or "", code if state == "refused" else ""
    records = all_of_case(Record, case).values_list("id", "commitment")
    for record, commitment in raw_lines(records):
        yield "record", record, bytes(commitment).hex()
    links = Link.objects.filter(case_id=case).values_list("customer_id", "record_id")
    for customer, record in raw_lines(links):
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
    for one, kind, undone in Judgement.objects.filter(case_id=case).values_list("id", "kind", "undone"):
        yield "judgement", one, kind
        if undone is not None:
            yield "judgement", one, "undone"
