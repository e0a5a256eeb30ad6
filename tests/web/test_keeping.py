"""保管 through the door: copies by schedule, drills whose results are signed, damage that is named and mended."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser

from kedang.entrypoints.work import POLITENESS
from tests.web.conftest import PASSWORD, Served, sign_in, signed_in
from tests.web.doors import followed
from tests.web.keeping_world import carried_out, ended, events, job_of, kept, lin, packs, quiet, send
from tests.world import programs_below

__all__ = ["kept"]


def test_a_copy_that_is_registered_is_backed_up_by_its_schedule(kept: Served, browser: Browser) -> None:
    with lin(browser, kept) as page:
        page.goto(kept.page("keeping/add/"))
        page.fill("#name", "异地副本")
        page.fill("#path", str(kept.world.root / "second copy"))
        page.fill("#again", PASSWORD)
        page.click("main form button.btn-primary")
        page.wait_for_url(kept.page("keeping/"))
        assert "异地副本" in page.inner_text("main")
        for _ in range(200):
            rows = kept.world.rows(
                "select id from holdings_copy where ordinal > 1 and last_complete is not null"
            )
            if rows:
                break
            page.wait_for_timeout(300)
        quiet(kept)
        copy = rows[0][0]
        services = {one for (one,) in kept.world.rows("select id from holdings_agent where kind = 'service'")}
        backed = [
            one for one in events(kept) if f"copy:{copy}" in one["objects"] and one["act"] == "backed-up"
        ]
        assert backed[0]["actor"] in services
        assert "异地副本" in page.request.get(kept.page("keeping/")).text()
        page.goto(kept.page(f"keeping/copies/{copy}/"))
        page.fill("#every", "3")
        page.fill("#rate", "12.5")
        followed(page, "main form .btn-primary")
        assert page.input_value("#every") == "3"
        assert page.input_value("#rate") == "12.5"
        assert events(kept)[-1]["facts"] == {"every_days": 3, "bytes_per_second": 12_500_000}
        assert send(page, kept, f"keeping/copies/{copy}/remove/").status == 302


def test_a_drill_is_shown_and_its_signed_result_handed_out(kept: Served, browser: Browser) -> None:
    with lin(browser, kept) as page:
        assert "完成" in carried_out(page, kept, "keeping/drill/")
        page.goto(kept.page("keeping/"))
        assert "演练通过，能够恢复" in page.inner_text("main")
        with page.expect_download() as handed:
            page.click("text=下载签名结果")
        text = handed.value.path().read_text(encoding="utf-8")
        assert '"format":"kedang-drill"' in text
        assert '"passed":true' in text
        assert "\n— kedang/" in text


def test_work_that_waits_says_for_what_as_far_as_that_may_be_seen(kept: Served, browser: Browser) -> None:
    quiet(kept)
    with lin(browser, kept) as page, signed_in(browser, kept, "officer") as officer:
        for _ in range(5):  # the change of keys may be over before the other is asked for
            rotating = job_of(send(page, kept, "keeping/keys/change/"))
            checking = job_of(send(officer, kept, "keeping/checks/verify/", deep="1"))
            waits = officer.request.get(kept.page(f"jobs/{checking}/")).text()
            seen = page.request.get(kept.page(f"jobs/{checking}/")).text()
            assert "完成" in ended(page, kept, rotating)
            assert "完成" in ended(page, kept, checking)
            if "做完再开始" in waits and "做完再开始" in seen:
                break
        assert "等另一项后台任务做完再开始" in waits  # the officer does not hold keys
        assert "更换密钥" not in waits
        assert "等“更换密钥”做完再开始" in seen


def test_damage_is_named_with_its_records_and_mended_from_the_copy(kept: Served, browser: Browser) -> None:
    with lin(browser, kept) as page:
        assert "完成" in carried_out(page, kept, "keeping/backup/")
        quiet(kept)
        largest = max(packs(kept), key=lambda path: path.stat().st_size)
        whole = largest.read_bytes()
        largest.chmod(0o600)
        largest.write_bytes(whole[:4000] + bytes([whole[4000] ^ 1]) + whole[4001:])
        assert "完成" in carried_out(page, kept, "keeping/checks/verify/", deep="1")
        page.goto(kept.page("keeping/checks/"))
        said = page.inner_text("main")
        assert largest.name in said
        assert "副本 1" in said
        assert re.search(r"共 \d+ 件", said)
        assert "完成" in carried_out(page, kept, "keeping/checks/verify/", deep="1", heal="1")
        page.goto(kept.page("keeping/checks/"))
        assert "没有发现问题" in page.inner_text("main")
        assert largest.read_bytes() == whole


def test_a_round_goes_on_as_work_and_says_how_far_it_is(kept: Served, browser: Browser) -> None:
    with signed_in(browser, kept, "officer", "phone") as page:
        assert "完成" in carried_out(page, kept, "keeping/checks/round/")
        page.goto(kept.page("keeping/checks/"))
        assert "没有损坏" in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("officer", "keeping/", 200), ("officer", "keeping/keys/", 403), ("officer", "disposition/orders/", 403),
        ("auditor", "ledger/", 200), ("auditor", "keeping/", 403), ("auditor", "disposition/", 403),
        ("chen", "ledger/", 403), ("reader", "disposition/", 200), ("admin", "keeping/keys/", 403),
    ],
)  # fmt: skip
def test_each_page_is_for_those_whose_duty_it_is(
    kept: Served, browser: Browser, login: str, path: str, status: int
) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, kept, login)
    assert page.request.get(kept.page(path)).status == status
    context.close()


def test_nothing_dangerous_is_done_without_the_password(kept: Served, browser: Browser) -> None:
    with lin(browser, kept) as page:
        before = len(events(kept))
        for path in (
            "keeping/keys/change/",
            "keeping/keys/reseal/",
            "keeping/keys/passphrase/",
            "keeping/keys/other/",
        ):
            answer = send(page, kept, path, again="not hers", new="x" * 20, repeated="x" * 20)
            assert answer.status == 403
            assert "KD-K405" in answer.text()
        assert [one["act"] for one in events(kept)[before:] if one["act"] != "fixity-round-ended"] == []


def test_long_work_gives_way_to_people_who_wait_for_a_page(kept: Served, browser: Browser) -> None:
    with lin(browser, kept) as page, ThreadPoolExecutor(1) as beside:
        over = Event()
        seen = beside.submit(politeness, kept.process.pid, over)
        try:
            carried_out(page, kept, "keeping/backup/")
        finally:
            over.set()
        assert POLITENESS in seen.result()


def politeness(door: int, over: Event) -> set[int]:
    """How polite the processes of jobs below the door were, until it is over."""
    found = set()
    while not over.wait(0.02):
        for pid in programs_below(door, "kedang.entrypoints.work"):
            with suppress(OSError):
                stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
                found.add(int(stat.rpartition(")")[2].split()[16]))
    return found
