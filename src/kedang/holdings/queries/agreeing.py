"""Whether the rows say what the ledger says: an edited, added, removed or swapped row shows.

Rows and leaves are counted into sums of digests, which must be equal: so much memory is needed for a million
records as for one, and the order of neither matters. What does not agree is named by its kind.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from kedang.holdings.models import Customer, Link, Occurrence, Question, Record, Source
from kedang.records.ids import CaseId

MODULUS = 2**256
CORRECTED = "corrected"
ANSWERS = frozenset({"accepted", "dismissed"})
Statement = tuple[str, ...]
"""A kind and what is stated of it, such as ("link", customer, record)."""


class Tally:
    """A sum over statements by kind; equal sums mean the same statements, whatever their order."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()

    def add(self, statement: Statement) -> None:
        """One statement more."""
        digest = int.from_bytes(sha256("\0".join(statement).encode()).digest(), "big")
        self._sums[statement[0]] = (self._sums[statement[0]] + digest) % MODULUS

    def differing(self, other: Tally) -> list[str]:
        """The kinds of which the two do not say the same."""
        kinds = self._sums.keys() | other._sums.keys()
        return sorted(kind for kind in kinds if self._sums[kind] != other._sums[kind])


def stated_by_leaf(leaf: bytes) -> Iterator[Statement]:
    """What one event says of rows."""
    try:
        said: dict[str, Any] = json.loads(leaf)
        act, facts = said["act"], said["facts"]
        objects = [tuple(one.split(":", 1)) for one in said["objects"]]
    except (ValueError, KeyError, TypeError):
        return  # the leaf itself is a fault, which is told elsewhere
    by_kind = dict(objects)
    match act:
        case "source-registered":
            yield "source", by_kind["source"]
        case "received":
            place = (by_kind["occurrence"], by_kind["accession"])
            yield "occurrence", *place, by_kind["record"], ""
            if not facts.get("duplicate"):
                yield "record", by_kind["record"], facts["content"]
        case "refused":
            yield "occurrence", by_kind["occurrence"], by_kind["accession"], "", facts["code"]
        case "linked":
            for kind, record in objects:
                if kind == "record":
                    yield "link", by_kind["customer"], record
        case "customer-recognised":
            yield "customer", by_kind["customer"]
        case "question-answered":
            yield "answer", by_kind["question"], by_kind.get("record", ""), facts["answer"]


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
    answered = Question.objects.filter(case_id=case).exclude(state="open")
    for one, record, answer in answered.values_list("id", "record_id", "answer").iterator(chunk_size=2000):
        yield "answer", one, record, answer if answer in ANSWERS else CORRECTED
