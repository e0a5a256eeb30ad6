"""Which papers of one customer are one dealing 往来: contract → order → payment → invoice → delivery, and what is missing.

Papers that share a contract, order or invoice number are one dealing. A paper without such a number joins the one dealing
that lacks its step, has the same total and lies near in time; that is said. Nothing is joined across customers.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from typing import Any

from kedang.records.content import Fact, RecordClass

_DATA: Mapping[str, Any] = tomllib.loads(
    files("kedang.resolution").joinpath("dealings.toml").read_text(encoding="utf-8")
)
_NUMBERS = ("contract_number", "order_number", "invoice_number")
_SHORTEST_NUMBER = 5  # characters; a year or a page is no number of a paper
_HEAD = 60  # code points of a text in which the name of a form stands
_YEARS = (1900, 2100)
_MONEY = re.compile(r"[¥￥元圆]|\.\d\d(?!\d)")
_BESIDE = (2, 4)  # code points before and behind a number in which a sign of money or the cents stand
_CENT = Decimal("0.01")


class PaperKind(StrEnum):
    """What a paper is in a dealing."""

    CONTRACT = "contract"
    ORDER = "order"
    PAYMENT = "payment"
    INVOICE = "invoice"
    DELIVERY = "delivery"
    QUOTATION = "quotation"
    STATEMENT = "statement"


STEPS = tuple(PaperKind(step) for step in _DATA["steps"]["expected"])
_ANCHORS = frozenset(PaperKind(step) for step in _DATA["steps"]["anchors"])
_FORMS = [(PaperKind(one["kind"]), tuple(one["words"])) for one in _DATA["paper"]]


@dataclass(frozen=True, slots=True)
class Paper:
    """One record as a step of a dealing."""

    record: str
    kind: PaperKind
    numbers: frozenset[str] = frozenset()
    """`kind:number` of contract, order and invoice."""
    total: Decimal | None = None
    """Yuan; None when no amount was recognised."""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Something missing or different: its code in dealings.toml and the values its words want."""

    code: str
    values: Mapping[str, str]

    def words(self, language: str) -> str:
        """For a person, in `zh` or `en`."""
        return str(_DATA["lines"][self.code][language]).format(**self.values)


@dataclass(frozen=True, slots=True)
class Dealing:
    """Papers that belong together, the sums by step, and what does not fit."""

    papers: tuple[Paper, ...]
    by_amount: frozenset[str]
    """Records that were joined by amount and day only."""
    sums: Mapping[PaperKind, Decimal]
    gaps: tuple[Line, ...]

    @property
    def is_closed(self) -> bool:
        """Whether every step is there and the sums agree."""
        return not self.gaps


UNLINKED = Line("unlinked", {})
"""Of a paper that is no customer's."""


def paper_of(
    record: str,
    record_class: RecordClass,
    title: str,
    text: str,
    facts: Sequence[Fact],
    day: date | None,
) -> Paper | None:
    """The record as a step of a dealing; None when it is no such paper."""
    kind = _kind_of(record_class, title, text)
    if kind is None:
        return None
    numbers = frozenset(
        f"{fact.kind}:{fact.value.casefold()}"
        for fact in facts
        if fact.kind in _NUMBERS and len(fact.value) >= _SHORTEST_NUMBER
    )
    return Paper(record, kind, numbers, _total_of(facts, text), day)


def _kind_of(record_class: RecordClass, title: str, text: str) -> PaperKind | None:
    if record_class is RecordClass.CONTRACT:
        return PaperKind.CONTRACT
    if record_class is not RecordClass.TRANSACTION:
        return None
    for head in (text[:_HEAD].casefold(), title.casefold()):
        for kind, words in _FORMS:
            if any(word in head for word in words):
                return kind
    return None


def _total_of(facts: Sequence[Fact], text: str) -> Decimal | None:
    """The largest amount; a whole number that may be a year is none."""
    amounts = [
        Decimal(fact.value) for fact in facts if fact.kind == "amount" and not _may_be_year(fact, text)
    ]
    return max(amounts).quantize(_CENT) if amounts else None


def _may_be_year(fact: Fact, text: str) -> bool:
    """Whether it is a whole number of a year's size that neither cents nor a word for money stand beside."""
    amount = Decimal(fact.value)
    if amount != amount.to_integral_value() or not _YEARS[0] <= amount <= _YEARS[1]:
        return False
    return _MONEY.search(text[max(fact.start - _BESIDE[0], 0) : fact.end + _BESIDE[1]]) is None


def dealings_of(papers: Iterable[Paper]) -> tuple[Dealing, ...]:
    """The dealings of one customer, earliest first. The order of `papers` does not matter."""
    ordered = sorted(papers, key=lambda paper: (paper.day or date.max, paper.kind.value, paper.record))
    groups = _by_number(ordered)
    joined = _by_amount(groups)
    found = [_dealing(group, joined) for group in groups if group]
    return tuple(sorted(found, key=lambda one: (one.papers[0].day or date.max, one.papers[0].record)))


