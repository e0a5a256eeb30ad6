"""Customers at the web door: list, file, what is covered, what a narrower grant leaves out, decisions with their effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import Filled, Served, enrol, serving, signed_in
from tests.web.doors import followed

NUMBER = 1


@pytest.fixture(scope="module")
def compared(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a case in which everybody has been compared, and a lawyer who may see contracts of one customer only."""
    world = filled_case.world.copied(tmp_path_factory.mktemp("customers") / "world")
    world.ask("customers", "resolve")
    one = world.ask("customers", "show", str(NUMBER))["id"]
    scope = {"customers": [one], "classes": ["contract"]}
    people = enrol(
        world, [{"login": "lawyer", "name": "律小满", "grants": [{"role": "lawyer", "scope": scope}]}]
    )
    with serving(world, filled_case.people | people) as door:
        yield door


def found(page: Page) -> list[str]:
    return page.locator("#found tbody th a").all_inner_texts()


def test_a_part_of_a_name_finds_him_without_a_word_in_the_address(compared: Served, browser: Browser) -> None:
    lines = compared.world.ask("customers", "list")["customers"]
    wanted = lines[0]["name"]
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page("customers/"))
        assert found(page) == [one["name"] for one in lines[:50]]
        page.fill("#q", wanted[:2])
        page.wait_for_function(
            "name => document.querySelectorAll('#found tbody tr').length < name", arg=len(found(page))
        )
        assert wanted in found(page)
        assert page.url == compared.page("customers/")
        page.fill("#q", str(lines[1]["number"]))
        page.keyboard.press("Enter")
        only = "name => [...document.querySelectorAll('#found tbody th a')].map(one => one.innerText).join() === name"
        page.wait_for_function(only, arg=lines[1]["name"])
        assert found(page) == [lines[1]["name"]]


def with_values(door: Served) -> tuple[dict[str, Any], list[str]]:
    """The first customer of whom more than a name is known, and what is covered of him."""
    for line in door.world.ask("customers", "list")["customers"]:
        file = door.world.ask("customers", "show", str(line["number"]))
        hidden = [
            said["value"] for one in file["profile"] if one["field"] != "name" for said in one["values"]
        ]
        if hidden and file["name"] not in hidden:
            return file, hidden
    raise AssertionError


def test_values_are_covered_until_a_reason_is_given_and_the_ledger_says_so(
    compared: Served, browser: Browser
) -> None:
    file, hidden = with_values(compared)
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page(f"customers/{file['number']}/"))
        shown = page.inner_text("section.profile")
        assert file["name"] in shown
        assert [one for one in hidden if one in shown] == []
        page.fill("#reason", "核对身份，处理退款")
        page.locator("button[name=value]").first.click()
        page.wait_for_selector(".kd-revealed")
        shown = page.inner_text("section.profile")
        assert len([one for one in hidden if one in shown]) >= 1
        assert "退款" not in page.url
    ((revealed,),) = compared.world.rows("SELECT count(*) FROM holdings_reveal WHERE part = 'value'")
    assert revealed == 1


@pytest.mark.parametrize(
    ("value", "reason", "status", "code"),
    [("mobile_phone:0", " ", 400, "KD-H177"), ("mobile_phone:99", "核对身份", 404, "KD-H178")],
)
def test_without_a_reason_or_a_value_nothing_is_shown(
    compared: Served, browser: Browser, value: str, reason: str, status: int, code: str
) -> None:
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page(f"customers/{NUMBER}/"))
        token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
        answer = page.request.post(
            compared.page(f"customers/{NUMBER}/value/"),
            form={"csrfmiddlewaretoken": token, "value": value, "reason": reason},
            headers={"Referer": page.url},
        )
        assert answer.status == status
        assert code in answer.text()


def test_a_grant_for_contracts_shows_nothing_of_the_other_records(compared: Served, browser: Browser) -> None:
    file = compared.world.ask("customers", "show", str(NUMBER))
    allowed = {one["record_id"] for one in file["records"].get("contract", [])}
    others = {one["reference_code"] for one in file["documents"] if one["record_id"] not in allowed} - {""}
    assert others
    with signed_in(browser, compared, "lawyer") as page:
        page.goto(compared.page("customers/"))
        assert len(found(page)) == 1
        assert page.locator("#found td.kd-number").inner_text() == str(len(allowed))
        answer = page.goto(compared.page(f"customers/{NUMBER}/"))
        assert answer is not None
        said = answer.text()
        assert [one for one in others if one in said] == []
        assert page.locator(".kd-figures b").first.inner_text() == str(len(allowed))
        assert page.request.get(compared.page("customers/2/")).status == 404
        assert page.request.get(compared.page("customers/judging/")).status == 403
        page.goto(compared.page("customers/tables/"))
        listed = compared.world.rows(
            "SELECT reference_code FROM holdings_record WHERE record_class != 'contract'"
        )
        assert [one for (one,) in listed if one and one in page.content()] == []


def test_a_merge_shows_its_effect_first_and_is_undone_exactly(compared: Served, browser: Browser) -> None:
    lines = compared.world.ask("customers", "list")["customers"]
    one, into = [line for line in lines if line["kind"] == lines[0]["kind"]][-2:]
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page(f"customers/{one['number']}/changes/"))
        page.fill("#into", str(into["number"]))
        page.keyboard.press("Enter")
        page.wait_for_selector("input[name=confirmed]", state="attached")
        assert compared.world.ask("customers", "list")["total"] == len(lines)
        page.fill("#reason", "同一人")
        page.keyboard.press("Enter")
        page.wait_for_url(compared.page(f"customers/{into['number']}/"))
        assert compared.world.ask("customers", "list")["total"] == len(lines) - 1
        page.click("a[href*='/undo/']")
        page.wait_for_selector("input[name=confirmed]", state="attached")
        page.keyboard.press("Enter")
        page.wait_for_selector(".alert-success")
    assert compared.world.ask("customers", "list")["customers"] == lines


