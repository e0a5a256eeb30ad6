"""The file of a customer on screen, page and print, and the reconciliation: every gap found, none invented."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import python_calamine
from lxml import html

from tests.acceptance.markers import forms
from tests.customers.firm import number_of
from tests.customers.shop import GAPS, QINGHE, SITU, TOTALS, YUNFAN, desk
from tests.sharing import made_once
from tests.world import COMPANY, World


@pytest.fixture(scope="session")
def kept(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The papers taken in. Only looked at: that is noted in the ledger, and changes nothing else."""

    def taken(place: Path) -> World:
        world = opened_case.copied(place / "world")
        ran = world.run(
            "intake", desk(place / "desk", COMPANY), "--no-name-model", "--workers", "1", "--json"
        )
        assert ran.status == 0, ran.said
        return world

    return made_once(tmp_path_factory, "shop", taken)


@pytest.fixture
def shop(kept: World, tmp_path: Path) -> World:
    return kept.copied(tmp_path / "world")


def _events(world: World) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = world.ask("ledger", "list", "--limit", "50")
    return events


def test_every_gap_is_found_and_none_is_invented(kept: World) -> None:
    ran = kept.run("customers", "reconcile", "--json")
    assert ran.status == 1
    found = sorted(
        (gap["name"], gap["code"], gap["values"].get("difference", "")) for gap in ran.json["gaps"]
    )
    assert found == GAPS
    assert {one["kind"]: (one["count"], one["total"]) for one in ran.json["totals"]} == TOTALS
    assert (ran.json["dealings"], ran.json["closed"], ran.json["lists"]) == (6, 1, 1)
    assert all(gap["zh"].endswith("。") and gap["reference_codes"] for gap in ran.json["gaps"])


def test_control_totals_are_typed_or_imported_and_differences_are_said(kept: World, tmp_path: Path) -> None:
    table = tmp_path / "控制总数.csv"
    table.write_bytes('种类,份数,金额\n发票,5,"18,206.00元"\n送货,3,4600\n'.encode("gb18030"))
    ran = kept.run(
        "customers", "reconcile", "--controls", table, "--payment", "count=5,sum=15470.01", "--json"
    )
    totals = {one["kind"]: one for one in ran.json["totals"]}
    assert ran.status == 1
    assert (totals["invoice"]["count_difference"], totals["invoice"]["total_difference"]) == (-1, "0.00")
    assert (totals["delivery"]["count_difference"], totals["delivery"]["total_difference"]) == (0, "0.00")
    assert Decimal(totals["payment"]["total_difference"]) == Decimal("-0.01")
    assert totals["order"]["told_count"] is None


def test_one_customer_is_reconciled_alone(kept: World) -> None:
    ran = kept.run("customers", "reconcile", "--customer", str(number_of(kept, YUNFAN)), "--json")
    assert sorted((gap["name"], gap["code"]) for gap in ran.json["gaps"]) == [
        (name, code) for name, code, _ in GAPS if name == YUNFAN
    ]
    assert ran.json["totals"][0]["count"] == 2


@pytest.mark.parametrize("form", ["csv", "xlsx", "html"])
def test_the_gap_list_is_written_in_each_form(kept: World, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"gaps.{form}"
    ran = kept.run("customers", "reconcile", "--out", out)
    assert ran.status == 1
    assert out.name in ran.said
    assert out.stat().st_mode & 0o777 == 0o600
    if form == "csv":
        text = out.read_bytes().decode("utf-8-sig")
        said = " ".join(" ".join(row) for row in csv.reader(io.StringIO(text, newline="")))
    elif form == "xlsx":
        book = python_calamine.load_workbook(str(out))
        said = " ".join(
            str(cell)
            for name in book.sheet_names
            for row in book.get_sheet_by_name(name).to_python()
            for cell in row
        )
    else:
        said = " ".join(map(str, html.document_fromstring(out.read_bytes().decode()).itertext()))
    assert all(name in said for name in (YUNFAN, QINGHE, SITU))
    assert "没有找到所属的合同或订单。" in said
    assert said.count("没有找到送货或验收单据。") == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--invoice", "count=twelve"), "KD-K301"),
        (("--controls", "/nowhere/controls.csv"), "KD-K101"),
        (("--out", "gaps.docx"), "KD-K302"),
        (("--customer", "999"), "KD-H128"),
    ],
)
def test_bad_input_is_told_with_a_code(kept: World, arguments: tuple[str, ...], code: str) -> None:
    ran = kept.run("customers", "reconcile", *arguments, "--json")
    assert ran.status not in (0, 1)
    assert ran.json["error"] == code


