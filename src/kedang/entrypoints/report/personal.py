"""Where personal data lies: categories by desk, and how sensitive the records are."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

from kedang.entrypoints.report.charts import SERIES, shade, share_bar
from kedang.entrypoints.report.markup import Child, element, name
from kedang.entrypoints.report.tables import Cell, Column, Shaded, legend, table
from kedang.entrypoints.report.texts import Words
from kedang.holdings.queries.report_data import ReportData
from kedang.records.content import FindingCategory, Sensitivity

MOST_DESKS = 8  # columns that fit A4; rarer ones are taken together
_OTHER = "\0other"  # no desk's name: names are cleaned of it
_COLOURS = {
    Sensitivity.GENERAL: SERIES[5],
    Sensitivity.PERSONAL: SERIES[6],
    Sensitivity.SENSITIVE_PERSONAL: SERIES[1],
    Sensitivity.TRADE_SECRET: SERIES[3],
}


def personal_section(data: ReportData, words: Words) -> list[Child]:
    """The strip of sensitivity and the heat table."""
    if not data.records:
        return [element("p", words.say("found_none"))]
    children: list[Child] = [element("h3", words.say("sensitivity")), *_sensitivity(data, words)]
    if not data.personal_data:
        return [*children, element("p", words.say("personal_none"))]
    children.append(element("p", words.say("personal_lead")))
    children.append(_heat_table(data, words))
    return children


def _sensitivity(data: ReportData, words: Words) -> list[Child]:
    whole = sum(count for _, count in data.sensitivity)
    parts = [(count, _COLOURS[kind]) for kind, count in data.sensitivity]
    entries: list[tuple[str, Child]] = [
        (
            _COLOURS[kind],
            f"{words.say(f'sensitivity_{kind}')} {words.number(count)} ({words.share(count, whole)})",
        )
        for kind, count in data.sensitivity
    ]
    return [element("figure", share_bar(parts, title=words.say("chart_sensitivity")), legend(entries))]


def _heat_table(data: ReportData, words: Words) -> Element:
    """Categories down, desks across."""
    heads = _shown_desks(data, words)
    amounts: Counter[tuple[FindingCategory, str]] = Counter()
    totals: Counter[FindingCategory] = Counter()
    for line in data.personal_data:
        amounts[line.category, line.desk if line.desk in heads else _OTHER] += line.records
        totals[line.category] += line.records
    shown = sorted((category for category in totals if totals[category]), key=lambda one: -totals[one])
    highest = max(amounts.values())
    columns = [
        Column(words.say("category")),
        *(Column(name(head), number=True, kind="desk") for head in heads.values()),
        Column(words.say("all_desks"), number=True),
    ]
    rows: list[list[Cell]] = []
    for category in shown:
        row: list[Cell] = [words.say(f"finding_{category}")]
        row.extend(_heat(amounts[category, desk], highest, words) for desk in heads)
        row.append(words.number(totals[category]))
        rows.append(row)
    return table(words.say("personal"), columns, rows, kind="heat", hint=words.say("swipe"))


def _shown_desks(data: ReportData, words: Words) -> dict[str, str]:
    """Heads of the columns by desk, in the order in which they come; rarer desks are taken together."""
    amounts: Counter[str] = Counter()
    for line in data.personal_data:
        amounts[line.desk] += line.records
    most = {desk for desk, _ in amounts.most_common(MOST_DESKS if len(amounts) > MOST_DESKS + 1 else None)}
    heads = {desk: desk for desk in amounts if desk in most}
    if len(heads) < len(amounts):
        heads[_OTHER] = words.say("other_desks")
    return heads


def _heat(amount: int, highest: int, words: Words) -> Shaded:
    background, colour = shade(amount, highest)
    return Shaded(words.number(amount) if amount else "·", background, colour)
