"""The list of records: found, narrowed, shown covered, changed many at once and taken back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import Served, sign_in, signed_in
from tests.web.doors import followed


def total(page: Page) -> int:
    found = re.search(r"[\d,]+", page.inner_text(".arc-total"))
    assert found is not None
    return int(found.group().replace(",", ""))


def facet(page: Page, name: str) -> dict[str, int]:
    rows = page.locator(f"section:has(#facet-{name}) li a")
    said = [
        (row.locator(".arc-label").inner_text(), row.locator(".arc-count").inner_text()) for row in rows.all()
    ]
    return {label: int(count.replace(",", "")) for label, count in said}


@contextmanager
def reading(browser: Browser, served: Served) -> Iterator[Page]:
    """A page of the reader, who is led to nothing but the archive."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, served, "reader")
    yield page
    context.close()


@contextmanager
def confirming_another_list(browser: Browser, served: Served) -> Iterator[str]:
    """What the page says when what was confirmed is not what was shown."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, served, "officer")
    page.goto(served.page("archive/?questions=open"))
    page.check("input[name=all]")
    followed(page, "button[value=assign]")
    page.eval_on_selector("input[name=digest]", "field => { field.value = 'of another list'; }")
    followed(page, ".arc-effect button.btn-primary")
    yield page.inner_text("main")
    context.close()


def search(page: Page, words: str) -> None:
    page.fill("#archive-words", words)
    page.wait_for_url(re.compile(r"[?&]s=[0-9a-f]{16}"))
    page.wait_for_load_state("networkidle")


def test_figures_lead_to_as_many_records_as_they_say(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("archive/"))
        assert total(page) == served.world.ask("status")["balance"]["records"]
        classes = facet(page, "class")
        assert sum(classes.values()) == total(page)
        followed(page, "section:has(#facet-class) li a >> nth=0")
        assert total(page) == next(iter(classes.values()))
        followed(page, "section:has(#facet-year) li a >> nth=0")
        narrowed = total(page)
        rows = page.locator(".arc-table tbody tr")
        assert rows.count() == min(narrowed, 40)
        followed(page, ".arc-chosen .arc-chip >> nth=0")
        assert total(page) >= narrowed


def test_pages_follow_one_another_and_show_every_record_once(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("archive/?sort=code"))
        wanted, seen = total(page), []
        while True:
            seen += page.eval_on_selector_all("input[name=record]", "boxes => boxes.map(box => box.value)")
            if not page.locator("a[rel=next]").count():
                break
            followed(page, "a[rel=next]")
        assert len(seen) == len(set(seen)) == wanted


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_words_are_found_while_typing_and_stand_in_no_address(
    served: Served, browser: Browser, size: str
) -> None:
    with signed_in(browser, served, "lin", size) as page:
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(unquote(request.url)))
        page.goto(served.page("archive/"))
        search(page, "客户")
        found = total(page)
        assert found > 0
        assert page.locator(".arc-snippet mark").count() > 0
        page.reload()
        assert (total(page), page.input_value("#archive-words")) == (found, "客户")
        page.goto(served.page("archive/"))
        page.go_back()
        page.wait_for_load_state("networkidle")
        assert total(page) == found
        assert not any("客户" in address for address in addresses)


def test_a_search_is_noted_once_for_what_was_typed(served: Served, browser: Browser) -> None:
    def noted() -> int:
        return len(served.world.ask("ledger", "list", "--act", "searched", "--limit", "1000"))

    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("archive/"))
        before = noted()
        page.type("#archive-words", "合同金额", delay=80)
        page.wait_for_url(re.compile(r"[?&]s="))
        page.wait_for_load_state("networkidle")
        assert noted() == before + 1


def test_whoever_reads_contracts_finds_and_counts_contracts_only(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("archive/?class=contract"))
        contracts = total(page)
        search(page, "公司")
        among = total(page)
    with reading(browser, served) as page:
        page.goto(served.page("archive/"))
        assert total(page) == contracts
        assert len(facet(page, "class")) <= 1
        search(page, "公司")
        assert total(page) == among
        answer = page.request.get(served.page("archive/customers/"))
        assert answer.status == 403


def test_titles_show_no_personal_value_to_a_reader(served: Served, browser: Browser) -> None:
    names = {one["name"] for one in served.world.ask("customers") if one["kind"] == "person"}
    with reading(browser, served) as page:
        page.goto(served.page("archive/"))
        said = page.inner_text(".arc-table")
    assert not [name for name in names if name in said]


def test_a_change_of_many_shows_its_effect_first_and_can_be_taken_back(
    served: Served, browser: Browser
) -> None:
    with signed_in(browser, served, "officer") as page:
        page.goto(served.page("archive/?class=contract"))
        before = total(page)
        page.check("input[name=all]")
        followed(page, "button[value=class]")
        assert f"{before} 件" in page.inner_text(".kd-figure")
        page.select_option("#value", "service")
        followed(page, ".arc-effect button.btn-primary")
        assert page.goto(served.page("archive/?class=contract")) is not None
        assert total(page) == before, "looking at the effect changes nothing"
        page.check("input[name=all]")
        followed(page, "button[value=class]")
        page.select_option("#value", "service")
        followed(page, ".arc-effect button.btn-primary")
        page.fill("#reason", "整批看过，都是服务记录")
        followed(page, ".arc-effect button.btn-primary")
        assert f"{before} 件" in page.inner_text(".kd-figure")
        followed(page, "form[action*=undo] button")
        page.goto(served.page("archive/?class=contract"))
        assert total(page) == before


def test_an_export_names_its_receiver_and_only_who_may_gets_it(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("archive/?class=contract"))
        page.check("input[name=all]")
        followed(page, "button[value=export]")
        page.fill("#receiver", "某某会计师事务所")
        page.fill("#reason", "年度审计")
        with page.expect_download() as waiting:
            page.click(".arc-effect button.btn-primary")
        book = zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes()))
        assert "某某会计师事务所" in book.read("xl/worksheets/sheet1.xml").decode()
        assert "会计师" not in waiting.value.suggested_filename
    with signed_in(browser, served, "officer") as page:
        page.goto(served.page("archive/"))
        assert page.locator("button[value=export]").count() == 0


def test_a_saved_view_is_its_owners_alone(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("archive/?state=archived&sort=due&columns=code,due"))
        there = total(page)
        page.click("summary:has-text('常用视图')")
        page.fill("#view-name", "到期清单")
        followed(page, ".arc-save button")
        page.click("summary:has-text('常用视图')")
        address = page.locator(".arc-view a").get_attribute("href") or ""
        followed(page, ".arc-view a")
        assert total(page) == there
        assert "sort=due" in page.url
    with signed_in(browser, served, "officer") as page:
        page.goto(served.page("archive/"))
        assert page.locator(".arc-view").count() == 0
        assert page.request.get(served.address + address).status == 404


def test_what_no_list_has_is_refused_with_its_code(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        for path, status, code in (
            ("archive/?after=abc", 400, "KD-H341"),
            (f"archive/views/{'0' * 32}/", 404, "KD-H343"),
        ):
            answer = page.request.get(served.page(path))
            assert (answer.status, code in answer.text()) == (status, True)
    with confirming_another_list(browser, served) as said:
        assert "KD-H342" in said
