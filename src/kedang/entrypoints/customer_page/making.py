"""Pages made of what the queries found: the file of a customer, and the reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kedang.entrypoints.customer_page import parts
from kedang.entrypoints.customer_page.blocks import Block, Head, Holds, Known, Listed, Mood, Page, Part, Said
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.records.days import said_day

_PARTS: tuple[tuple[str, Callable[[parts.File, PageWords], Iterator[Block]]], ...] = (
    ("profile", parts.profile_part),
    ("dealings", parts.dealings_part),
    ("signs", parts.signs_part),
    ("records", parts.records_part),
    ("timeline", parts.timeline_part),
    ("evidence", parts.evidence_part),
    ("judgements", parts.judgements_part),
    ("not-kept", parts.not_kept_part),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose archive it is and when the page was made."""

    case_name: str
    fonds: str
    made_at: datetime


def customer_page(file: Mapping[str, Any], standing: Standing, words: PageWords) -> Page:
    """A customer's whole file."""
    numbers = "、".join(str(one["number"]) for one in file["merged"])
    about = [
        (words.say("customer-number"), str(file["number"])),
        (words.say("kind"), words.of("kind", file["kind"])),
        (words.say("fonds"), f"{standing.case_name} {standing.fonds}"),
        (words.say("made-at"), words.moment(standing.made_at)),
    ]
    if numbers:
        about.insert(1, (words.say("merged-numbers"), numbers))
    open_dealings = sum(not one["closed"] for one in file["dealings"])
    figures = (
        (str(len(file["documents"])), words.say("figure-records")),
        (f"{open_dealings} / {len(file['dealings'])}", words.say("figure-dealings")),
        (str(len(file["signs"])), words.say("figure-signs")),
        (words.day(file["retention"]["until"]), words.say("figure-until")),
    )
    return Page(
        kicker=words.say("customer-kicker"),
        title=file["name"] or words.say("nameless"),
        subtitle=words.say("customer-title"),
        about=Known(tuple(about)),
        figures=figures,
        warning=(words.say("warning-head"), words.say("warning")),
        parts=tuple(Part(key, words.say(key), tuple(make(file, words))) for key, make in _PARTS),
        foot=words.say("foot", fonds=standing.fonds, day=said_day(standing.made_at, words.language)),
        running=words.say("customer-running", fonds=standing.fonds, number=file["number"]),
    )


def reconciliation_page(found: Mapping[str, Any], standing: Standing, words: PageWords) -> Page:
    """The reconciliation of a case or of one customer, as `reconciliation_json` gives it."""
    verdict = Said(words.say("not-reconciled"), Mood.BAD)
    if found["agrees"]:
        verdict = Said(words.say("reconciled"), Mood.GOOD)
        if not found["dealings"]:
            verdict = Said(words.say("no-papers"), Mood.EMPTY)
    return Page(
        kicker=words.say("reconcile-kicker"),
        title=standing.case_name,
        subtitle=words.say("reconcile-title"),
        about=Known(
            ((words.say("fonds"), standing.fonds), (words.say("made-at"), words.moment(standing.made_at)))
        ),
        figures=(
            (words.number(found["dealings"]), words.say("figure-all-dealings")),
            (words.number(found["closed"]), words.say("figure-closed")),
            (words.number(len(found["gaps"])), words.say("figure-gaps")),
            (words.number(found["lists"]), words.say("figure-lists")),
        ),
        warning=(words.say("warning-head"), words.say("warning")),
        parts=(
            Part("totals", words.say("totals"), (verdict, totals_table(found, words))),
            Part("gaps", words.say("gaps"), tuple(_gaps(found, words))),
        ),
        foot=words.say("foot", fonds=standing.fonds, day=said_day(standing.made_at, words.language)),
        running=words.say("reconcile-running", fonds=standing.fonds),
    )


def totals_table(found: Mapping[str, Any], words: PageWords) -> Listed:
    """What was found of each kind of paper, against what was told."""
    heads = [Head(words.say("paper"))]
    names = ("count", "sum", "without-amount", "told-count", "told-sum", "count-difference", "sum-difference")
    heads += [Head(words.say(name), Holds.NUMBER) for name in names]
    rows = tuple(
        (
            words.of("paper", one["kind"]),
            words.number(one["count"]),
            parts.money(one["total"]),
            words.number(one["without_total"]),
            _told(one["told_count"]),
            _told_money(one["told_total"]),
            _told(one["count_difference"], signed=True),
            _told_money(one["total_difference"], signed=True),
        )
        for one in found["totals"]
    )
    return Listed(words.say("totals"), tuple(heads), rows)


def _told(value: int | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:+,}" if signed and value else f"{value:,}"


def _told_money(value: str | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    said = parts.money(value)
    return said if not signed or said.startswith("-") or said == "0.00" else f"+{said}"


def _gaps(found: Mapping[str, Any], words: PageWords) -> Iterator[Block]:
    if found["lists"]:
        yield Said(words.say("lists-left-out", count=found["lists"]))
    if not found["gaps"]:
        none = "no-gaps" if found["dealings"] else "no-papers"
        yield Said(words.say(none), Mood.GOOD if found["dealings"] else Mood.EMPTY)
        return
    yield Said(words.say("gaps-lead"))
    heads = (
        Head(words.say("customer")), Head(words.say("name")), Head(words.say("gap")), Head(words.say("where"), Holds.CODES),
    )  # fmt: skip
    rows = tuple(
        (
            str(one["customer"] or "–"),
            one["name"] or words.say("nobody"),
            one[words.short],
            parts.some_of(one["reference_codes"], words),
        )
        for one in found["gaps"]
    )
    yield Listed(words.say("gaps"), heads, rows)
