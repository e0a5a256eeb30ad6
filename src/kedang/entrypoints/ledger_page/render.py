"""The ledger page: one HTML file, nothing from outside, one small script that the page's policy names by digest."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element

from kedang.entrypoints.ledger_page.words import Said
from kedang.entrypoints.report.head_codes import drawn_code
from kedang.entrypoints.report.markup import Child, document, element, head_alone, name
from kedang.holdings.queries.ledger_paging import EVENTS_SHOWN, LedgerPage
from kedang.holdings.queries.ledger_verifying import LedgerVerdict
from kedang.ledger.short_codes import ShortCode
from kedang.records.errors import code_texts

OBJECTS_SHOWN = 3
FINDINGS_SHOWN = 20
CHECKING = ("kedang ledger verify --against …", "python3 kedang_verify.py …")
COLUMNS = ("number", "time", "who", "act", "what", "facts")


def render_ledger_page(page: LedgerPage, *, language: str) -> str:
    """The whole page in `language` ("zh…", or English for any other)."""
    said = Said(language)
    script = _asset("filter.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    head = head_alone(
        f"{said.say('title')} · {page.case_name}", _asset("page.css"), scripts=f"script-src 'sha256-{digest}'"
    )
    main = element(
        "main", _opening(page, said), _verdict(page, said), _findings(page.verdict, said),
        _figures(page, said), _filters(page, said), _table(page, said), _outside(page, said),
    )  # fmt: skip
    return document("zh-CN" if said.chinese else "en", head, [main, element("script", script)])


def _asset(file: str) -> str:
    return files("kedang.entrypoints.ledger_page").joinpath(file).read_text(encoding="utf-8")


def _opening(page: LedgerPage, said: Said) -> Element:
    return element(
        "header",
        element("p", said.say("kicker"), _class="kicker"),
        element("h1", name(page.case_name), element("span", said.say("title"), _class="title")),
        element("p", said.say("made", fonds=page.fonds, time=said.moment(page.made_at)), _class="made"),
    )


def _verdict(page: LedgerPage, said: Said) -> Element:
    """The green or red line, with a sign that does not need its colour."""
    verdict, zone = page.verdict, page.made_at.tzinfo
    sign, kind = ("✓", "good") if verdict.whole else ("✗", "bad")
    key = "whole" if verdict.whole else "broken"
    lines = [element("strong", said.say(key, size=verdict.size, heads=verdict.heads))]
    if verdict.since is not None and verdict.proven_time is not None:
        proven = "proven" if verdict.whole else "proven_part"
        told = said.say(
            proven,
            size=verdict.proven_size,
            since=said.moment(verdict.since.astimezone(zone)),
            until=said.moment(verdict.proven_time.astimezone(zone)),
        )
        lines.append(element("span", told))
    if verdict.stamps:
        last = verdict.stamps[-1]
        lines.append(
            element("span", said.say("stamped", size=last.size, time=said.moment(last.time.astimezone(zone))))
        )
    return element(
        "section", element("span", sign, _class="sign", aria_hidden="true"), element("div", *lines),
        _class=f"verdict {kind}", role="status",
    )  # fmt: skip


def _findings(verdict: LedgerVerdict, said: Said) -> Element | None:
    if not verdict.findings:
        return None
    texts = code_texts()
    lines = []
    for finding in verdict.findings[:FINDINGS_SHOWN]:
        text = texts[finding.code]
        where = said.say(f"where_{finding.where}")
        lines.append(
            element(
                "li",
                element("code", finding.code),
                f" {said.say('entry', n=finding.n)} · {where} · ",
                text.said(said.language),
                element("span", text.next_step(said.language), _class="next"),
            )
        )
    more = len(verdict.findings) - FINDINGS_SHOWN
    rest = element("li", said.say("more", count=more)) if more > 0 else None
    return element("ul", *lines, rest, _class="findings")


def _figures(page: LedgerPage, said: Said) -> Element:
    verdict = page.verdict
    figures = (
        ("figure_entries", verdict.size),
        ("figure_heads", verdict.heads),
        ("figure_stamps", len(verdict.stamps)),
        ("figure_unsigned", verdict.unsigned),
    )
    return element(
        "ul",
        *(element("li", element("b", said.number(n)), " ", said.say(key)) for key, n in figures),
        _class="figures",
    )


def _filters(page: LedgerPage, said: Said) -> Element:
    """What is filtered by the script; without it the page shows everything."""
    acts = sorted({(row["act"], row["act_zh"] if said.chinese else row["act_en"]) for row in page.events})
    actors = sorted({row["actor"] for row in page.events})
    agents = [(one, _agent(page, one)) for one in actors]
    return element(
        "form",
        _field(said.say("search"), element("input", type="search", id="text", autocomplete="off")),
        _field(said.say("act"), _choice("act", said.say("every"), acts)),
        _field(said.say("who"), _choice("actor", said.say("every"), agents)),
        _field(said.say("from"), element("input", type="date", id="from")),
        _field(said.say("to"), element("input", type="date", id="to")),
        element("output", "", id="count", data_said=said.say("shown", count="{n}")),
        _class="filters",
        hidden="hidden",
    )


def _field(label: str, control: Element) -> Element:
    return element("label", element("span", label), control)


def _choice(control: str, every: str, options: Iterable[tuple[str, str]]) -> Element:
    drawn = [element("option", every, value="")]
    drawn += [element("option", label, value=value) for value, label in options]
    return element("select", *drawn, id=control)


def _agent(page: LedgerPage, agent: str) -> str:
    return page.agents.get(agent) or agent[:8]


def _table(page: LedgerPage, said: Said) -> Element:
    heads = [element("th", said.say(f"column_{column}"), scope="col") for column in COLUMNS]
    rows = [_row(page, row, said) for row in page.events]
    shown = min(EVENTS_SHOWN, len(rows))
    note = None
    if page.verdict.size > shown:
        note = element("p", said.say("latest", shown=shown, size=page.verdict.size), _class="small")
    drawn = element("table", element("thead", element("tr", *heads)), element("tbody", *rows), id="events")
    return element("section", note, drawn)


def _row(page: LedgerPage, row: dict[str, Any], said: Said) -> Element:
    moment = row["moment"]
    time = element(
        "time", element("span", f"{moment:%Y-%m-%d}"), " ", element("span", f"{moment:%H:%M:%S}"),
        datetime=row["time"],
    )  # fmt: skip
    cells: tuple[Child, ...] = (
        str(row["n"]),
        time,
        name(_agent(page, row["actor"])),
        row["act_zh"] if said.chinese else row["act_en"],
        _objects(row, said),
        _facts(row, said),
    )
    drawn = [
        element("td", cell, _class=column, data_label=said.say(f"column_{column}"))
        for column, cell in zip(COLUMNS, cells, strict=True)
    ]
    return element("tr", *drawn, data_act=row["act"], data_actor=row["actor"], data_day=f"{moment:%Y-%m-%d}")


def _objects(row: dict[str, Any], said: Said) -> Element:
    """Reference codes 档号 where there are some, else kinds and short ids."""
    if row["reference_codes"]:
        shown, more = row["reference_codes"][:OBJECTS_SHOWN], len(row["reference_codes"]) - OBJECTS_SHOWN
    else:
        pairs = [one.split(":") for one in row["objects"]]
        # A record or a customer tells more than the batch that it came with.
        pairs.sort(key=lambda pair: pair[0] not in ("record", "customer", "order"))
        shown = [f"{said.kind(kind)} {one[:8]}" for kind, one in pairs[:OBJECTS_SHOWN]]
        more = len(pairs) - OBJECTS_SHOWN
    drawn: list[Child] = [element("span", one, _class="id") for one in shown]
    return element("div", *drawn, said.say("and_more", count=more) if more > 0 else None)


def _facts(row: dict[str, Any], said: Said) -> Element:
    """What the event states, without digests that tell a person nothing."""
    drawn: list[Child] = []
    for key, value in row["facts"].items():
        shown = said.size(value) if key.endswith("bytes") else said.value(value, key)
        if shown and value not in row["reference_codes"]:
            title = None
            if key == "code" and value in code_texts():
                title = code_texts()[value].said(said.language)
            drawn.append(
                element("span", said.fact(key), " ", element("b", shown), _class="fact", title=title)
            )
    return element("div", *drawn)


def _outside(page: LedgerPage, said: Said) -> Element:
    """What an outsider needs to hold and to do."""
    code = ShortCode.parse(page.verdict.code) if page.verdict.whole else None
    return element(
        "section",
        element("h2", said.say("outside")),
        element("p", said.say("outside_lead")) if code else None,
        drawn_code(code, title=said.say("code_title")) if code else None,
        element("p", said.say("key"), " ", element("code", page.verification_key, _class="long")),
        element("p", said.say("how"), " ", element("code", CHECKING[0], _class="long")),
        element("p", said.say("how_outside"), " ", element("code", CHECKING[1], _class="long")),
        _class="outside",
    )
