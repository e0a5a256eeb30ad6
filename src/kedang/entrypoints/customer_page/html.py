"""A page as HTML: no script, no address outside, everything from outside escaped, prints on A4."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import accumulate
from xml.etree.ElementTree import Element, tostring  # written, never parsed

from kedang.entrypoints.customer_page.blocks import (
    Bar,
    Block,
    Chain,
    Holds,
    Known,
    Listed,
    Page,
    Part,
    Said,
    Waterfall,
)
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.report.charts import SERIES
from kedang.entrypoints.report.markup import Child, css_string, document, element, head_alone, name
from kedang.entrypoints.report.tables import PHONE_COLUMNS, Column, facts, table

_NUMERALS = "一二三四五六七八九"
_FOR, _AGAINST, _TOTAL = SERIES[2], "#a3262c", SERIES[0]
_WIDTH = 1000  # units of a waterfall's picture


def page_html(page: Page, words: PageWords) -> str:
    """The whole page, ready to be written as UTF-8."""
    head = head_alone(f"{page.kicker} · {page.title}", _style(page, words))
    drawn = [_part(part, place, words) for place, part in enumerate(page.parts)]
    main = element("main", _cover(page), _contents(page, words), *drawn)
    foot = element("footer", element("strong", page.warning[0]), element("span", page.foot))
    return document("zh-CN" if words.chinese else "en", head, [main, foot])


def _style(page: Page, words: PageWords) -> str:
    """The report's style sheet with this page's own, and the running head and foot of the printed pages."""
    rooms = ("kedang.entrypoints.report", "report.css"), ("kedang.entrypoints.customer_page", "page.css")
    sheet = "".join(files(room).joinpath(file).read_text(encoding="utf-8") for room, file in rooms)
    before, middle, after = words.say("page", page="\0", pages="\0").split("\0")
    number = f"{css_string(before)} counter(page) {css_string(middle)} counter(pages) {css_string(after)}"
    running = css_string(page.running)
    return sheet + f"@page {{ @top-left {{ content: {running} }} @bottom-right {{ content: {number} }} }}"


def _cover(page: Page) -> Element:
    figures = [element("li", element("b", value), " ", label) for value, label in page.figures]
    head, said = page.warning
    return element(
        "header",
        element("p", page.kicker, _class="kicker"),
        element("h1", name(page.title), element("span", page.subtitle, _class="title")),
        facts([(label, name(value)) for label, value in page.about.pairs], kind="facts about"),
        element("ul", *figures, _class="figures"),
        element("p", element("strong", head), " ", said, _class="notice", role="note"),
        _class="cover",
    )


def part_html(part: Part, words: PageWords) -> str:
    """The blocks of one part as HTML without its heading, for a page that has a style sheet of its own."""
    drawn = (child for block in part.blocks for child in _block(block, words))
    return "".join(
        tostring(child, encoding="unicode", method="html") for child in drawn if isinstance(child, Element)
    )


def _number(place: int, words: PageWords) -> str:
    return f"{_NUMERALS[place]}、" if words.chinese else f"{place + 1}. "


def _contents(page: Page, words: PageWords) -> Element:
    lines = [
        element("li", element("a", _number(place, words) + part.title, href=f"#{part.key}"))
        for place, part in enumerate(page.parts)
    ]
    return element("nav", element("ol", *lines), _class="contents", aria_label=words.say("contents"))


def _part(part: Part, place: int, words: PageWords) -> Element:
    number = element("span", _number(place, words), _class="ordinal")
    heading = element("h2", number, part.title, id=part.key)
    drawn = [child for block in part.blocks for child in _block(block, words)]
    return element("section", heading, *drawn, _class=f"part {part.key}", aria_labelledby=part.key)


def _block(block: Block, words: PageWords) -> list[Child]:
    match block:
        case Said():
            return [_said(block, "p")]
        case Known():
            return [facts([(label, name(value)) for label, value in block.pairs])]
        case Listed():
            return _listed(block, words)
        case Chain():
            return [_chain(block)]
        case Waterfall():
            return [_waterfall(block)]


def _said(said: Said, tag: str) -> Element:
    more = element("span", said.more, _class="more") if said.more else None
    return element(tag, said.text, more, _class=f"said {said.mood}")


def _listed(listed: Listed, words: PageWords) -> list[Child]:
    columns = [
        Column(
            head.text,
            number=head.holds is Holds.NUMBER,
            kind=head.holds.value if head.holds is not Holds.NUMBER else "",
        )
        for head in listed.heads
    ]
    rows = [
        [
            _codes(cell) if head.holds is Holds.CODES else name(cell)
            for head, cell in zip(listed.heads, row, strict=True)
        ]
        for row in listed.rows
    ]
    # More columns than a phone is wide are moved sideways instead of put under one another.
    kind = "listed stacked" if len(columns) <= PHONE_COLUMNS else "listed"
    drawn = table(listed.caption, columns, rows, kind=kind, hint=words.say("swipe"))
    return [element("h3", listed.caption), drawn] if listed.shown else [drawn]


def _codes(cell: str) -> Element:
    """Reference codes, none of which is torn apart where there is room for it."""
    parts = re.split(r"(?<=[、,]) ?", cell)
    spaced = [child for part in parts for child in (element("span", part), " ")]
    return element("span", *spaced, _class="together")


def _chain(chain: Chain) -> Element:
    steps = [
        element(
            "li",
            element("span", step.label),
            element("b", step.amount),
            element("code", step.note) if step.note else None,
            _class=step.mood,
        )
        for step in chain.steps
    ]
    gaps = [_said(gap, "li") for gap in chain.gaps]
    return element(
        "article",
        element("h3", chain.title),
        element("ol", *steps, _class="steps"),
        element("ul", *gaps, _class="gaps"),
        _class="chain",
    )


def _waterfall(fall: Waterfall) -> Element:
    ends = [0.0, *accumulate(bar.bits for bar in fall.bars)]
    low, high = min(ends), max(ends)
    lines = [
        _step(bar, start, start + bar.bits, (low, high), _FOR if bar.bits >= 0 else _AGAINST)
        for bar, start in zip(fall.bars, ends, strict=False)
    ]
    total = _step(fall.total, 0.0, fall.total.bits, (low, high), _TOTAL)
    total.set("class", "total")
    verdict = element("p", fall.verdict, _class="small") if fall.verdict else None
    return element(
        "article", element("h3", fall.title), element("ol", *lines, total), verdict, _class="waterfall"
    )


def _step(bar: Bar, start: float, end: float, span: tuple[float, float], colour: str) -> Element:
    low, high = span
    scale = _WIDTH / ((high - low) or 1.0)
    left, right = sorted(((start - low) * scale, (end - low) * scale))
    zero = -low * scale
    picture = element(
        "svg",
        element("rect", x=f"{left:.1f}", y=2, width=f"{max(right - left, 3):.1f}", height=16, fill=colour),
        element("rect", x=f"{min(zero, _WIDTH - 2):.1f}", y=0, width=2, height=20, fill="#525c68"),
        viewBox=f"0 0 {_WIDTH} 20", preserveAspectRatio="none", aria_hidden="true",
    )  # fmt: skip
    return element("li", element("span", bar.label), picture, element("b", f"{bar.bits:+.1f}"))