def test_a_file_says_dealings_signs_retention_and_days(kept: World) -> None:
    found = kept.ask("customers", "show", str(number_of(kept, SITU)))
    assert [one["sums"].get("contract") for one in found["dealings"]].count("9400.00") == 1
    assert "open-contract" in {sign["code"] for sign in found["signs"]}
    assert {"signed_on", "valid_until", "paid_on"} <= {one["what"] for one in found["timeline"]}
    assert [one["date"] for one in found["timeline"]] == sorted(one["date"] for one in found["timeline"])
    left = found["retention"]
    days = [one["retention"]["until"] for one in found["documents"]]
    if left["undetermined"]:
        assert left["until"] == "undetermined"
    else:
        assert left["until"] == max(days)
    assert found["not_kept"] == ["consents", "notices", "requests"]
    complaining = kept.ask("customers", "show", str(number_of(kept, QINGHE)))
    codes = {sign["code"] for sign in complaining["signs"]}
    assert {"complaint", "unpaid"} <= codes


def test_page_and_print_hold_the_file_and_reach_nowhere(kept: World, tmp_path: Path) -> None:
    number = str(number_of(kept, YUNFAN))
    for form in ("html", "pdf", "json"):
        ran = kept.run("customers", "show", number, "--out", tmp_path / f"file.{form}")
        assert ran.status == 0, ran.said
        assert "明文" in ran.said
    page = (tmp_path / "file.html").read_text(encoding="utf-8")
    tree = html.document_fromstring(page)
    elements = list(tree.iter())
    assert not {"script", "link", "img", "iframe"} & {one.tag for one in elements}
    assert not any(name in one.attrib for one in elements for name in ("src", "onclick"))
    ids = [str(one.attrib["id"]) for one in elements if "id" in one.attrib]
    assert {str(one.attrib["href"]) for one in elements if "href" in one.attrib} == {f"#{one}" for one in ids}
    assert len(ids) == len(set(ids))
    shown = "".join(map(str, tree.itertext()))
    assert "http" not in page.replace("http-equiv", "")
    printed = pypdfium2.PdfDocument(tmp_path / "file.pdf")
    text = "".join(one.get_textpage().get_text_range() for one in printed)
    for said in (YUNFAN, "5,200.00", "没有找到送货或验收单据。", "本版本尚不登记"):
        assert said in shown
        assert said in text.replace("\r\n", "")
    assert json.loads((tmp_path / "file.json").read_bytes())["name"] == YUNFAN


def test_exports_are_events_and_leave_nothing_in_clear_behind(shop: World, tmp_path: Path) -> None:
    number = str(number_of(shop, SITU))
    shop.run("customers", "show", number, "--out", tmp_path / "file.pdf")
    shop.run("customers", "show", number, "--out", tmp_path / "file.html")
    shop.run("customers", "reconcile", "--out", tmp_path / "gaps.xlsx")
    said = [
        (event["facts"]["what"], event["facts"]["format"])
        for event in _events(shop)
        if event["act"] == "exported"
    ]
    assert {("customer-file", "pdf"), ("customer-file", "html"), ("reconciliation", "xlsx")} <= set(said)
    words = (SITU, YUNFAN, QINGHE, "13917758206", "松动")
    needles = tuple(raw for word in words for _, raw in forms(word))
    for path in (one for one in shop.root.rglob("*") if one.is_file()):
        octets = path.read_bytes()
        assert not any(needle in octets for needle in needles), path.name
