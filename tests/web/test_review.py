"""归档审核 in a real browser: another person accepts or sends back, one by one and by sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.holdings.test_correcting import played
from tests.web.conftest import Filled, Served, serving, sign_in, signed_in
from tests.web.doors import followed
from tests.web.test_checking import pressed
from tests.world import World

WAITING = "SELECT count(*) FROM holdings_record WHERE state = 'review'"


@pytest.fixture(scope="module")
def waiting(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy of the case in which what is sorted waits for another person. Copied, not used."""
    world = filled_case.world.copied(tmp_path_factory.mktemp("waiting") / "world")
    assert played(world, "reviewing_on", "all_to_review")["all_to_review"] >= 3
    return world


@pytest.fixture(scope="module")
def door(waiting: World, filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a case in which records wait; each test takes one or two of them."""
    world = waiting.copied(tmp_path_factory.mktemp("review") / "world")
    with serving(world, filled_case.people) as opened:
        yield opened


@pytest.fixture
def door_of_batch(waiting: World, filled_case: Filled, tmp_path: Path) -> Iterator[Served]:
    """A door of its own for a test that takes everything that meets the standard."""
    with serving(waiting.copied(tmp_path / "world"), filled_case.people) as opened:
        yield opened


def test_one_is_accepted_and_one_sent_back_with_its_reason(door: Served, browser: Browser) -> None:
    (before,) = door.world.rows(WAITING)[0]
    with signed_in(browser, door, "bo") as page:
        page.goto(door.page("review/"))
        followed(page, "tr:has(.kd-good) a")
        pressed(page, "a")
        assert "Q001" in page.inner_text(".alert")
        page.goto(door.page("review/"))
        followed(page, "tbody a")
        page.fill("#reason", "题名与内容不符")
        page.keyboard.press("Escape")
        pressed(page, "b")
    assert door.world.rows(WAITING)[0] == (before - 2,)
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("checking/next/?code=KD-H420"))
        assert "题名与内容不符" in page.inner_text("#ck-decide")


def test_what_fails_the_standard_is_not_accepted_without_exception_and_reason(
    door: Served, browser: Browser
) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, door, "bo")
    page.goto(door.page("review/"))
    followed(page, "tr:has(.kd-warn) a")
    followed(page, "button[value=accepted]")
    assert "KD-H412" in page.inner_text("main")
    for box in page.locator("input[name=except]").all():
        box.check()
    followed(page, "button[value=accepted]")
    assert "KD-H406" in page.inner_text("main")
    for box in page.locator("input[name=except]").all():
        box.check()
    page.fill("#reason", "原件确无日期")
    followed(page, "button[value=accepted]")
    assert "档号" in page.inner_text(".alert")
    context.close()


def test_a_batch_is_looked_at_by_sample_with_keys_and_accepted_whole(
    door_of_batch: Served, browser: Browser
) -> None:
    with signed_in(browser, door_of_batch, "bo") as page:
        page.on("dialog", lambda asked: asked.accept())
        page.goto(door_of_batch.page("review/"))
        followed(page, "form[action$='draw/'] button")
        assert page.locator("button[value=accepted]").count() == 0
        pressed(page, "Enter")
        while "?batch=" in page.url:
            pressed(page, "y")
        pressed(page, "a")
        assert "给出档号" in page.inner_text(".alert")


def test_who_sorted_it_and_who_may_not_accept_are_refused(door: Served, browser: Browser) -> None:
    rows = door.world.rows("SELECT id FROM holdings_record WHERE state = 'review' LIMIT 1")
    record = rows[0][0]
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page(f"checking/records/{record}/"))
        page.select_option("#sensitivity", "trade-secret")
        page.fill("#reason", "含报价")
        followed(page, "button[value=accepted]")
        page.goto(door.page(f"review/{record}/"))
        assert "由您本人整理" in page.inner_text("main")
        assert page.locator("button[value=accepted]").count() == 0
    for nobody in ("officer", "reader", "chen", "admin"):
        context = browser.new_context()
        other = context.new_page()
        sign_in(other, door, nobody)
        assert other.request.get(door.page("review/")).status == 403
        context.close()
