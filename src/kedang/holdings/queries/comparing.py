"""What has changed since everybody was compared last: records, ties and judgements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.db.models import Sum

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.judgements import open_judgement
from kedang.holdings.adapters.kept_comparison import Kept, Said
from kedang.holdings.adapters.record_marks import HALF, NEW, SAME, Marking, RecordMarks, compared
from kedang.holdings.models import Judgement, KeptComparison, Link, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.parting import standing
from kedang.pipeline.resolving_messages import At, JudgedPair, LookWider
from kedang.records.ids import CaseId

OF_PAIRS = ("same", "different")
OF_CUSTOMERS = ("split", "moved")
_ROWS = 5000  # read from the database at once


def comparable(archive: Archive) -> Any:
    """Records whose mentions can be compared: their customers have been founded, as far as that is certain."""
    rows = Record.objects.filter(case_id=archive.case_id, founded=True, awaits_ocr=False)
    return rows.exclude(key_page="")


def uncompared(case: CaseId) -> int:
    """About how many records have not been compared, for who has no keys: those that have come since, counted."""
    rows = Record.objects.filter(case_id=case, founded=True, awaits_ocr=False, mentions_length__gt=0)
    kept = KeptComparison.objects.filter(case_id=case).aggregate(records=Sum("records"))["records"]
    return max(0, rows.exclude(key_page="").count() - (kept or 0))


def marks(archive: Archive, by_person: Forwarding) -> RecordMarks:
    """A mark of each record that names somebody: it changes with its mentions, its links and whose they are."""
    marking = Marking()
    columns = ("id", "derived_pack", "mentions_offset", "mentions_length")
    rows = comparable(archive).filter(mentions_length__gt=0).values_list(*columns)
    for one, *place in rows.iterator(chunk_size=_ROWS):
        marking.add(one, _number(repr(place)))
    found = marking.in_order()
    links = Link.objects.filter(case_id=archive.case_id).values_list("record_id", "customer_id", "mac")
    for record, customer, mac in links.iterator(chunk_size=_ROWS):
        if (place := found.place_of(record)) is not None:
            found.tie(place, _number(f"{by_person.head(customer)}{bytes(mac).hex()}"))
    return found


def _number(said: str) -> int:
    return int.from_bytes(blake2b(said.encode(), digest_size=HALF).digest(), "big")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What persons have judged, as it holds now."""

    pairs: Mapping[str, Sequence[tuple[At, At]]] = field(repr=False)
    """By verdict."""
    apart: Sequence[tuple[str, str]]
    """Customers that a person has split."""
    said: Sequence[Said] = field(repr=False)
    """All of it, to be compared with what was said before."""
    judged: Sequence[JudgedPair] = field(repr=False)
    """What the weights learn from."""


def spoken(archive: Archive, by_person: Forwarding) -> Spoken:
    """What persons have judged."""
    pairs: dict[str, list[tuple[At, At]]] = {kind: [] for kind in OF_PAIRS}
    judged: dict[tuple[At, At], JudgedPair] = {}
    apart, said = [], []
    for row in standing(archive):
        if row.kind in OF_PAIRS:
            pair = pair_of(row)
            pairs[row.kind].append(pair)
            said.append((row.kind, *pair[0], *pair[1]))
            if (one := _judged(archive, row)) is not None:
                judged[pair] = one
        elif row.kind in OF_CUSTOMERS and row.customer:
            two = by_person.head(row.customer), by_person.head(row.other)
            apart.append(two)
            said.append((row.kind, two[0], 0, two[1], 0))
    return Spoken(pairs, apart, said, list(judged.values()))


def _judged(archive: Archive, row: Judgement) -> JudgedPair | None:
    """The levels of a pair that was scored before it was judged."""
    evidence = open_judgement(archive, row).get("evidence", {})
    if "kind" not in evidence:
        return None
    levels = {step["what"]: step["level"] for step in evidence["steps"] if step["level"]}
    return JudgedPair(evidence["kind"], levels, row.kind == "same")


def pair_of(row: Judgement) -> tuple[At, At]:
    """The two mentions of a judgement."""
    return (
        (str(row.first_id), int(row.first_mention or 0)),
        (str(row.second_id), int(row.second_mention or 0)),
    )


@dataclass(frozen=True, slots=True)
class Since:
    """What is not as it was."""

    now: RecordMarks = field(repr=False)
    states: bytearray = field(repr=False)
    """Of each record of `now`: `SAME`; `NEW`, not compared as its mentions are now; `TIED`, its links have changed."""
    wider: LookWider

    @property
    def count(self) -> int:
        """How many records are new, or have other links."""
        return len(self.states) - self.states.count(SAME)

    @property
    def has_changed(self) -> bool:
        """Whether anything is not as it was: records, ties or judgements."""
        return bool(self.count or self.wider.mentions or self.wider.customers or self.wider.gone)

    def is_new(self, record: str) -> bool:
        """Whether the record's mentions were not compared as they are now."""
        place = self.now.place_of(record)
        return place is not None and self.states[place] == NEW

    def changed(self) -> Iterator[str]:
        """Records that are new, and those whose links have changed, in order."""
        return (self.now.id_at(place) for place, state in enumerate(self.states) if state != SAME)

    def is_changed(self, record: str) -> bool:
        """Whether the record is one of them."""
        place = self.now.place_of(record)
        return place is not None and self.states[place] != SAME


def since(kept: Kept | None, now: RecordMarks, spoken: Spoken) -> Since:
    """What has changed since this was kept."""
    then = RecordMarks() if kept is None else kept.marks
    changed = {*(() if kept is None else kept.said)} ^ {*spoken.said}
    states, gone = compared(then, now)
    wider = LookWider(
        mentions=tuple(
            at
            for kind, one, place, other, at_other in sorted(changed)
            if kind in OF_PAIRS
            for at in ((one, place), (other, at_other))
        ),
        customers=tuple(
            one
            for kind, *two in sorted(changed)
            if kind in OF_CUSTOMERS
            for one in (str(two[0]), str(two[2]))
        ),
        gone=tuple(gone),
        judged=tuple(spoken.judged),
    )
    return Since(now, states, wider)
