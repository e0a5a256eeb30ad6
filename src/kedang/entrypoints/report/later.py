"""What comes later: retention, open questions, and where the archive and its ledger stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from kedang.entrypoints.report.charts import SERIES, Bar, column_chart
from kedang.entrypoints.report.head_codes import drawn_code, head_code
from kedang.entrypoints.report.markup import Child, element, name
from kedang.entrypoints.report.opening import code_table
from kedang.entrypoints.report.tables import Column, facts, legend, table, wide_figure
from kedang.entrypoints.report.texts import Words
from kedang.holdings.queries.report_data import ReportData, RetentionCount

SINGLE_YEARS = 7  # drawn one by one; they are what has to be decided next
MOST_BARS = 14  # that stay readable on A4
MOST_RULES = 6  # that get a colour and a column of their own; rarer ones are taken together
_OTHER = "\0other"  # no rule's id
ENOUGH_PLACES = 2  # of the key sheet, at least; design 6


def retention_section(data: ReportData, words: Words) -> list[Child]:
    """When periods end and by which rules."""
    if not data.retention:
        return [element("p", words.say("retention_none"))]
    children: list[Child] = [element("p", words.say("retention_lead"))]
    ending = [line for line in data.retention if line.year is not None]
    shown, heads = _shown_rules(ending, data, words)
    if ending:
        chart = column_chart(retention_bars(shown, list(heads), words), title=words.say("chart_retention"))
        entries = [(SERIES[place], name(head)) for place, head in enumerate(heads.values())]
        label, hint = words.say("chart_retention"), words.say("swipe")
        children += [wide_figure(label, chart, hint=hint), legend(entries)]
    permanent = sum(line.count for line in data.retention if line.year is None)
    if permanent:
        children.append(element("p", words.say("permanent_count", count=permanent)))
    if data.retention_undetermined:
        children.append(element("p", words.say("undetermined_count", count=data.retention_undetermined)))
    if ending:
        children.append(_years(shown, heads, words))
    children.append(_rules(data, words))
    return children


def _shown_rules(
    ending: Sequence[RetentionCount], data: ReportData, words: Words
) -> tuple[list[RetentionCount], dict[str, str]]:
    """The lines with rare rules taken together, and the heads of those shown by rule."""
    amounts: Counter[str] = Counter()
    for line in ending:
        amounts[line.rule] += line.count
    named = {rule.rule: rule.words for rule in data.rules}
    most = [rule for rule, _ in amounts.most_common(MOST_RULES if len(amounts) > MOST_RULES + 1 else None)]
    heads = {rule: named.get(rule, rule) for rule in most}
    if len(most) < len(amounts):
        heads[_OTHER] = words.say("other_rules")
    return [line if line.rule in most else replace(line, rule=_OTHER) for line in ending], heads


def retention_bars(ending: Sequence[RetentionCount], rules: Sequence[str], words: Words) -> list[Bar]:
    """Bars in order of years: the nearest one by one, later ones by five years, the farthest together."""
    years = [line.year for line in ending if line.year is not None]
    first = min(years)
    parts: dict[int, list[int]] = {}
    for slot in range(_slot(first, max(years)) + 1):
        parts[slot] = [0] * len(rules)
    for line in ending:
        parts[_slot(first, line.year or first)][rules.index(line.rule)] += line.count
    return [Bar(_label(first, slot, max(years), words), tuple(amounts)) for slot, amounts in parts.items()]


def _slot(first: int, year: int) -> int:
    """Which bar a year belongs to."""
    after = year - first
    return after if after < SINGLE_YEARS else min(SINGLE_YEARS + (after - SINGLE_YEARS) // 5, MOST_BARS - 1)


def _label(first: int, slot: int, last: int, words: Words) -> str:
    if slot < SINGLE_YEARS:
        return words.year(first + slot)
    begin = first + SINGLE_YEARS + 5 * (slot - SINGLE_YEARS)
    if slot == MOST_BARS - 1 and last > begin + 4:
        return f"≥{begin}"
    return f"{begin}–{(begin + 4) % 100:02d}"


def _years(ending: Sequence[RetentionCount], heads: dict[str, str], words: Words) -> Element:
    """The numbers of the chart: years down, rules across."""
    columns = [
        Column(words.say("expires")),
        *(Column(name(head), number=True) for head in heads.values()),
        Column(words.say("total"), number=True),
    ]
    amounts: Counter[tuple[int, str]] = Counter()
    for line in ending:
        amounts[line.year or 0, line.rule] += line.count
    rows: list[list[Child]] = []
    for year in sorted({year for year, _ in amounts}):
        row = [amounts[year, rule] for rule in heads]
        cells = [words.number(amount) if amount else "·" for amount in row]
        rows.append([words.year(year), *cells, words.number(sum(row))])
    return table(words.say("chart_retention"), columns, rows, kind="compact", hint=words.say("swipe"))


def _rules(data: ReportData, words: Words) -> Element:
    """Every rule that keeps a record, in words, with its source."""
    rules = list(dict.fromkeys([rule.rule for rule in data.rules] + [line.rule for line in data.retention]))
    known = {rule.rule: rule for rule in data.rules}
    columns = (
        Column(words.say("rule")),
        Column(words.say("period")),
        Column(words.say("source_of_rule")),
        Column(words.say("records"), number=True),
    )
    rows: list[tuple[Child, ...]] = []
    for rule in rules:
        amount = sum(line.count for line in data.retention if line.rule == rule)
        text = known.get(rule)
        if text is None:
            rows.append((name(rule), "–", "–", words.number(amount)))
        else:
            rows.append((text.words, text.period, text.source or "–", words.number(amount)))
    return table(words.say("rule"), columns, rows, kind="stacked")


def questions_section(data: ReportData, words: Words) -> list[Child]:
    """Open questions by code, with what to do."""
    count = sum(line.count for line in data.questions)
    if not count:
        return [element("p", words.say("questions_none"))]
    return [
        element("p", words.say("questions_lead", count=count)),
        code_table(data.questions, words, "questions", badges=True),
    ]


def storage_section(data: ReportData, words: Words) -> list[Child]:
    """What lies in the vault, and the ledger's signed head."""
    held, ledger = data.storage, data.ledger
    pairs: list[tuple[str, Child]] = [
        (words.say("original_bytes"), words.size(held.original_bytes)),
        (words.say("stored_bytes"), words.size(held.stored_bytes)),
        (words.say("packs"), words.number(held.packs)),
        (words.say("key_pages"), words.number(held.key_pages)),
        (words.say("index_parts"), words.number(held.index_parts)),
        (words.say("index_bytes"), words.size(held.index_bytes)),
        (words.say("suite"), held.suite),
    ]
    if held.key_sheet_places is not None:
        said = words.number(held.key_sheet_places)
        if held.key_sheet_places < ENOUGH_PLACES:
            said = (
                f"{said}（{words.say('places_few')}）"
                if words.chinese
                else f"{said} ({words.say('places_few')})"
            )
        pairs.append((words.say("key_sheet_places"), said))
    head: list[tuple[str, Child]] = [
        (words.say("ledger_origin"), name(ledger.origin)),
        (words.say("ledger_size"), words.number(ledger.size)),
        (words.say("ledger_time"), words.moment(ledger.time.astimezone(data.made_at.tzinfo))),
        (words.say("ledger_root"), element("code", ledger.root)),
    ]
    if ledger.verification_key:
        head.append((words.say("ledger_key"), element("code", ledger.verification_key)))
    return [
        facts(pairs),
        element("p", words.say("ledger_lead")),
        facts(head, kind="facts head"),
        drawn_code(head_code(ledger.checkpoint), title=words.say("ledger_code")),
        element("p", words.say("ledger_code_lead"), _class="small"),
        element("pre", ledger.checkpoint, _class="checkpoint", tabindex=0),
        element("p", words.say("ledger_check"), _class="small"),
    ]
