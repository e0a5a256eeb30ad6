"""What was found: by class, year, desk and customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from kedang.entrypoints.report.charts import SERIES, Bar, column_chart
from kedang.entrypoints.report.markup import Child, element, name
from kedang.entrypoints.report.tables import Column, bar_cell, table, wide_figure
from kedang.entrypoints.report.texts import Words
from kedang.holdings.queries.report_data import NamedCount, ReportData, YearCount

MOST_YEARS = 16  # columns that stay readable on A4; earlier years are drawn together
FEWEST_BARS = 2  # one bar alone shows nothing that its number does not


def found_section(data: ReportData, words: Words) -> list[Child]:
    """Four views of the same records."""
    if not data.records:
        return [element("p", words.say("found_none"))]
    lead = words.say(
        "customers_lead",
        customers=data.customers,
        shown=len(data.by_customer),
        unlinked=data.unlinked,
    )
    children: list[Child] = [
        _block(words.say("by_class"), _classes(data, words)),
        _block(words.say("by_year"), *_years(data, words)),
        _block(words.say("by_desk"), _named("by_desk", "desk", data.by_desk, data.records, words)),
    ]
    if data.by_customer:
        shown = _named("by_customer", "customer", data.by_customer, data.records, words)
        children.append(_block(words.say("by_customer"), element("p", lead), *_audited(data, words), shown))
    else:
        none = words.say("customers_none", unlinked=data.unlinked)
        children.append(_block(words.say("by_customer"), element("p", none)))
    return children


def _audited(data: ReportData, words: Words) -> list[Child]:
    """What an audit of the joins says about them."""
    if data.audit is None:
        return []
    audit = data.audit
    said = words.say(
        "customers_audited", sample=audit.sample, wrong=audit.wrong, percent=f"{audit.bound_ppm / 10_000:.2f}"
    )
    return [element("p", said)]


def _block(heading: str, *children: Child) -> Element:
    return element("div", element("h3", heading), *children, _class="block")


def _classes(data: ReportData, words: Words) -> Element:
    highest = max((line.count for line in data.by_class), default=0)
    columns = (
        Column(words.say("class")),
        Column("", kind="bar"),
        Column(words.say("records"), number=True),
        Column(words.say("share"), number=True),
        Column(words.say("accounting"), number=True),
    )
    rows: list[tuple[Child, ...]] = [
        (
            words.say(f"class_{line.record_class}"),
            bar_cell(line.count, highest),
            words.number(line.count),
            words.share(line.count, data.records),
            words.number(line.accounting),
        )
        for line in data.by_class
    ]
    total = sum(line.count for line in data.by_class)
    accounting = sum(line.accounting for line in data.by_class)
    foot = (
        words.say("total"),
        "",
        words.number(total),
        words.share(total, data.records),
        words.number(accounting),
    )
    return table(words.say("chart_class"), columns, rows, foot=foot, kind="bars full")


def drawn_years(lines: Sequence[YearCount], words: Words) -> list[Bar]:
    """Bars in order of years without gaps, the earliest ones together when there are many."""
    known: Counter[int] = Counter()
    for line in lines:
        if line.year is not None:
            known[line.year] += line.count
    bars: list[Bar] = []
    if known:
        last = max(known)
        first = max(min(known), last - MOST_YEARS + 1)
        earlier = sum(count for year, count in known.items() if year <= first)
        label = words.year(first) if min(known) == first else f"≤{first}"
        bars.append(Bar(label, (earlier,)))
        bars.extend(Bar(words.year(year), (known.get(year, 0),)) for year in range(first + 1, last + 1))
    unknown = sum(line.count for line in lines if line.year is None)
    if unknown:
        bars.append(Bar("?", (unknown,)))
    return bars


def _years(data: ReportData, words: Words) -> list[Child]:
    bars = drawn_years(data.by_year, words)
    if not bars:
        return []
    columns = (Column(words.say("year")), Column(words.say("records"), number=True))
    known = sorted((line for line in data.by_year if line.year is not None), key=lambda line: line.year or 0)
    rows: list[tuple[Child, ...]] = [(words.year(line.year or 0), words.number(line.count)) for line in known]
    unknown = sum(line.count for line in data.by_year if line.year is None)
    if unknown:
        rows.append((f"{words.say('year_unknown')} (?)", words.number(unknown)))
    title = words.say("chart_year")
    numbers = table(title, columns, rows, kind="narrow")
    if len(bars) < FEWEST_BARS:
        return [numbers]
    chart = column_chart(bars, title=title, colours=SERIES, height=300)
    return [element("div", wide_figure(title, chart, hint=words.say("swipe")), numbers, _class="beside")]


def _named(caption: str, head: str, lines: Sequence[NamedCount], whole: int, words: Words) -> Element:
    highest = max((line.count for line in lines), default=0)
    sized = any(line.size_bytes is not None for line in lines)
    columns = [
        Column(words.say(head)),
        Column("", kind="bar"),
        Column(words.say("records"), number=True),
        Column(words.say("share"), number=True),
    ]
    if sized:
        columns.append(Column(words.say("size"), number=True))
    rows: list[list[Child]] = []
    for line in lines:
        row: list[Child] = [
            name(line.name),
            bar_cell(line.count, highest),
            words.number(line.count),
            words.share(line.count, whole),
        ]
        if sized:
            row.append("–" if line.size_bytes is None else words.size(line.size_bytes))
        rows.append(row)
    return table(words.say(caption), columns, rows, kind="bars full" if sized else "bars")
