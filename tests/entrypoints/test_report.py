"""The report: true to its numbers, safe with hostile names, whole in one file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from shutil import which
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from lxml.html import HtmlElement
from playwright.sync_api import Browser, sync_playwright

from kedang.entrypoints.counts import Count
from kedang.entrypoints.report import (
    Balance,
    CodeCount,
    FindingCount,
    NamedCount,
    ReportData,
    RetentionCount,
    SourceLine,
    YearCount,
    render_report,
)
from kedang.entrypoints.report.charts import INK, SERIES, nice_top, shade
from kedang.entrypoints.report.found import drawn_years
from kedang.entrypoints.report.later import retention_bars
from kedang.entrypoints.report.markup import css_string
from kedang.entrypoints.report.texts import Words, report_texts
from kedang.records.content import FindingCategory
from tests.entrypoints.report_sample import DESKS, empty_report, sample_report

LANGUAGES = ("zh", "en")
HOSTILE = (
    '"><script>alert(1)</script>',
    "</style><img src=x onerror=alert(1)>",
    "'; } body { display:none } /*",
    "&lt;b&gt; & <b>",
    "a\u202egnp.exe\x00\ud800",
    "javascript:alert(1)",
)


# Boxes in which something wider than they are can neither be seen nor reached by scrolling.
CUT = """[...document.querySelectorAll("main, section, .scroll, .wide, dd, .codes td, .codes tr")].filter(
  box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "auto"
    && !(box.closest(".scroll") && box.matches("tr"))
).map(box => box.className + ":" + box.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


def long_names() -> ReportData:
    """Names that are longer than a phone is wide, with and without places to break."""
    title = (
        "关于终止与苏州工业园区某某精密机械制造有限公司长期供货框架协议及其全部补充协议的函（含附件目录）" * 2
    )
    solid = "IMG_20240102_" + "8" * 60
    return replace(
        sample_report(),
        case_name=title,
        made_by=solid,
        sources=(SourceLine(title, "collected", 4318, 4262), SourceLine(solid, "empty", 0, 0)),
        by_desk=(NamedCount(title, 3000, 5), NamedCount(solid, 874, 5)),
        by_customer=(NamedCount(title, 3), NamedCount(solid, 2)),
        personal_data=tuple(
            replace(line, desk=solid if line.desk == DESKS[0] else line.desk)
            for line in sample_report().personal_data
        ),
    )


def page(data: ReportData, language: str = "zh") -> HtmlElement:
    return html.document_fromstring(render_report(data, language=language))


def select(tree: HtmlElement, path: str) -> list[HtmlElement]:
    """Elements by a path of tags and classes: "section.found tbody tr"."""
    steps = [step.partition(".") for step in path.split()]
    query = "".join(
        f"//{tag or '*'}" + (f"[contains(concat(' ', @class, ' '), ' {kind} ')]" if kind else "")
        for tag, _, kind in steps
    )
    found: list[HtmlElement] = tree.xpath("." + query)
    return found


def text_of(tree: HtmlElement) -> str:
    return " ".join(tree.text_content().split())


def hostile_report(words: str) -> ReportData:
    return replace(
        sample_report(),
        case_name=words, fonds=words, credit_code=words, made_by=words,
        sources=(SourceLine(words, "collected", 1, 1),),
        by_desk=(NamedCount(words, 3, 5),),
        by_customer=(NamedCount(words, 3),),
        personal_data=(FindingCount(FindingCategory.PERSON_NAME, words, 3),),
        retention=(RetentionCount(2030, words, 4),),
        questions=(CodeCount(words, 1),),
        ledger=replace(sample_report().ledger, origin=words),  # the head is parsed: nobody's words fit in
    )  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_stay_text(words: str, language: str) -> None:
    written = render_report(hostile_report(words), language=language)
    written.encode("utf-8")
    tree = html.document_fromstring(written)
    plain = page(hostile_report("plain"), language)
    assert [e.tag for e in tree.iter()] == [e.tag for e in plain.iter()]
    assert [sorted(e.keys()) for e in tree.iter()] == [sorted(e.keys()) for e in plain.iter()]
    assert not re.search("[\x00\u202a-\u202e\u2066-\u2069]", written)
    if words.isprintable():
        assert select(tree, "h1 bdi")[0].text == words


@given(st.text(max_size=60))
def test_a_name_in_the_style_sheet_ends_neither_its_string_nor_the_sheet(name: str) -> None:
    quoted = css_string(name)
    assert not set('"\\\n<>{}') & set(re.sub(r"\\[0-9a-f]{6}", "", quoted[1:-1]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", [sample_report(), empty_report()], ids=["full", "empty"])
def test_the_report_is_whole_in_one_file(data: ReportData, language: str) -> None:
    written = render_report(data, language=language)
    tree = html.document_fromstring(written)
    assert not tree.xpath("//script | //link | //iframe | //img | //object | //*[@src] | //*[@onclick]")
    assert all(a.get("href", "").startswith("#") for a in tree.iter("a"))
    assert not re.search(r"url\(|@import|https?://|<\?", written)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_parts_are_there_and_say_that_personal_data_is_in_clear(language: str) -> None:
    tree, words = page(sample_report(), language), Words(language)
    assert [h.get("id") for h in tree.iter("h2")] == [
        "balance", "found", "personal", "retention", "questions", "storage", "signatures",
    ]  # fmt: skip
    assert words.say("export_notice") in text_of(tree)
    assert sample_report().ledger.checkpoint in select(tree, "pre")[0].text
    assert tree.get("lang", "").startswith(language)


@pytest.mark.parametrize(
    ("balance", "key", "values"),
    [
        (Balance(10, 7, (CodeCount("KD-A104", 3),), 0), "balance_holds", {"received": 10}),
        (Balance(10, 7, (CodeCount("KD-A104", 1),), 2), "balance_open", {"open": 2}),
        (Balance(10, 7, (CodeCount("KD-A104", 1),), 0), "balance_wrong", {"difference": 2}),
        (Balance(10, 10, (), 1), "balance_wrong", {"difference": -1}),
    ],
)
def test_the_verdict_follows_the_books(balance: Balance, key: str, values: dict[str, int]) -> None:
    tree = page(replace(sample_report(), balance=balance))
    verdict = select(tree, ".verdict")[0]
    assert Words("zh").say(key, **values) in text_of(verdict)
    assert ("good" in verdict.get("class", "")) == balance.holds == (key == "balance_holds")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_case_says_so_and_what_to_do(language: str) -> None:
    tree, words = page(empty_report(), language), Words(language)
    assert words.say("balance_nothing") in text_of(select(tree, ".verdict")[0])
    assert "kedang intake" in words.say("balance_nothing")
    for part in ("found", "personal"):
        assert text_of(select(tree, f"section.{part} p")[0]) == words.say("found_none")
    assert not [table for table in tree.iter("table") if not select(table, "tbody tr")]
    assert not [chart for chart in tree.iter("svg") if not select(chart, "rect")]


def test_one_record_is_not_said_in_the_plural() -> None:
    data = replace(
        sample_report(),
        balance=Balance(1, 1, (), 0), records=1, destroyed=0, duplicates=0, customers=0, by_customer=(), unlinked=1,
        by_year=(YearCount(2024, 1),), questions=(CodeCount("KD-G101", 1),), retention_undetermined=1,
    )  # fmt: skip
    said = text_of(page(data, "en"))
    for words in ("1 thing was received", "1 record;", "1 record belongs", "1 question is", "1 record lacks"):
        assert words in said
    assert not re.search(r"\b1 (records|questions|customers|things)\b", said)
    assert "2,046 records" in f"{Count(2046):record|records}"


def test_one_year_alone_gets_no_chart() -> None:
    tree = page(replace(sample_report(), by_year=(YearCount(2024, 7),)))
    assert [row[1].text_content() for row in select(tree, "table.narrow tbody tr")] == ["7"]
    assert not select(tree, "section.found figure")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wider_than_a_phone_scrolls_in_a_box_that_says_so(language: str) -> None:
    tree = page(sample_report(), language)
    boxes = [box for box in tree.iter("div", "figure") if box.get("role") == "region"]
    assert all(box.get("tabindex") == "0" and box.get("aria-label") for box in boxes)
    wide = [box for box in boxes if any(len(head) > 5 for head in select(box, "thead tr"))]
    assert len(wide) == 2
    for box in (*wide, *select(tree, "figure.wide")):
        assert [text_of(hint) for hint in select(box, "p.swipe")] == [Words(language).say("swipe")]
    assert len(select(tree, "p.swipe")) == 4


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_page_is_cut_at_its_edge(
    language: str, width: int, browser: Browser, tmp_path: Path
) -> None:
    for name, data in (("full", long_names()), ("empty", empty_report())):
        written = tmp_path / f"{name}.html"
        written.write_text(render_report(data, language=language), encoding="utf-8")
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.goto(written.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        assert shown.evaluate(CUT) == []
        shown.close()


def test_both_moments_are_said_in_the_zone_of_the_case() -> None:
    data = sample_report()
    head = replace(data.ledger, time=data.ledger.time.astimezone(UTC))
    assert "(UTC+00:00)" not in text_of(page(replace(data, ledger=head)))


def test_totals_are_those_of_the_lines() -> None:
    data = sample_report()
    tree = page(data)
    classes = select(tree, "section.found table")[0]
    foot = [cell.text_content() for cell in select(classes, "tfoot tr")[0]]
    assert foot[2] == f"{sum(line.count for line in data.by_class):,}" == "3,874"
    heat = select(tree, "table.heat")[0]
    for row in select(heat, "tbody tr"):
        numbers = [int(cell.text_content().replace(",", "").replace("·", "0")) for cell in row.iter("td")]
        assert sum(numbers[:-1]) == numbers[-1]
        assert len(numbers) == len(DESKS) + 1
    years = select(tree, "section.retention table")[0]
    numbers = [int(row[-1].text_content().replace(",", "")) for row in select(years, "tbody tr")]
    assert sum(numbers) == sum(line.count for line in data.retention if line.year is not None)


@given(
    st.lists(
        st.builds(RetentionCount, st.integers(2020, 2120), st.sampled_from("abc"), st.integers(1, 9)),
        min_size=1,
    )
)
def test_no_record_is_lost_from_the_retention_chart(lines: list[RetentionCount]) -> None:
    bars = retention_bars(lines, ["a", "b", "c"], Words("zh"))
    assert sum(bar.total for bar in bars) == sum(line.count for line in lines)
    assert len(bars) <= 14
    assert len({bar.label for bar in bars}) == len(bars)


def test_many_desks_and_rules_are_taken_together_and_none_is_lost() -> None:
    many = replace(
        sample_report(),
        personal_data=tuple(FindingCount(FindingCategory.EMAIL, f"desk {n}", n + 1) for n in range(40)),
        retention=tuple(RetentionCount(2030, f"rule {n}", n + 1) for n in range(40)),
    )
    tree = page(many)
    heat = select(tree, "table.heat tbody tr")[0]
    assert len(heat) == 1 + 8 + 1 + 1
    assert heat[-1].text_content() == "820"
    numbers = [
        int(cell.text_content().replace(",", "")) for cell in select(tree, "table.compact tbody tr")[0]
    ]
    assert numbers[0] == 2030
    assert sum(numbers[1:-1]) == numbers[-1] == 820
    assert len(numbers) == 1 + 6 + 1 + 1


@given(st.lists(st.builds(YearCount, st.one_of(st.none(), st.integers(1980, 2030)), st.integers(1, 9))))
def test_no_record_is_lost_from_the_chart_of_years(lines: list[YearCount]) -> None:
    bars = drawn_years(lines, Words("zh"))
    assert sum(bar.total for bar in bars) == sum(line.count for line in lines)
    assert len(bars) <= 17


def test_every_question_says_what_to_do_next() -> None:
    rows = select(page(sample_report()), "section.questions tbody tr")
    assert len(rows) == len(sample_report().questions)
    assert all(row[3].text_content().strip() for row in rows)
    unknown = page(replace(sample_report(), questions=(CodeCount("KD-Z999", 1),)))
    assert Words("zh").say("unknown_code") in text_of(unknown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_those_who_do_not_see_are_told_the_same(language: str) -> None:
    tree = page(sample_report(), language)
    assert all(
        svg.get("aria-hidden") == "true" or (svg.get("role") == "img" and svg.get("aria-label"))
        for svg in tree.iter("svg")
    )
    assert all(th.get("scope") for th in tree.iter("th"))
    assert all(table.find("caption") is not None for table in tree.iter("table"))
    ids = tree.xpath("//*/@id")
    assert len(ids) == len(set(ids))
    assert all(target.removeprefix("#") in ids for target in tree.xpath("//a/@href"))
    levels = [int(h.tag[1]) for h in tree.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def _contrast(one: str, two: str) -> float:
    """Source: WCAG 2.2, relative luminance and contrast ratio."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_cells_are_readable_and_most_series_stand_out_from_paper() -> None:
    for amount in range(101):
        background, colour = shade(amount, 100)
        assert _contrast(background, colour) >= 4.5, amount
    assert all(_contrast(colour, "#ffffff") >= 3 for colour in SERIES[:6])
    assert _contrast(INK, "#ffffff") >= 7


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (3, 5), (11, 20), (21, 25), (702, 1000), (1000, 1000)]
)
def test_the_axis_ends_at_a_round_number(highest: int, top: int) -> None:
    assert nice_top(highest) == top


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, entry in report_texts().items():
        assert set(entry) == {"zh", "en"}, key
        assert places(entry["zh"]) == places(entry["en"]), key


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (2_914_332_118, "2.91 GB"), (10**18, "1000 PB")],
)
def test_sizes_are_said_in_three_figures(size: int, said: str) -> None:
    assert Words("zh").size(size) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_destroyed_is_said_and_not_counted_any_more(language: str) -> None:
    words, data = Words(language), sample_report()
    said = words.say("balance_destroyed", destroyed=12, records=3874)
    whole = "".join(page(data, language).itertext())
    assert said in whole
    assert words.say("balance_explained", kept=4262, records=3886, duplicates=376) in whole
    assert said not in "".join(page(replace(data, destroyed=0), language).itertext())
