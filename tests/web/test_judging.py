"""The judging queue with the keyboard alone, by two people at once, and the audit with its bound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.customers.conftest import compared as compared
from tests.web.conftest import PEOPLE, Served, enrol, serving, signed_in
from tests.world import World


@pytest.fixture(scope="module")
def queued(compared: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a case in which pairs wait."""
    world = compared.copied(tmp_path_factory.mktemp("judging") / "world")
    with serving(world, enrol(world, PEOPLE)) as door:
        yield door


PAIR = "document.querySelector('form[data-judge] input[name=pair]')?.value"


def pair(page: Page) -> str:
    """The pair that is asked; empty when none is left."""
    found = page.evaluate(f"() => {PAIR} ?? ''")
    return str(found)


def press(page: Page, key: str, *, back_to: str = "") -> None:
    """A key, and what comes after it."""
    before = pair(page)
    page.keyboard.press(key)
    wanted = f"one => {PAIR} === one" if back_to else f"one => {PAIR} !== one"
    page.wait_for_function(wanted, arg=back_to or before)


def test_keys_judge_skip_and_take_back_and_the_score_comes_after(queued: Served, browser: Browser) -> None:
    with signed_in(browser, queued, "officer") as page:
        page.goto(queued.page("customers/judging/"))
        first, before = pair(page), judged(queued)
        assert first
        assert page.locator(".waterfall").count() == 0
        press(page, "2")
        assert page.locator(".waterfall").count() == 1
        assert judged(queued) == [*before, "different"]
        press(page, "z", back_to=first)
        assert page.locator(".waterfall").count() == 0
        assert judged(queued) == before
        press(page, " ")
        assert judged(queued) == before


def test_a_key_in_a_field_is_a_letter(queued: Served, browser: Browser) -> None:
    with signed_in(browser, queued, "officer") as page:
        page.goto(queued.page("customers/judging/"))
        before, held = pair(page), judged(queued)
        page.focus("#reason")
        page.keyboard.type("1 2 z")
        assert page.input_value("#reason") == "1 2 z"
        assert pair(page) == before
        assert judged(queued) == held


def test_two_people_on_one_pair_judge_it_once(queued: Served, browser: Browser) -> None:
    with signed_in(browser, queued, "officer") as one, signed_in(browser, queued, "lin") as other:
        for page in (one, other):
            page.goto(queued.page("customers/judging/"))
        both, held = pair(one), judged(queued)
        assert pair(other) == both
        press(one, "3")
        press(other, "1")
        assert other.locator(".alert-warning").count() == 1
        assert judged(queued) == [*held, "cannot-tell"]
        press(one, "z", back_to=both)


def test_an_audit_ends_with_a_bound(queued: Served, browser: Browser) -> None:
    with signed_in(browser, queued, "lin") as page:
        page.goto(queued.page("customers/audit/"))
        page.select_option("#size", "30")
        page.locator("form[action$='/audit/new/'] button").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("form[data-judge], .alert-info")
        drawn = page.locator("form[data-judge]").count()
        while pair(page):
            press(page, "1")
        page.goto(queued.page("customers/audit/"))
        assert ("≤" in page.inner_text("main")) == bool(drawn)


def judged(door: Served) -> list[str]:
    """Judgements that hold."""
    rows = door.world.rows("SELECT kind FROM holdings_judgement WHERE undone IS NULL ORDER BY ordinal")
    return [str(kind) for (kind,) in rows]
