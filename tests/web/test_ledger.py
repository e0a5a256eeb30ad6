"""台账 through the door: filters, pages, receipts that outsiders check, and the line that says whether it is whole."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser

from kedang.ledger.checkpoints import Checkpoint, origin_of
from kedang.ledger.short_codes import short_code
from kedang.records.ids import CaseId
from tests.web.conftest import Served, signed_in
from tests.web.doors import followed
from tests.web.keeping_world import events, kept, lin, send

__all__ = ["kept"]


def test_the_ledger_is_filtered_paged_and_exported(kept: Served, browser: Browser) -> None:
    with signed_in(browser, kept, "auditor") as page:
        page.goto(kept.page("ledger/"))
        assert "台账完整" in page.inner_text(".kd-verdict-good")
        page.select_option("#act", "archived")
        followed(page, "main form[role=search] button")
        rows = page.locator("tbody tr")
        assert rows.count() == 50
        assert set(page.locator("tbody tr td:nth-child(4)").all_inner_texts()) == {"归档"}
        oldest = page.locator("tbody tr td:nth-child(1)").last.inner_text()
        followed(page, "text=更早")
        following = page.locator("tbody tr td:nth-child(1)").first.inner_text()
        assert int(following.replace(",", "")) < int(oldest.replace(",", ""))
        with page.expect_download() as handed:
            page.click("text=导出表格（CSV）")
        told = list(csv.DictReader(handed.value.path().read_text(encoding="utf-8-sig").splitlines()))
        assert {one["act"] for one in told} == {"archived"}
        assert len(told) == sum(one["act"] == "archived" for one in events(kept))
        page.goto(kept.page("ledger/?record=NO-SUCH"))
        assert "没有符合条件" in page.inner_text("main")


def test_a_receipt_is_checked_by_a_stranger_and_here(kept: Served, browser: Browser, tmp_path: Path) -> None:
    with signed_in(browser, kept, "auditor") as page:
        page.goto(kept.page("ledger/3/"))
        with page.expect_download() as receipt:
            page.click("text=下载回执")
        with page.expect_download() as program:
            page.click("text=下载核验程序")
        held, verifier = tmp_path / "receipt.json", tmp_path / "kedang_verify.py"
        receipt.value.save_as(held)
        program.value.save_as(verifier)
        ran = subprocess.run([sys.executable, verifier, held], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        page.goto(kept.page("ledger/check/"))
        page.set_input_files("#file", held)
        followed(page, "main form .btn-primary")
        assert "相符" in page.inner_text(".kd-good")
        page.goto(kept.page("ledger/heads/"))
        assert page.locator(".kd-head-code svg.qr").count() == 1


def test_growth_since_an_earlier_code_or_receipt_is_proven_to_a_stranger(
    kept: Served, browser: Browser, tmp_path: Path
) -> None:
    with signed_in(browser, kept, "auditor") as page:
        page.goto(kept.page("ledger/3/"))
        with page.expect_download() as receipt:
            page.click("text=下载回执")
        held, verifier = tmp_path / "receipt.json", tmp_path / "kedang_verify.py"
        receipt.value.save_as(held)
        code = json.loads(held.read_text("utf-8"))["code"]
        for field, brought in (("#file", held), ("#short", code), ("#short", "3")):
            page.goto(kept.page("ledger/check/"))
            if field == "#file":
                page.set_input_files(field, brought)
            else:
                page.fill(field, str(brought))
            followed(page, "main form[enctype] .btn-primary")
            assert page.locator(".kd-alarm").count() == 0
            with page.expect_download() as proof:
                page.click("button:has-text('下载相续证明')")
            grown = tmp_path / "growth.json"
            proof.value.save_as(grown)
            verifier.write_bytes(page.request.get(kept.page("ledger/verifier/")).body())
            ran = subprocess.run(
                [sys.executable, verifier, grown], capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr
            assert "原样在前" in ran.stdout


def test_a_code_of_another_ledger_is_red_and_one_that_was_mistyped_is_said_to_be(
    kept: Served, browser: Browser
) -> None:
    other = short_code(Checkpoint(origin_of(CaseId("0" * 32), 0), 4, bytes(32)))
    with signed_in(browser, kept, "auditor") as page:
        page.goto(kept.page("ledger/check/"))
        page.fill("#short", str(other))
        followed(page, "main form[enctype] .btn-primary")
        assert "不符" in page.inner_text(".kd-alarm >> nth=0")
        assert page.locator("button:has-text('下载相续证明')").count() == 0
    with lin(browser, kept) as page:
        mistyped = send(page, kept, "ledger/check/", short=str(other)[:-1] + "0")
        assert (mistyped.status, "KD-L306" in mistyped.text()) == (400, True)
        foreign = send(page, kept, "ledger/growth/", earlier=str(other))
        assert (foreign.status, "KD-L408" in foreign.text()) == (500, True)


def test_a_changed_entry_turns_the_line_red(kept: Served, browser: Browser) -> None:
    leaf = kept.world.rows("select leaf from holdings_ledgerleaf where n = 5")[0][0]
    altered = bytes(leaf).replace(b'"act":"', b'"act":" ', 1)
    with signed_in(browser, kept, "auditor", "phone") as page:
        kept.world.change("update holdings_ledgerleaf set leaf = ? where n = 5", altered)
        try:
            page.goto(kept.page("ledger/"))
            assert "台账不完整" in page.inner_text(".kd-verdict-bad")
        finally:
            kept.world.change("update holdings_ledgerleaf set leaf = ? where n = 5", bytes(leaf))
        page.goto(kept.page("ledger/"))
        assert "台账完整" in page.inner_text(".kd-verdict-good")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_an_authority_nothing_is_stamped(kept: Served, browser: Browser) -> None:
    with lin(browser, kept) as page:
        answer = send(page, kept, "ledger/witness/")
        assert answer.status == 404
        assert "KD-K407" in answer.text()
