"""Review by sample: records drawn at random from a batch are looked at, then the whole batch is accepted or sent back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from kedang.holdings.actions.reviewing import ACCEPTED, SENT_BACK_VERDICT, Clock, Looked, accept, send_back
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written, rewrite
from kedang.holdings.checking_errors import BatchUnknown, SampleNotLookedAt, SampleStale, ValueImpossible
from kedang.holdings.models import Record, ReviewBatch
from kedang.holdings.queries.corrections import sorters_of
from kedang.holdings.queries.standard_checks import clauses_not_met
from kedang.ledger.leaves import Event

MOST = 900
"""Records of one batch: they are numbered in one transaction."""
GIVEN_UP = "given-up"
GOOD, BAD = "good", "bad"


def draw(
    archive: Archive, waiting: QuerySet[Record], size: int, *, chance: random.Random, clock: Clock
) -> ReviewBatch:
    """A batch of the first records that wait, meet the standard and were not sorted by the reviewer; and its sample.

    `waiting` are those that the reviewer may accept. What is in another open batch is left out.

    Raises:
        ValueImpossible: the sample is empty. BatchUnknown: there is nothing to draw from.
    """
    if size < 1:
        raise ValueImpossible(field="sample")
    now = clock()
    with transaction.atomic():
        taken = in_open_batches(archive.case_id)
        rows = waiting.filter(case_id=archive.case_id, state="review").exclude(id__in=taken)
        some = list(rows.order_by("first_order")[:MOST])
        own = sorters_of(archive, [one.id for one in some])
        failing = clauses_not_met(archive, some)
        fit = [one for one in some if not failing[one.id] and archive.agent not in own.get(one.id, ())]
        if not fit:
            raise BatchUnknown()
        sample = chance.sample([one.id for one in fit], min(size, len(fit)))
        last = ReviewBatch.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
        batch = ReviewBatch(
            id=archive.new_id(),
            case_id=archive.case_id,
            ordinal=(last or 0) + 1,
            agent_id=archive.agent,
            drawn=now,
            records=[[one.id, state_seen(one)] for one in fit],
            sample=sample,
        )
        guarded(archive, batch).save(force_insert=True)
        objects = (f"batch:{batch.id}", *(f"record:{one}" for one in sample))
        event = Event(archive.agent, "review-sampled", objects, {"population": len(fit)})
        book.write(archive.case_id, [event], now=now)
    return batch


def in_open_batches(case: str) -> list[str]:
    """The ids of all records that are in a batch which has not ended."""
    rows = ReviewBatch.objects.filter(case_id=case, ended=None).values_list("records", flat=True)
    return [one for records in rows for one, _ in records]


def look(archive: Archive, batch_id: str, record_id: str, verdict: str) -> ReviewBatch:
    """Note what the reviewer says of one record of the sample.

    Raises:
        BatchUnknown: the batch is not open, not his, or has no such record in its sample.
    """
    if verdict not in (GOOD, BAD):
        raise ValueImpossible(field="verdict")
    with transaction.atomic():
        batch = _open_batch(archive, batch_id)
        if record_id not in batch.sample:
            raise BatchUnknown()
        rewrite(archive, [batch], looked={**batch.looked, record_id: verdict})
    return batch


def end_batch(
    archive: Archive,
    batch_id: str,
    verdict: str,
    reason: str,
    *,
    allowed: QuerySet[Record],
    clock: Clock,
) -> tuple[int, int]:
    """Accept or send back the whole batch, or give it up; how many that were, and how many were left alone.

    Left alone is what was changed, or withdrawn from the reviewer, since the sample was drawn: it waits on.

    Raises:
        BatchUnknown, SampleNotLookedAt, SampleStale, ReasonNeeded: nothing is changed.
    """
    now = clock()
    with transaction.atomic():
        batch = _open_batch(archive, batch_id)
        seen = _still_as_seen(archive, batch, allowed)
        if verdict == ACCEPTED:
            _require_good(batch, seen)
            count = len(accept(archive, Looked(seen, reason, batch.id), clock=clock))
        elif verdict == SENT_BACK_VERDICT:
            count = send_back(archive, Looked(seen, reason, batch.id), clock=clock) if seen else 0
        elif verdict == GIVEN_UP:
            count = 0
        else:
            raise ValueImpossible(field="verdict")
        left_out = 0 if verdict == GIVEN_UP else len(batch.records) - count
        _end(archive, batch, verdict, left_out, now=now)
    return count, left_out


def _end(archive: Archive, batch: ReviewBatch, verdict: str, left_out: int, *, now: datetime) -> None:
    rewrite(archive, [batch], ended=now, verdict=verdict)
    facts: dict[str, str | int] = {
        "outcome": verdict,
        "population": len(batch.records),
        "sample": len(batch.looked),
        "wrong": _bad(batch),
        **({"left_out": left_out} if left_out else {}),
    }
    event = Event(archive.agent, "review-batch-ended", (f"batch:{batch.id}",), facts)
    book.write(archive.case_id, [event], now=now)


def _open_batch(archive: Archive, batch_id: str) -> ReviewBatch:
    rows = ReviewBatch.objects.select_for_update().filter(case_id=archive.case_id, id=batch_id)
    batch = rows.filter(ended=None, agent_id=archive.agent).first()
    if batch is None:
        raise BatchUnknown()
    require_as_written(MARKS[ReviewBatch], archive, batch)
    return batch


def _still_as_seen(archive: Archive, batch: ReviewBatch, allowed: QuerySet[Record]) -> dict[str, str]:
    """The records of the batch that are what they were when it was drawn."""
    seen = dict(batch.records)
    rows = allowed.filter(case_id=archive.case_id, state="review", id__in=list(seen))
    own = sorters_of(archive, list(seen))
    return {
        one.id: seen[one.id]
        for one in rows
        if state_seen(one) == seen[one.id] and archive.agent not in own.get(one.id, ())
    }


def _require_good(batch: ReviewBatch, seen: dict[str, str]) -> None:
    left = [one for one in batch.sample if one not in batch.looked]
    if left or _bad(batch):
        raise SampleNotLookedAt(left=len(left), bad=_bad(batch))
    if any(one not in seen for one in batch.sample):
        raise SampleStale()


def _bad(batch: ReviewBatch) -> int:
    return sum(verdict == BAD for verdict in batch.looked.values())


def sample_sizes(population: int) -> Sequence[int]:
    """Sizes of a sample that are offered for so many records."""
    return [size for size in (5, 10, 20, 50, 100) if size < population] + [population][: population <= MOST]
