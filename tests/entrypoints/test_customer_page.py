"""The customer's page: words for everything, plain where there is nothing, safe with hostile names."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from lxml import html
from rich.cells import cell_len

from kedang.entrypoints.cards.printing import fonts_of
from kedang.entrypoints.customer_page.html import page_html
from kedang.entrypoints.customer_page.making import Standing, customer_page, reconciliation_page
from kedang.entrypoints.customer_page.printing import page_pdf
from kedang.entrypoints.customer_page.terminal import ROWS_SHOWN, page_lines
from kedang.entrypoints.customer_page.texts import PageWords, page_texts
from kedang.resolution.dealings import PaperKind
from kedang.resolution.links import Ground

STANDING = Standing("云溪样例商贸有限公司", "Q001", datetime(2026, 11, 22, 8, 30, tzinfo=UTC))
LANGUAGES = ("zh", "en")
HOSTILE = '"><script>alert(1)</script>\u202egnp.exe\x00&lt;b&gt;'
NOTHING = {"until": "", "not_before": "", "records": 0, "permanent": 0, "undetermined": 0}


def _empty(**more: Any) -> dict[str, Any]:
    lists = ("merged", "profile", "links", "judgements", "documents", "dealings", "signs", "timeline")
    file: dict[str, Any] = {name: [] for name in lists}
    file |= {"number": 7, "id": "00" * 16, "kind": "person", "name": "司徒静", "records": {}, "to_judge": 0}
    return file | {"retention": NOTHING, "not_kept": ["consents", "notices", "requests"]} | more


def _full(name: str = "司徒静") -> dict[str, Any]:
    record, code = "ab" * 16, "Q001-KH·HT·2024·D10-00001"
    source = {"record_id": record, "reference_code": code, "role": "buyer", "mention": 0, "row": None}
    steps = [
        {"what": "prior", "level": "", "millibits": -11490, "zh": "比对之前", "en": "before comparing"},
        {"what": "name", "level": "equal", "millibits": 27241, "zh": "姓名相同", "en": "the same name"},
    ]
    evidence = {"to": [record, 1], "millibits": 15751, "ppm": 999982, "steps": steps}
    document = {
        "record_id": record, "reference_code": code, "title": name, "class": "contract", "date": "2024-03-01",
        "standing": "own", "paper": "contract", "total": "100.00", "numbers": [],
        "retention": {"until": "2034-12-31", "rule": "RS-X", "zh": "", "en": ""},
    }  # fmt: skip
    return _empty(
        name=name,
        profile=[{"field": "name", "values": [{"value": name, "sources": [source]}]}],
        documents=[document] * (ROWS_SHOWN + 5),
        links=[{**source, "number": 7, "ground": "model", "mentions": [],
                "joined": [{"mention": 0, "to": [record, 1], "evidence": evidence}] * 3}],
        judgements=[{"number": 1, "kind": "same", "decided": "2026-11-22T08:00:00", "undone": "", "agent": "", "reason": name, "records": []}],
        retention=NOTHING | {"until": "undetermined", "not_before": "2034-12-31", "records": 2, "undetermined": 1},
        timeline=[{"date": "2024-03-01", "what": "signed_on", "record_id": record}],
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_was_found_the_page_says_so(language: str) -> None:
    words = PageWords(language)
    page = page_html(customer_page(_empty(), STANDING, words), words)
    shown = "".join(map(str, html.document_fromstring(page).itertext()))
    for key in (
        "no-profile", "no-dealings", "no-signs", "no-records", "no-timeline", "no-links", "no-judgements",
        "not-kept-lead",
    ):  # fmt: skip
        assert words.say(key) in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_from_outside_stay_text_in_page_print_and_lines(language: str) -> None:
    words = PageWords(language)
    page = customer_page(_full(HOSTILE), STANDING, words)
    tree = html.document_fromstring(page_html(page, words))
    assert not [one for one in tree.iter() if one.tag == "script"]
    assert "alert(1)" in "".join(map(str, tree.itertext()))
    assert "\u202e" not in page_html(page, words)
    assert not any("\u202e" in line or "\x00" in line for line, _ in page_lines(page, "{count}"))
    made = page_pdf(page, words)
    printed = "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(BytesIO(made)))
    assert "alert(1)" in printed


def test_the_print_is_a4_with_its_chinese_font_and_the_steps_of_the_evidence() -> None:
    words = PageWords("zh")
    made = page_pdf(customer_page(_full(), STANDING, words), words)
    opened = pypdfium2.PdfDocument(BytesIO(made))
    text = "".join(page.get_textpage().get_text_range() for page in opened)
    assert {tuple(round(side) for side in page.get_size()) for page in opened} == {(595, 842)}
    assert any("NotoSansSC" in font for font in fonts_of(made))
    for said in ("司徒静", "姓名相同", "+27.2", "99.9982%", "尚不能确定"):
        assert said in text


def test_equal_evidence_is_drawn_once_and_its_steps_add_up() -> None:
    words = PageWords("zh")
    page = page_html(customer_page(_full(), STANDING, words), words)
    (fall,) = [one for one in html.document_fromstring(page).iter() if one.attrib.get("class") == "waterfall"]
    said = "".join(map(str, fall.itertext()))
    assert "3 处比对归入" in said
    assert all(bits in said for bits in ("-11.5", "+27.2", "+15.8"))


def test_long_tables_are_cut_on_the_screen_and_say_so() -> None:
    words = PageWords("zh")
    lines = [line for line, _ in page_lines(customer_page(_full(), STANDING, words), "另有 {count} 行")]
    assert "    另有 5 行" in lines
    assert any("█" in line for line in lines)
    heads = [line for line in lines if line.startswith("    档号")]
    codes = [line for line in lines if "2034年12月31日" in line and line.startswith("    Q001")]
    assert cell_len(heads[0].partition("题名")[0]) == cell_len(codes[0].partition("司徒静")[0])


def test_every_closed_list_has_its_words() -> None:
    risks = tomllib.loads(files("kedang.resolution").joinpath("risks.toml").read_text(encoding="utf-8"))
    facts = tomllib.loads(files("kedang.appraisal").joinpath("facts.toml").read_text(encoding="utf-8"))
    wanted = {f"paper-{kind.value}" for kind in PaperKind} | {f"ground-{one.value}" for one in Ground}
    wanted |= {f"sign-{code}" for code in risks["lines"]}
    wanted |= {f"day-{kind}" for kind, one in facts["kind"].items() if one["value"] == "date"}
    assert wanted <= page_texts().keys()
    assert all(one["zh"] and one["en"] for one in page_texts().values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_reconciliation_says_that_there_was_nothing(language: str) -> None:
    words = PageWords(language)
    found = {"agrees": True, "dealings": 0, "closed": 0, "lists": 0, "totals": [], "gaps": []}
    page = page_html(reconciliation_page(found, STANDING, words), words)
    assert words.say("no-papers") in page
