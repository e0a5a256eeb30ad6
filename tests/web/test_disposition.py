"""Destruction through the door: the effect first, then the job, while others take in, search and look."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.web.conftest import PASSWORD, Served
from tests.web.doors import followed
from tests.web.keeping_world import ended, events, kept, lin, quiet, send

__all__ = ["kept"]
ARCHIVED = (
    "select id, reference_code from holdings_record where state = 'archived' order by reference_code limit 2"
)


def test_the_figures_of_retention_are_those_of_the_archive(kept: Served, browser: Browser) -> None:
    with lin(browser, kept, "phone") as page:
        page.goto(kept.page("disposition/"))
        due = page.inner_text("a[href*='due=past'] .kd-figure")
        assert int(due.replace(",", "")) == kept.world.ask("status")["due"]
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def late_papers(kept: Served) -> Path:
    """Twelve texts that come while something is destroyed."""
    papers = kept.world.root / "late papers"
    papers.mkdir(exist_ok=True)
    for number in range(12):
        text = f"第 {number} 份补充说明，鹭江码头仓库交接 {number}。"
        (papers / f"补充说明{number}.txt").write_text(text, encoding="utf-8")
    return papers


def plan_order(page: Page, kept: Served, code: str) -> None:
    """The order of one record, up to its button: what it will do is shown first."""
    page.goto(kept.page("disposition/orders/"))
    page.fill("#records", code)
    followed(page, "form[action*='plan'] button")
    said = page.inner_text("main")
    assert code in said
    assert "不能保证" in said
    page.fill("#reason", "保管期满，鉴定同意销毁")
    page.fill("#again", PASSWORD)


def test_nothing_is_lost_when_intake_search_and_pages_go_on_beside_a_destruction(
    kept: Served, browser: Browser
) -> None:
    (doomed, code), (kept_one, kept_code) = kept.world.rows(ARCHIVED)
    quiet(kept)
    papers = late_papers(kept)
    with lin(browser, kept) as page:
        plan_order(page, kept, code)
        taking_in = kept.world.start("intake", papers, "--no-name-model", "--no-resolve", "--workers", "1")
        followed(page, "text=我已看过以上效果，下达销毁")
        job = re.search(r"/jobs/([0-9a-f]{32})/", page.url)
        assert job is not None
        statuses = set()
        searching = kept.world.start("search", "交接", "--json")
        for _ in range(20):
            for path in ("disposition/", "ledger/", f"archive/{kept_one}/", "keeping/"):
                statuses.add(page.request.get(kept.page(path)).status)
        assert "完成" in ended(page, kept, job[1])
        assert taking_in.communicate(timeout=120)[1] is not None
        assert searching.communicate(timeout=60)[0]
        assert (taking_in.returncode, searching.returncode) == (0, 0)
        assert statuses <= {200, 404}, statuses
        page.goto(kept.page("disposition/orders/"))
        followed(page, "tbody a >> nth=0")
        assert "已销毁 1 件" in page.inner_text("main")
        assert "没有：所有登记地点和副本都已更新" in page.inner_text("main")
        page.goto(kept.page(f"records/{doomed}/"))
        assert "销毁时间" in page.inner_text("section:has(#rec-destroyed)")
        assert "保管期限" not in page.locator("main h2").all_inner_texts()
        followed(page, "section:has(#rec-destroyed) a[href*='/orders/'] >> nth=0")
        assert code in page.inner_text("main")
    epoch = kept.world.rows("select epoch from holdings_case")[0][0]
    assert {one for (one,) in kept.world.rows("select epoch from holdings_keyholder")} <= {epoch}
    assert kept.world.run("open", code, "--out", kept.world.root / "dead").status != 0
    assert kept.world.run("open", kept_code, "--out", kept.world.root / "alive").status == 0
    assert kept.world.rows("select count(*) from holdings_occurrence where record_id is not null")[0][0] >= 12
    found = kept.world.ask("verify", "--deep")
    assert found["clean"], found["faults"]
    assert "destruction-completed" in {one["act"] for one in events(kept)}


def test_a_list_that_has_changed_is_refused_and_so_is_an_order_without_a_reason(
    kept: Served, browser: Browser
) -> None:
    quiet(kept)
    living = kept.world.rows(ARCHIVED)[1][0]
    with lin(browser, kept) as page:
        stale = send(page, kept, "disposition/orders/give/", records=living, digest="0" * 64, reason="why")
        assert stale.status == 409
        unsaid = send(page, kept, "disposition/orders/give/", records=living, digest="0" * 64, reason=" ")
        assert unsaid.status == 400
        planned = send(page, kept, "disposition/orders/plan/", records="NO-SUCH-CODE")
        assert planned.status == 404
