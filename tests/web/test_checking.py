"""核对 in a real browser: worked by keyboard alone, undone, never answered twice, seen by grant."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import Filled, Served, enrol, serving, sign_in, signed_in
from tests.web.doors import followed, token_of

SORTER = {
    "login": "sorter",
    "name": "整小暑",
    "grants": [{"role": "sorter", "scope": {"classes": ["contract"]}}],
}


@pytest.fixture(scope="module")
def door(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a copy of the case, with one who sorts contracts only."""
    world = filled_case.world.copied(tmp_path_factory.mktemp("checking") / "world")
    people = filled_case.people | enrol(world, [SORTER])
    with serving(world, people) as opened:
        yield opened


def pressed(page: Page, key: str) -> None:
    """A key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def count_of(page: Page) -> int:
    """How many questions the queue says that wait."""
    said = page.locator("a.ck-chip").first.inner_text()
    return int(re.sub(r"\D", "", said))


def test_a_question_is_answered_corrected_and_undone_by_keyboard_alone(
    door: Served, browser: Browser
) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("checking/"))
        before = count_of(page)
        pressed(page, "Enter")
        first = page.url.partition("?")[0]
        page.keyboard.press("2")
        assert page.is_checked("input[value=contract]")
        page.keyboard.press("r")
        page.keyboard.type("a 原件写明 2")  # letters and digits are text in a field, no shortcuts
        page.keyboard.press("Escape")
        pressed(page, "a")
        assert page.url.partition("?")[0] != first
        page.goto(door.page("checking/"))
        assert count_of(page) == before - 1
        pressed(page, "Enter")
        pressed(page, "k")  # from the first one there is none before: the first again
        page.goto(first)
        assert "a 原件写明 2" in page.inner_text(".ck-history")
        followed(page, ".ck-history button")
        assert page.url.partition("?")[0] == first
        assert "撤销" in page.inner_text(".ck-history")
        page.goto(door.page("checking/"))
        assert count_of(page) == before


def test_the_last_answer_is_undone_with_one_key_and_a_question_is_skipped(
    door: Served, browser: Browser
) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("checking/next/"))
        first = page.url
        pressed(page, "s")
        second = page.url
        assert second != first
        pressed(page, "a")
        pressed(page, "z")
        assert page.url.partition("?")[0] == second.partition("?")[0]
        assert "恢复为原来的值" in page.inner_text("main")


def test_the_second_of_two_people_on_one_question_is_told(door: Served, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    other = context.new_page()
    sign_in(other, door, "officer")
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("checking/next/?blocking=1"))
        other.goto(page.url)
        page.keyboard.press("4")
        pressed(page, "a")
        other.fill("#reason", "我看是合同")
        other.keyboard.press("Escape")
        other.keyboard.press("2")
        with other.expect_response(lambda answer: answer.request.method == "POST") as answered:
            pressed(other, "a")
        assert answered.value.status == 409
        said = other.inner_text("main")
        assert "KD-H401" in said
        assert "我看是合同" in said
        assert "林知夏" in said
        assert other.locator(".ck-history > li:not(.ck-undone)").count() == 1
    context.close()


def test_only_what_the_grant_covers_is_counted_and_opened(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("checking/"))
        everything = count_of(page)
        page.goto(door.page("checking/next/?class=other"))
        foreign = page.url
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, door, "sorter")
    page.goto(door.page("checking/"))
    mine = count_of(page) if page.locator("a.ck-chip").count() else 0
    assert mine < everything
    assert page.locator("#ck-lift").count() == 0
    assert page.request.get(foreign).status == 404
    context.close()
    for nobody in ("reader", "bo", "chen", "admin"):
        context = browser.new_context()
        page = context.new_page()
        sign_in(page, door, nobody)
        assert page.request.get(door.page("checking/")).status == 403
        context.close()


def test_a_question_fits_a_phone(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "officer", "phone") as page:
        for path in ("checking/", "checking/next/"):
            page.goto(door.page(path))
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        followed(page, "button[value=dismissed]")
        assert page.locator(".ck-done").count() == 1


def test_a_record_nobody_has_asked_about_is_corrected_with_a_reason(door: Served, browser: Browser) -> None:
    (record,) = door.world.rows(
        "SELECT id FROM holdings_record WHERE state = 'archived' AND record_class = 'contract' LIMIT 1"
    )[0]
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page(f"records/{record}/"))
        followed(page, "a[href*='/checking/records/']")
        page.fill("#title", "供货补充协议")
        page.select_option("#sensitivity", "trade-secret")
        page.fill("#date", "2024-02-29")
        wrong = {"new-kind": "amount", "new-fact": "十几块", "reason": "核对原件", "answer": "accepted"}
        seen = page.get_attribute("[name=seen]", "value") or ""
        answer = page.request.post(
            page.url,
            form={**wrong, "seen": seen, "csrfmiddlewaretoken": token_of(page)},
            headers={"Referer": door.address},
        )
        assert answer.status == 400
        assert "有误的一栏：金额" in answer.text()
        assert 'value="十几块"' in answer.text()
        page.select_option("#new-kind", "party")
        page.fill("[name=new-fact]", "欧阳若兰")
        page.fill("#reason", "核对原件")
        followed(page, "button[value=accepted]")
        said = page.inner_text(".ck-history")
        for one in ("商业秘密", "2024-02-29", "核对原件", "供货补充协议"):
            assert one in said
        assert "欧阳若兰" not in page.content()
        followed(page, ".ck-history a[href*='reveal']")
        page.fill("#reason", "核对更正")
        followed(page, ".rec-buttons button")
        assert "欧阳若兰" in page.inner_text(".rec-said")
        page.goto(door.page(f"records/{record}/"))
        assert "供货补充协议" in page.inner_text("h1")
        assert "人工更正" in page.inner_text(".rec-facts")
        assert "欧阳若兰" not in page.content()
