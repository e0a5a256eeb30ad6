"""Auditing joins 归户抽查: a random sample of what the comparison has joined, looked at by a person.

What he finds bounds how many joins of the whole are wrong. "Cannot tell" counts as wrong: the bound is never too good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.db import transaction
from django.db.models import Max

from kedang.holdings.actions.judging import SAME, Decided, Place, judge
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.links import open_link
from kedang.holdings.customer_errors import PairUnknown
from kedang.holdings.models import Audit, Judgement, Link, Record
from kedang.holdings.queries.judging_queue import PairShown, side
from kedang.ledger.leaves import Event
from kedang.resolution.audit import bound

CONFIDENCE = 0.95
PPM = 1_000_000
SEED_BYTES = 16
OpenAudit = Audit
Drawn = tuple[str, int, str, int]


@dataclass(frozen=True, slots=True)
class AuditStanding:
    """How far an audit has come."""

    number: int
    population: int
    """Joins there were to draw from."""
    sample: int
    answered: int
    wrong: int
    bound_ppm: int | None
    """At most so many of a million joins are wrong, with 95 % confidence; None until all are answered."""


def draw(archive: Archive, size: int, *, now: datetime) -> Audit:
    """The audit that is open, or a new one with a random sample of all joins."""
    open_one = Audit.objects.filter(case_id=archive.case_id, ended=None).first()
    if open_one is not None:
        return open_one
    joins = sorted(_joins(archive))
    random = Random(int.from_bytes(archive.random_bytes(SEED_BYTES), "big"))
    sample = [list(one) for one in random.sample(joins, min(size, len(joins)))]
    with transaction.atomic():
        last = Audit.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
        row = Audit(
            id=archive.new_id(),
            case_id=archive.case_id,
            ordinal=(last or 0) + 1,
            drawn=now,
            population=len(joins),
            sample=sample,
        )
        guarded(archive, row).save(force_insert=True)
    return row


def _joins(archive: Archive) -> Iterator[Drawn]:
    """Every join that the comparison has made: a mention, and the one that it is tied to."""
    rows = Link.objects.filter(case_id=archive.case_id).exclude(sealed=b"").select_related("record")
    for link in rows.only("record__key_page", "record_id", "customer_id", "sealed").iterator(chunk_size=2000):
        for at, evidence in open_link(archive, link.record.key_page, link).get("model", {}).items():
            if evidence.get("to"):
                record, mention = evidence["to"]
                one, other = sorted(((link.record_id, int(at)), (str(record), int(mention))))
                yield (*one, *other)


def unanswered(archive: Archive, audit: Audit) -> list[tuple[int, PairShown]]:
    """The joins that nobody has looked at, with their numbers in the sample."""
    done = _answers(archive, audit)
    found = []
    for number, (first, at, second, other) in enumerate(audit.sample, start=1):
        if (first, at, second, other) in done:
            continue
        rows = Record.objects.in_bulk([first, second])
        if first not in rows or second not in rows or not rows[first].key_page or not rows[second].key_page:
            continue  # destroyed since
        pair = PairShown(
            str(number), side(archive, rows[first], at, ""), side(archive, rows[second], other, "")
        )
        found.append((number, pair))
    return found


def _answers(archive: Archive, audit: Audit) -> dict[Drawn, str]:
    rows = Judgement.objects.filter(case_id=archive.case_id, audited=audit.id, undone=None)
    return {
        (
            str(row.first_id),
            int(row.first_mention or 0),
            str(row.second_id),
            int(row.second_mention or 0),
        ): row.kind
        for row in rows
    }


def answer(
    archive: Archive, audit: Audit, number: int, verdict: str, reason: str, *, clock: Callable[[], datetime]
) -> Judgement:
    """What a person says of one join of the sample. It is a judgement like any other.

    Raises:
        PairUnknown: the sample has no such number.
    """
    if not 0 < number <= len(audit.sample):
        raise PairUnknown()
    first, at, second, other = audit.sample[number - 1]
    pair = Place(first, at), Place(second, other)
    return judge(archive, pair, verdict, Decided(reason, audit.id), clock=clock)


def conclude(archive: Archive, audit: Audit, *, now: datetime) -> AuditStanding:
    """How the audit stands; when all are answered it ends, and the bound is noted in the ledger."""
    said = _answers(archive, audit)
    wrong = sum(kind != SAME for kind in said.values())
    left = unanswered(archive, audit)
    looked_at = len(said)
    if left or not looked_at:
        return AuditStanding(audit.ordinal, audit.population, len(audit.sample), looked_at, wrong, None)
    ppm = round(bound(looked_at, wrong, confidence=CONFIDENCE).upper * PPM)
    if audit.ended is None:
        facts = {"sample": looked_at, "wrong": wrong, "bound_ppm": ppm}
        with transaction.atomic():
            rewrite(archive, [audit], ended=now, facts=facts)
            event = Event(
                archive.agent, "audited", (f"audit:{audit.id}",), {"population": audit.population, **facts}
            )
            book.write(archive.case_id, [event], now=now)
    return AuditStanding(audit.ordinal, audit.population, len(audit.sample), looked_at, wrong, ppm)


def concluded(case: str) -> Sequence[Audit]:
    """Audits that have ended, the last first."""
    return list(Audit.objects.filter(case_id=case).exclude(ended=None).order_by("-ordinal"))
