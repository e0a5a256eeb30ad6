"""台账 through the door: filters, pages, receipts that outsiders check, and the line that says whether it is whole."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.web.conftest import Served, signed_in
from tests.web.keeping_world import events, kept, lin, send

__all__ = ["kept"]


def test_the_ledger_is_filtered_paged_and_exported(kept: Served, browser: Browser) -> None:
    with signed_in(browser, kept, "auditor") as page:
        page.goto(kept.page("ledger/"))
        assert "台账完整" in page.inner_text(".kd-verdict-good")
        page.select_option("#act", "archived")
        page.click("main form[role=search] button")
        rows = page.locator("tbody tr")
        assert rows.count() == 50
        assert set(page.locator("tbody tr td:nth-child(4)").all_inner_texts()) == {"归档"}
        oldest = page.locator("tbody tr td:nth-child(1)").last.inner_text()
        page.click("text=更早")
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
        page.click("main form .btn-primary")
        assert "相符" in page.inner_text(".kd-good")
        page.goto(kept.page("ledger/heads/"))
        code = page.inner_text(".kd-head-code code >> nth=0")
        assert page.locator(".kd-head-code svg.qr").count() == 1
        page.goto(kept.page("ledger/check/"))
        wrong = "A" if code[-6] != "A" else "B"
        page.fill("#short", code[:-6] + wrong + code[-5:])
        page.click("main form .btn-primary")
        assert "不符" in page.inner_text(".kd-alarm")


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