def whose(door: Served, record: str) -> set[int]:
    """Numbers of the customers under whom the record stands."""
    asked = (
        "SELECT number FROM holdings_link JOIN holdings_customer c ON customer_id = c.id WHERE record_id = ?"
    )
    return {number for (number,) in door.world.rows(asked, record)}


def retied(page: Page, form: str, to: str) -> None:
    """A record filed elsewhere by one of the forms beside its correction."""
    page.eval_on_selector_all("details.kd-retie", "some => some.forEach(one => { one.open = true; })")
    page.fill(f"{form} input[name=to]", to)
    page.press(f"{form} input[name=to]", "Enter")
    page.wait_for_selector("input[name=confirmed]", state="attached")
    page.fill("#reason", "当事人更正后改归")
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-success")


def test_whose_a_record_is_can_be_changed_beside_its_correction_and_is_undone(
    compared: Served, browser: Browser
) -> None:
    lines = compared.world.ask("customers", "list")["customers"]
    one, *others = [line for line in lines if line["kind"] == lines[0]["kind"]]
    record = compared.world.ask("customers", "show", str(one["number"]))["documents"][0]["record_id"]
    before = whose(compared, record)
    to = next(line for line in others if line["number"] not in before)
    with signed_in(browser, compared, "officer") as page:
        page.goto(compared.page(f"checking/records/{record}/"))
        assert "不会改变档案归在哪位客户名下" in page.inner_text("main")
        retied(page, f"form:has(input[value='{one['number']}'])", to["name"])
        assert page.url == compared.page(f"records/{record}/")
        assert whose(compared, record) == before - {one["number"]} | {to["number"]}
        retied(page, "form:not(:has(input[name=from])):has(#to-add)", str(one["number"]))
        assert whose(compared, record) == before | {to["number"]}
    compared.world.ask("customers", "resolve", "--again")
    assert whose(compared, record) == before | {to["number"]}
    for _ in range(2):
        last = max(
            said["number"]
            for line in (one, to)
            for said in compared.world.ask("customers", "show", str(line["number"]))["judgements"]
            if not said["undone"]
        )
        compared.world.ask("customers", "undo", str(last))
    assert compared.world.ask("customers", "list")["customers"] == lines


def test_a_name_that_nobody_has_files_nothing(compared: Served, browser: Browser) -> None:
    record = compared.world.ask("customers", "show", str(NUMBER))["documents"][0]["record_id"]
    before = whose(compared, record)
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page(f"records/{record}/"))
        page.eval_on_selector_all("details.kd-retie", "some => some.forEach(one => { one.open = true; })")
        page.fill("#to-add", "查无此人有限公司")
        page.press("#to-add", "Enter")
        page.wait_for_selector(".alert-danger")
    assert whose(compared, record) == before


def test_a_control_total_that_differs_is_told_and_kept_nowhere(
    compared: Served, browser: Browser, tmp_path: Path
) -> None:
    told = tmp_path / "控制总数.csv"
    told.write_text("种类,份数,金额\n合同,999,1.00\n", encoding="utf-8")
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page("customers/reconciliation/"))
        page.set_input_files("#controls", told)
        followed(page, "form#told button.btn-primary")
        assert page.input_value("#contract-count") == "999"
        assert "999" in page.inner_text("section.totals")
        assert not re.search(r"[0-9a-f]{13}", page.inner_text("section.gaps"))
        followed(page, "section.gaps td a >> nth=0")
        assert "/records/" in page.url
        page.goto(compared.page("customers/reconciliation/"))
        assert page.input_value("#contract-count") == ""


def test_row_sets_of_a_table_are_made_at_the_door_and_show_one_customer_alone(
    compared: Served, browser: Browser
) -> None:
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page("customers/tables/"))
        page.locator("form[action$='/make/'] button").first.click()
        page.wait_for_url(re.compile("/jobs/"))
        page.wait_for_selector("text=完成", timeout=30_000)
        page.goto(compared.page("customers/tables/"))
        assert page.locator("text=已制作").count() == 1
    made = compared.world.ask("rows", "list")
    assert [one["state"] for one in made] == ["made"]


def test_a_column_is_corrected_on_its_page(compared: Served, browser: Browser) -> None:
    with signed_in(browser, compared, "lin") as page:
        page.goto(compared.page("customers/tables/"))
        page.locator("a[href$='/columns/']").first.click()
        page.wait_for_selector("select[name=c0]")
        address = page.url
        page.select_option("select[name=c0]", "ignored")
        page.click("main form button.btn-primary")
        page.wait_for_url(re.compile("/jobs/"))
        page.wait_for_selector("text=完成", timeout=60_000)
        page.goto(address)
        assert page.input_value("select[name=c0]") == "ignored"


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_no_page_is_wider_than_the_screen(compared: Served, browser: Browser, size: str) -> None:
    with signed_in(browser, compared, "lin", size=size) as page:
        for path in (
            "",
            f"{NUMBER}/",
            f"{NUMBER}/changes/",
            "judging/",
            "audit/",
            "reconciliation/",
            "tables/",
        ):
            answer = page.goto(compared.page(f"customers/{path}"))
            assert answer is not None
            assert (answer.status, path) == (200, path)
            over = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            assert over <= 0, path
