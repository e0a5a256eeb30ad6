"""The report as one HTML page: no script, no address outside, everything from outside escaped."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from xml.etree.ElementTree import Element

from kedang.entrypoints.report.found import found_section
from kedang.entrypoints.report.later import questions_section, retention_section, storage_section
from kedang.entrypoints.report.markup import Child, css_string, document, element, head_alone, name
from kedang.entrypoints.report.opening import balance_section, cover
from kedang.entrypoints.report.personal import personal_section
from kedang.entrypoints.report.tables import facts
from kedang.entrypoints.report.texts import Words
from kedang.holdings.queries.report_data import ReportData

_NUMERALS = "一二三四五六七八九"

SECTIONS: tuple[tuple[str, Callable[[ReportData, Words], list[Child]]], ...] = (
    ("balance", balance_section),
    ("found", found_section),
    ("personal", personal_section),
    ("retention", retention_section),
    ("questions", questions_section),
    ("storage", storage_section),
)


def render_report(data: ReportData, *, language: str) -> str:
    """The whole report in `language` ("zh…", or English for any other), ready to be written as UTF-8."""
    words = Words(language)
    head = head_alone(f"{words.say('title')} · {data.case_name}", _style(data, words))
    body: list[Child] = [element("main", cover(data, words), _contents(words))]
    for place, (key, section) in enumerate(SECTIONS):
        body[0].append(_section(key, place, section(data, words), words))  # type: ignore[union-attr]
    body[0].append(_signatures(words))  # type: ignore[union-attr]
    body.append(_foot(data, words))
    return document("zh-CN" if words.chinese else "en", head, body)


def _style(data: ReportData, words: Words) -> str:
    """The style sheet and the running head and foot of the printed pages."""
    sheet = files("kedang.entrypoints.report").joinpath("report.css").read_text(encoding="utf-8")
    header = css_string(words.say("page_header", case=data.case_name[:40]))
    before, middle, after = words.say("page", page="\0", pages="\1").replace("\1", "\0").split("\0")
    number = f"{css_string(before)} counter(page) {css_string(middle)} counter(pages) {css_string(after)}"
    running = f"@page {{ @top-left {{ content: {header} }} @bottom-right {{ content: {number} }} }}"
    return sheet + running + "\n@page :first { @top-left { content: none } }\n"


def _number(place: int, words: Words) -> str:
    return f"{_NUMERALS[place]}、" if words.chinese else f"{place + 1}. "


def _contents(words: Words) -> Element:
    """The list of sections."""
    lines = [
        element("li", element("a", _number(place, words) + words.say(key), href=f"#{key}"))
        for place, (key, _) in enumerate(SECTIONS)
    ]
    return element("nav", element("ol", *lines), _class="contents", aria_label=words.say("contents"))


def _section(key: str, place: int, children: list[Child], words: Words) -> Element:
    heading = element("h2", element("span", _number(place, words), _class="ordinal"), words.say(key), id=key)
    return element("section", heading, *children, _class=f"part {key}", aria_labelledby=key)


def _signatures(words: Words) -> Element:
    """Where the printed report is signed."""
    blank = element("span", _class="line")
    lines = [(words.say(key), blank) for key in ("sign_group", "sign_officer", "sign_date")]
    return element(
        "section", element("h2", words.say("signatures"), id="signatures"), facts(lines, kind="signatures"),
        _class="signing", aria_labelledby="signatures",
    )  # fmt: skip


def _foot(data: ReportData, words: Words) -> Element:
    return element(
        "footer",
        element("strong", words.say("export_notice_head")),
        element("span", words.say("product"), " · ", name(data.case_name), " · ", words.moment(data.made_at)),
    )
