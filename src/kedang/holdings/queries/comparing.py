"""What has changed since everybody was compared last: records, ties and judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.judgements import open_judgement
from kedang.holdings.adapters.kept_comparison import Kept
from kedang.holdings.models import Judgement, Link, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.parting import standing
from kedang.pipeline.resolving_messages import At, JudgedPair, LookWider

HALF = 8
"""Bytes of a mark that say where the mentions lie; the others say whose they are."""
OF_PAIRS = ("same", "different")
OF_CUSTOMERS = ("split", "moved")
Said = tuple[str, str, int, str, int]


def comparable(archive: Archive) -> Any:
    """Records whose mentions can be compared: their customers have been founded, as far as that is certain."""
    rows = Record.objects.filter(case_id=archive.case_id, founded=True, awaits_ocr=False)
    return rows.exclude(key_page="")


def marks(archive: Archive, by_person: Forwarding) -> dict[str, bytes]:
    """A mark of each record that names somebody: it changes with its mentions, its links and whose they are."""
    case = archive.case_id
    ties: dict[str, int] = {}
    links = Link.objects.filter(case_id=case).values_list("record_id", "customer_id", "mac")
    for record, customer, mac in links.iterator(chunk_size=5000):
        ties[record] = ties.get(record, 0) ^ _number(f"{by_person.head(customer)}{bytes(mac).hex()}")
    columns = ("id", "derived_pack", "mentions_offset", "mentions_length")
    rows = comparable(archive).filter(mentions_length__gt=0).values_list(*columns)
    return {
        one: b"".join(number.to_bytes(HALF, "big") for number in (_number(repr(place)), ties.get(one, 0)))
        for one, *place in rows.iterator(chunk_size=5000)
    }


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
        elif row.kind in OF_CUSTOMERS:
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

    new: frozenset[str]
    """Records whose mentions were not compared as they are now."""
    tied: frozenset[str]
    """Records whose links have changed."""
    wider: LookWider


def since(kept: Kept | None, now: Mapping[str, bytes], spoken: Spoken) -> Since:
    """What has changed since this was kept."""
    then, before = ({}, []) if kept is None else (kept.marks, kept.said)
    new = frozenset(one for one, mark in now.items() if then.get(one, b"")[:HALF] != mark[:HALF])
    tied = frozenset(one for one, mark in now.items() if one not in new and then[one] != mark)
    changed = {*before} ^ {*spoken.said}
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
        gone=tuple(sorted(then.keys() - now.keys())),
        judged=tuple(spoken.judged),
    )
    return Since(new, tied, wider)