def _by_number(papers: Sequence[Paper]) -> list[list[Paper]]:
    group_of: dict[str, int] = {}
    groups: list[list[Paper]] = []
    for paper in papers:
        touched = sorted({group_of[number] for number in paper.numbers if number in group_of})
        target = touched[0] if touched else len(groups)
        if not touched:
            groups.append([])
        groups[target].append(paper)
        for other in touched[1:]:
            groups[target].extend(groups[other])
            groups[other] = []
        for member in groups[target]:
            group_of.update(dict.fromkeys(member.numbers, target))
    return groups


def _by_amount(groups: list[list[Paper]]) -> frozenset[str]:
    """Move single papers into the one dealing that wants them; the records that were moved."""
    moved: set[str] = set()
    wanting: dict[Decimal, list[list[Paper]]] = defaultdict(list)
    for group in groups:
        for total in {one.total for one in group if one.kind in _ANCHORS and one.total is not None}:
            wanting[total].append(group)
    for group in groups:
        if len(group) != 1 or group[0].kind in _ANCHORS or group[0].kind not in STEPS:
            continue
        (paper,) = group
        if paper.total is None or paper.day is None:
            continue
        takers = [one for one in wanting[paper.total] if _lacks(one, paper) and _near(one, paper.day)]
        if len(takers) == 1:
            takers[0].append(paper)
            moved.add(paper.record)
            group.clear()
    return frozenset(moved)


def _lacks(group: Sequence[Paper], paper: Paper) -> bool:
    return bool(group) and all(one.kind is not paper.kind for one in group)


def _near(group: Sequence[Paper], day: date) -> bool:
    days = [one.day for one in group if one.kind in _ANCHORS and one.day is not None]
    return any(abs((one - day).days) <= _DATA["near"]["days"] for one in days)


def _dealing(group: Sequence[Paper], moved: frozenset[str]) -> Dealing:
    papers = tuple(
        sorted(
            group,
            key=lambda one: (
                one.day or date.max,
                STEPS.index(one.kind) if one.kind in STEPS else 9,
                one.record,
            ),
        )
    )
    sums: dict[PaperKind, Decimal] = {}
    for paper in _originals(papers):
        if paper.total is not None and paper.kind in STEPS:
            sums[paper.kind] = sums.get(paper.kind, Decimal(0)) + paper.total
    by_amount = frozenset(one.record for one in papers if one.record in moved)
    return Dealing(papers, by_amount, sums, tuple(_gaps(papers, sums, len(by_amount))))


def _originals(papers: Iterable[Paper]) -> list[Paper]:
    """Without copies: a scan and the file of one contract share kind, number and total and count once."""
    kept: list[Paper] = []
    for paper in papers:
        if not any(
            (one.kind, one.total) == (paper.kind, paper.total) and one.numbers & paper.numbers for one in kept
        ):
            kept.append(paper)
    return kept


def _gaps(papers: Sequence[Paper], sums: Mapping[PaperKind, Decimal], by_amount: int) -> Iterable[Line]:
    kinds = {paper.kind for paper in papers}
    if not kinds & set(STEPS):
        return
    if kinds & _ANCHORS:
        yield from (Line(f"missing-{step.value}", {}) for step in STEPS if step not in kinds)
    else:
        yield Line("without-anchor", {})
    agreed_by = next((step for step in STEPS if step in _ANCHORS and step in sums), None)
    if agreed_by is not None:
        agreed = sums[agreed_by]
        for step in STEPS:
            if step is not agreed_by and step in sums and sums[step] != agreed:
                values = {"found": sums[step], "agreed": agreed, "difference": sums[step] - agreed}
                yield Line(f"differs-{step.value}", {key: f"{value:,.2f}" for key, value in values.items()})
    unknown = sum(paper.total is None for paper in papers if paper.kind in STEPS)
    if unknown:
        yield Line("amount-unknown", {"papers": str(unknown)})
    if by_amount:
        yield Line("joined-by-amount", {"papers": str(by_amount)})


@dataclass(frozen=True, slots=True)
class Control:
    """How many papers of a kind there ought to be and what they come to, as a person says or a tax system exports."""

    kind: PaperKind
    count: int | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One kind of paper: found against told. Differences are found minus told; None where nothing was told."""

    kind: PaperKind
    count: int
    total: Decimal
    without_total: int
    """Papers on which no amount was recognised."""
    count_difference: int | None
    total_difference: Decimal | None


def reconcile(papers: Iterable[Paper], controls: Iterable[Control]) -> tuple[Reconciled, ...]:
    """Counts and sums of the papers by kind against the control totals, in the order of the steps."""
    told = {control.kind: control for control in controls}
    by_kind: dict[PaperKind, list[Paper]] = defaultdict(list)
    for paper in sorted(papers, key=lambda one: one.record):
        by_kind[paper.kind].append(paper)
    lines = []
    for kind in STEPS:
        mine, control = _originals(by_kind[kind]), told.get(kind, Control(kind))
        total = sum((paper.total for paper in mine if paper.total is not None), Decimal(0))
        lines.append(
            Reconciled(
                kind=kind,
                count=len(mine),
                total=total,
                without_total=sum(paper.total is None for paper in mine),
                count_difference=None if control.count is None else len(mine) - control.count,
                total_difference=None if control.total is None else total - control.total,
            )
        )
    return tuple(lines)
