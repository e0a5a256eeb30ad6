"""The door itself: it opens, asks who is there, and shows nobody what is not theirs."""

from __future__ import annotations

import re

from playwright.sync_api import Browser

from tests.web.conftest import Served, sign_in, signed_in


def test_whoever_may_sees_the_balance_of_the_case(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        page.goto(served.address)
        assert page.url == served.page("")
        balance = served.world.ask("status")["balance"]
        assert f"{balance['received']:,}" in page.inner_text("main")


def test_somebody_without_a_grant_is_refused_with_a_code(served: Served, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, served, "chen")
    answer = page.goto(served.page(""))
    assert answer is not None
    assert answer.status == 403
    assert "KD-S302" in page.inner_text("main")
    context.close()


def test_a_case_that_is_not_there_looks_like_one_that_is_not_ours(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        answer = page.request.get(f"{served.address}/c/ZZZZ/")
        assert answer.status == 404


def test_who_has_not_signed_in_is_led_to_the_form(served: Served, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.page(""))
    assert "/account/login/" in page.url
    context.close()


def test_nothing_on_the_first_page_is_a_fingerprint(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "lin") as page:
        assert re.search(r"[0-9a-f]{64}", page.inner_text("body")) is None


def test_a_page_that_says_what_is_wrong_still_says_which_case_it_is_of(
    served: Served, browser: Browser
) -> None:
    with signed_in(browser, served, "lin") as page:
        headers = {"Accept": "text/html"}
        refused = page.request.get(served.page("settings/who-saw/"), headers=headers)
        pressed = page.request.get(served.page("ledger/receipt/"), headers=headers)
        for answer, status, code in ((refused, 403, "KD-S302"), (pressed, 405, "KD-K401")):
            assert answer.status == status
            assert code in answer.text()
            assert '<span class="text-secondary">Q001</span>' in answer.text()
        assert pressed.headers["allow"] == "POST"
