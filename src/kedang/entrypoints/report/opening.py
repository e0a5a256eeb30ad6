"""The first page: what this is, and whether the books balance."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from kedang.entrypoints.report.charts import SERIES, share_bar
from kedang.entrypoints.report.markup import Child, element, name
from kedang.entrypoints.report.tables import Column, facts, table
from kedang.entrypoints.report.texts import Words
from kedang.holdings.queries.report_data import CodeCount, ReportData
from kedang.records.errors import code_texts

_COLOURS = {"kept": SERIES[0], "refused": SERIES[1], "open": SERIES[4]}


def cover(data: ReportData, words: Words) -> Element:
    """The cover block: what, whose, when, and how it may be used."""
    known: list[tuple[str, Child]] = [(words.say("fonds"), name(data.fonds))]
    if data.credit_code:
        known.append((words.say("credit_code"), name(data.credit_code)))
    ledger = words.say("event_number", number=data.ledger.size)
    known += [
        (words.say("made_at"), words.moment(data.made_at)),
        (words.say("made_by"), name(data.made_by)),
        (words.say("ledger_at"), ledger),
    ]
    questions = sum(line.count for line in data.questions)
    figures = (
        ("key_records", data.records),
        ("key_archived", data.archived),
        ("key_customers", data.customers),
        ("key_questions", questions),
    )
    return element(
        "header",
        element("p", words.say("kicker"), _class="kicker"),
        element("h1", name(data.case_name), element("span", words.say("title"), _class="title")),
        facts(known, kind="facts about"),
        element(
            "ul",
            *(element("li", element("b", words.number(n)), " ", words.say(key)) for key, n in figures),
            _class="figures",
        ),
        element(
            "p", element("strong", words.say("export_notice_head")), " ", words.say("export_notice"),
            _class="notice", role="note",
        ),
        _class="cover",
    )  # fmt: skip


def balance_section(data: ReportData, words: Words) -> list[Child]:
    """The equation, its verdict, the reasons of refusal and the sources."""
    balance = data.balance
    amounts = {"kept": balance.kept, "refused": balance.refused_total, "open": balance.open}
    spoken = words.say("equation_spoken", received=balance.received, **amounts)
    bar = share_bar([(amount, _COLOURS[key]) for key, amount in amounts.items()], title=spoken)
    explained = words.say(
        "balance_explained",
        kept=balance.kept,
        records=data.records + data.destroyed,
        duplicates=data.duplicates,
    )
    drawn = bar if balance.received else None
    children: list[Child] = [
        element("div", _equation(data, words, spoken), drawn, _verdict(data, words), _class="balance-figure"),
    ]
    if balance.received:
        children.append(element("p", explained))
    if data.destroyed:
        said = words.say("balance_destroyed", destroyed=data.destroyed, records=data.records)
        children.append(element("p", said))
    if balance.refused:
        children += [
            element("h3", words.say("refused_head")),
            code_table(balance.refused, words, "refused_head", badges=False),
        ]
    if data.sources:
        children += [element("h3", words.say("sources_head")), _sources(data, words)]
    return children


def _equation(data: ReportData, words: Words, spoken: str) -> Element:
    """received = kept + refused + open, as large as it matters."""
    balance = data.balance
    terms = (
        ("", "received", balance.received),
        ("=", "kept", balance.kept),
        ("+", "refused", balance.refused_total),
        ("+", "open", balance.open),
    )
    drawn: list[Child] = []
    for sign, key, amount in terms:
        style = f"border-color:{_COLOURS[key]}" if key in _COLOURS else None
        number = element("b", words.number(amount))
        term = element("span", number, element("i", words.say(key)), _class=f"term {key}", style=style)
        before = element("span", sign, _class="sign") if sign else None
        drawn.append(element("span", before, term, _class="pair"))
    return element("div", *drawn, _class="equation", role="img", aria_label=spoken)


def _verdict(data: ReportData, words: Words) -> Element:
    """Whether the books balance, in words and with a sign that does not need its colour."""
    balance = data.balance
    if balance.holds and not balance.received:
        sign, kind, said = "–", "unfinished", words.say("balance_nothing")
    elif balance.holds:
        sign, kind, said = "✓", "good", words.say("balance_holds", received=balance.received)
    elif balance.difference:
        sign, kind = "✗", "bad"
        said = words.say("balance_wrong", difference=balance.difference)
    else:
        sign, kind, said = "…", "unfinished", words.say("balance_open", open=balance.open)
    return element(
        "p", element("span", sign, _class="sign", aria_hidden="true"), said, _class=f"verdict {kind}"
    )


def code_table(lines: tuple[CodeCount, ...], words: Words, caption: str, *, badges: bool) -> Element:
    """Codes with their number, what they mean and what to do next; badges mark what holds records back."""
    columns = (
        Column(words.say("code"), kind="code"),
        Column(words.say("count"), number=True),
        Column(words.say("meaning")),
        Column(words.say("next")),
    )
    return table(
        words.say(caption),
        columns,
        [_code_row(line, words, badges=badges) for line in lines],
        kind="codes stacked",
    )


def _code_row(line: CodeCount, words: Words, *, badges: bool) -> tuple[Child, ...]:
    text = code_texts().get(line.code)
    if text is None:
        return line.code, words.number(line.count), words.say("unknown_code"), "–"
    marked = badges and text.blocking
    badge = element("span", words.say("blocking"), _class="badge") if marked else None
    meaning = element("span", text.said(words.language), " " if marked else None, badge)
    following = text.next_step(words.language) or words.say("nothing_to_do")
    return line.code, words.number(line.count), meaning, following


def _sources(data: ReportData, words: Words) -> Element:
    columns = (
        Column(words.say("source")),
        Column(words.say("state")),
        Column(words.say("received"), number=True),
        Column(words.say("kept"), number=True),
    )
    rows = [
        (
            name(line.name),
            words.say(f"state_{line.state}"),
            words.number(line.received),
            words.number(line.kept),
        )
        for line in data.sources
    ]
    return table(words.say("sources_head"), columns, rows)
