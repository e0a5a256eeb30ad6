"""`kedang ledger list`, `page`, `prove` and `receipt` on an archive that was really filled."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.world import World

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def filled(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with two records. Read, not changed, but for heads and events of its own reading."""
    folder = tmp_path_factory.mktemp("listing")
    (folder / "source").mkdir()
    (folder / "source" / "合同.txt").write_text(
        "采购合同 乙方：慕容雪霏 13800138000 签订日期：2023年5月1日\n"
    )
    (folder / "source" / "便条.txt").write_text("慕容雪霏 13800138000 来电\n")
    world = opened_case.copied(folder / "world")
    world.intake(folder / "source")
    return world


def test_the_list_is_filtered_by_act_agent_day_and_record(filled: World) -> None:
    everything = filled.ask("ledger", "list")
    assert [one["n"] for one in everything] == list(range(len(everything)))
    acts = filled.ask("ledger", "list", "--act", "archived")
    assert len(acts) >= 1
    code = acts[0]["reference_codes"][0]
    named = filled.ask("ledger", "list", "--record", code)
    assert {one["act"] for one in named} >= {"received", "archived"}
    assert all(code in one["reference_codes"] for one in named)
    assert filled.ask("ledger", "list", "--actor", everything[0]["actor"][:12]) == everything
    assert filled.ask("ledger", "list", "--actor", "f" * 12) == []
    today = datetime.fromisoformat(everything[0]["time"]).astimezone(ZONE).date().isoformat()
    assert filled.ask("ledger", "list", "--from", today)[: len(everything)] == everything
    assert filled.ask("ledger", "list", "--to", "2020-01-01") == []
    latest = filled.ask("ledger", "list", "--limit", "3")
    assert [one["n"] for one in latest] == sorted((one["n"] for one in everything), reverse=True)[:3]


def test_an_act_that_does_not_exist_is_told(filled: World) -> None:
    ran = filled.run("ledger", "list", "--act", "arcived", "--json")
    assert (ran.status, ran.json["error"]) == (2, "KD-L101")


def test_the_csv_has_every_entry(filled: World, tmp_path: Path) -> None:
    assert filled.run("ledger", "list", "--csv", tmp_path / "ledger.csv").status == 0
    text = (tmp_path / "ledger.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["n"]) for row in rows] == list(range(len(rows)))
    assert rows[0]["act_zh"] == "建立全宗"
    assert json.loads(rows[0]["facts"])["scheme"]


def test_the_list_needs_no_key(filled: World, tmp_path: Path) -> None:
    world = filled.copied(tmp_path / "world")
    for place in (world.keys, world.secrets):
        place.rename(place.with_name(place.name + ".gone"))
    assert len(world.ask("ledger", "list")) > 10
    assert world.run("ledger", "verify").status == 5


def test_a_receipt_of_a_record_proves_each_of_its_events(filled: World, tmp_path: Path) -> None:
    code = filled.ask("ledger", "list", "--act", "archived")[0]["reference_codes"][0]
    said = filled.ask("ledger", "receipt", code, "--out", tmp_path / "receipt.json")
    named = filled.ask("ledger", "list", "--record", code)
    assert said["entries"] == [one["n"] for one in named]
    assert filled.ask("ledger", "verify", "--against", tmp_path / "receipt.json")["whole"]
    assert (
        filled.run("ledger", "receipt", "99999", "--out", tmp_path / "none", "--json").json["error"]
        == "KD-L301"
    )
    assert filled.run("ledger", "prove", "--since", "99999", "--json").json["error"] == "KD-L301"
    assert filled.run("ledger", "prove").status == 2


def test_the_page_needs_no_network_and_runs_one_named_script(filled: World, tmp_path: Path) -> None:
    world = filled.copied(tmp_path / "world")
    page = tmp_path / "page.html"
    assert world.run("ledger", "page", "--out", page).status == 0
    text = page.read_text()
    assert not re.search(r"(?:src|href)=", text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text.replace("&#x27;", "'")
    assert 'class="verdict good"' in text
    assert "归档" in text
    assert "慕容雪霏" not in text


def test_the_page_of_a_changed_ledger_is_red(filled: World, tmp_path: Path) -> None:
    world = filled.copied(tmp_path / "world")
    assert world.change("UPDATE holdings_ledgerleaf SET leaf = replace(leaf, 'folder', 'mailbox')") > 1
    page = tmp_path / "page.html"
    assert world.run("ledger", "page", "--out", page).status == 0
    text = page.read_text()
    assert 'class="verdict bad"' in text
    assert "KD-L205" in text
