"""The parts of a customer's file: who, dealings, signs, records, days, grounds, decisions, what is not kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kedang.entrypoints.customer_page.blocks import (
    Bar,
    Block,
    Chain,
    Head,
    Holds,
    Known,
    Listed,
    Mood,
    Said,
    Step,
    Waterfall,
)
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.resolution.dealings import STEPS

SOURCES_SHOWN = 6
"""Reference codes beside a value; the others are counted, and the JSON has them all."""
_ADVICE = frozenset({"joined-by-amount", "amount-unknown"})
_CALM = frozenset({"complaint-closed"})
File = Mapping[str, Any]


def code_of(one: Mapping[str, Any]) -> str:
    """What a record is called: its reference code, else the beginning of its id."""
    return str(one["reference_code"] or one["record_id"][:12])


def codes_of(file: File) -> dict[str, str]:
    """The same by record id."""
    named = [*file["documents"], *file["links"]]
    return {one["record_id"]: code_of(one) for one in named}


def some_of(codes: Iterable[str], words: PageWords) -> str:
    """The first of them, and how many more there are."""
    listed = list(dict.fromkeys(codes))
    said = ("、" if words.chinese else ", ").join(listed[:SOURCES_SHOWN])
    more = len(listed) - SOURCES_SHOWN
    return said + (words.say("and-more", count=more) if more > 0 else "")


def profile_part(file: File, words: PageWords) -> Iterator[Block]:
    """Each value with the records that say it; the first of a field is said by most."""
    rows = [
        (
            words.of("value", field["field"]) if place == 0 else words.say("rival"),
            said["value"],
            words.number(len(said["sources"])),
            some_of((code_of(source) for source in said["sources"]), words),
        )
        for field in file["profile"]
        for place, said in enumerate(field["values"])
    ]
    if not rows:
        yield Said(words.say("no-profile"), Mood.EMPTY)
        return
    yield Said(words.say("profile-lead"))
    heads = (
        Head(words.say("field")),
        Head(words.say("said-value")),
        Head(words.say("sources"), Holds.NUMBER),
        Head(words.say("where"), Holds.CODES),
    )
    yield Listed(words.say("profile"), heads, tuple(rows))


def dealings_part(file: File, words: PageWords) -> Iterator[Block]:
    """Each dealing as a chain of five steps, with what is missing under it."""
    if not file["dealings"]:
        yield Said(words.say("no-dealings"), Mood.EMPTY)
        return
    yield Said(words.say("dealings-lead"))
    codes = codes_of(file)
    for number, dealing in enumerate(file["dealings"], start=1):
        yield _chain(dealing, number, codes, words)


def _chain(dealing: Mapping[str, Any], number: int, codes: Mapping[str, str], words: PageWords) -> Chain:
    codes_of_gaps = {gap["code"] for gap in dealing["gaps"]}
    steps = []
    for step in STEPS:
        papers = [one for one in dealing["papers"] if one["kind"] == step.value]
        mood = Mood.WAITING if f"differs-{step.value}" in codes_of_gaps else Mood.GOOD
        total = dealing["sums"].get(step.value)
        amount = money(total) if total else words.say("no-amount")
        if not papers:
            missing = f"missing-{step.value}" in codes_of_gaps
            mood, amount = (Mood.BAD, words.say("missing")) if missing else (Mood.EMPTY, "–")
        note = " ".join(codes.get(one["record_id"], "") for one in papers[:3])
        steps.append(Step(words.of("paper", step.value), amount, note, mood))
    days = [one["date"] for one in dealing["papers"] if one["date"]]
    span = " – ".join(words.day(one) for one in dict.fromkeys((min(days), max(days)))) if days else ""
    gaps = [
        Said(gap[words.short], Mood.WAITING if gap["code"] in _ADVICE else Mood.BAD)
        for gap in dealing["gaps"]
    ]
    if not gaps:
        gaps = [Said(words.say("dealing-closed"), Mood.GOOD)]
    return Chain(words.say("dealing-title", number=number, span=span), tuple(steps), tuple(gaps))


def money(amount: str) -> str:
    """Yuan with separators and cents."""
    return f"{Decimal(amount):,.2f}"


def signs_part(file: File, words: PageWords) -> Iterator[Block]:
    """What somebody must look at, and why."""
    if not file["signs"]:
        yield Said(words.say("no-signs"), Mood.EMPTY)
        return
    yield Said(words.say("signs-lead"))
    codes = codes_of(file)
    rows = [
        (
            words.of("sign", sign["code"]),
            sign[words.short] + " " * (not words.chinese) + sign[f"why_{words.short}"],
            some_of((codes.get(one, one[:12]) for one in sign["records"]), words),
        )
        for sign in sorted(file["signs"], key=lambda one: one["code"] in _CALM)
    ]
    heads = (Head(words.say("sign")), Head(words.say("found")), Head(words.say("where"), Holds.CODES))
    yield Listed(words.say("signs"), heads, tuple(rows))


def records_part(file: File, words: PageWords) -> Iterator[Block]:
    """His records by class with the last day of each, and when nothing is left to keep."""
    if not file["documents"]:
        yield Said(words.say("no-records"), Mood.EMPTY)
        return
    yield _nothing_left(file["retention"], words)
    by_class: dict[str, list[Mapping[str, Any]]] = {}
    for one in file["documents"]:
        by_class.setdefault(one["class"], []).append(one)
    heads = (
        Head(words.say("reference"), Holds.CODES),
        Head(words.say("title")),
        Head(words.say("date"), Holds.DAY),
        Head(words.say("standing")),
        Head(words.say("keep-until"), Holds.LAST_DAY),
    )
    for name, some in sorted(by_class.items()):
        caption = words.say("class-count", name=words.of("class", name), count=len(some))
        yield Listed(caption, heads, tuple(_record(one, words) for one in some), shown=True)


def _record(one: Mapping[str, Any], words: PageWords) -> tuple[str, ...]:
    kind = words.of("paper", one["paper"]) if one["paper"] else words.of("standing", one["standing"])
    until = words.day(one["retention"]["until"])
    return code_of(one), one["title"] or "–", words.day(one["date"]), kind, until


def _nothing_left(kept: Mapping[str, Any], words: PageWords) -> Said:
    until, not_before = kept["until"], kept["not_before"]
    if until == "undetermined":
        more = words.say("not-before", day=words.day(not_before)) if not_before else ""
        return Said(words.say("left-undetermined", count=kept["undetermined"]), Mood.WAITING, more)
    if until == "permanent":
        return Said(words.say("left-permanent", count=kept["permanent"]), Mood.PLAIN)
    return Said(words.say("left-until", day=words.day(until)), Mood.PLAIN, words.say("left-review"))


def timeline_part(file: File, words: PageWords) -> Iterator[Block]:
    """What happened when, and which record says so."""
    if not file["timeline"]:
        yield Said(words.say("no-timeline"), Mood.EMPTY)
        return
    titles = {one["record_id"]: one for one in file["documents"]}
    rows = tuple(
        (
            words.day(one["date"]),
            words.of("day", one["what"]),
            titles[one["record_id"]]["title"] or "–",
            code_of(titles[one["record_id"]]),
        )
        for one in file["timeline"]
    )
    heads = (
        Head(words.say("date"), Holds.DAY), Head(words.say("what")), Head(words.say("title")), Head(words.say("reference"), Holds.CODES),
    )  # fmt: skip
    yield Listed(words.say("timeline"), heads, rows)


def evidence_part(file: File, words: PageWords) -> Iterator[Block]:
    """Why each record is his: certain grounds in a table, weighed ones as waterfalls."""
    if not file["links"]:
        yield Said(words.say("no-links"), Mood.EMPTY)
        return
    yield Said(words.say("evidence-lead"))
    grounds: dict[str, list[str]] = {}
    for link in file["links"]:
        grounds.setdefault(link["ground"], []).append(code_of(link))
    rows = [
        (words.of("ground", ground), words.number(len(codes)), some_of(codes, words))
        for ground, codes in grounds.items()
    ]
    heads = (
        Head(words.say("ground")),
        Head(words.say("records-count"), Holds.NUMBER),
        Head(words.say("where"), Holds.CODES),
    )
    yield Listed(words.say("grounds"), heads, tuple(rows))
    yield from _waterfalls(file["links"], words)


def _waterfalls(links: Sequence[Mapping[str, Any]], words: PageWords) -> Iterator[Waterfall]:
    """One for each different evidence; equal ones are shown once with all the records they hold for."""
    alike: dict[tuple[tuple[str, int], ...], list[tuple[str, Mapping[str, Any]]]] = {}
    for link in links:
        for joined in link["joined"]:
            said = joined["evidence"]
            steps = tuple((one[words.short], one["millibits"]) for one in said.get("steps", ()))
            if steps:
                alike.setdefault(steps, []).append((code_of(link), said))
    for steps, some in sorted(alike.items(), key=lambda one: (-len(one[1]), one[0])):
        said = some[0][1]
        where = some_of((code for code, _ in some), words)
        yield Waterfall(
            words.say("joined-title", count=len(some), where=where),
            tuple(Bar(label, millibits / 1000) for label, millibits in steps),
            Bar(words.say("total-bits"), said["millibits"] / 1000),
            words.say("probability", share=f"{said['ppm'] / 10_000:.4f}".rstrip("0").rstrip(".")),
        )


def judgements_part(file: File, words: PageWords) -> Iterator[Block]:
    """What persons have decided about him."""
    merged = [
        (str(one["number"]), one["name"] or "–", words.of("merged", one["ground"])) for one in file["merged"]
    ]
    if merged:
        said = (Head(words.say("number")), Head(words.say("name")), Head(words.say("by")))
        yield Listed(words.say("merged-numbers"), said, tuple(merged), shown=True)
    if file["judgements"]:
        heads = (
            Head(words.say("number")), Head(words.say("decided")), Head(words.say("date"), Holds.DAY), Head(words.say("reason")),
        )  # fmt: skip
        rows = tuple(_judgement(one, words) for one in file["judgements"])
        yield Listed(words.say("judgements"), heads, rows, shown=True)
    else:
        yield Said(words.say("no-judgements"), Mood.EMPTY)
    if file["to_judge"]:
        yield Said(words.say("to-judge", count=file["to_judge"]), Mood.WAITING)


def _judgement(one: Mapping[str, Any], words: PageWords) -> tuple[str, ...]:
    undone = words.say("undone") if one["undone"] else ""
    return (
        str(one["number"]),
        words.of("judged", one["kind"]) + undone,
        words.day(one["decided"]),
        one["reason"] or "–",
    )


def not_kept_part(file: File, words: PageWords) -> Iterator[Block]:
    """Consents, notices and requests: said plainly, so that nobody takes silence for none."""
    yield Said(words.say("not-kept-lead"))
    yield Known(tuple((words.of("not-kept", one), words.say("not-kept")) for one in file["not_kept"]))
