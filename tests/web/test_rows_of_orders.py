"""The rows of one customer, and the originals of tables, through the door: chosen, shown first, destroyed as every order is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from tests.row_sets.company import BO, CHEN, MARKER, write_tables
from tests.web.conftest import PASSWORD, PEOPLE, Served, enrol, serving
from tests.web.doors import followed
from tests.web.keeping_world import ended, lin
from tests.world import World

BOOK, LIST = "客户台账.xlsx", "客户名单.csv"


@pytest.fixture(scope="module")
def shop(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to three tables of three customers; the row sets of the workbook are confirmed."""
    folder = tmp_path_factory.mktemp("shop")
    world = replace(opened_case.copied(folder / "world"), environment={"KEDANG_SCHEDULE_SECONDS": "0"})
    write_tables(folder / "desk")
    world.intake(folder / "desk")
    book = records(world)[BOOK]
    for command in (
        ("copies", "add", folder / "copy"), ("backup",), ("rows", "make", book), ("rows", "confirm", book)
    ):  # fmt: skip
        assert world.run(*command).status == 0
    with serving(world, enrol(world, PEOPLE[:1])) as door:
        yield door


def records(world: World) -> dict[str, str]:
    """The tables by name."""
    return {one["occurrences"]: one["record_id"] for one in world.catalogue()}


def test_the_rows_of_one_customer_are_chosen_and_go_alone(shop: Served, browser: Browser) -> None:
    listed = shop.world.ask("customers", "list")["customers"]
    number = next(one["number"] for one in listed if one["name"] == BO[0])
    known = records(shop.world)
    with lin(browser, shop, "phone") as page:
        page.goto(shop.page("customers/tables/"))
        followed(page, "text=退役原件…")
        assert page.input_value("#retire") == shop.world.ask("rows", "list")[0]["reference_code"]
        page.goto(shop.page(f"disposition/orders/rows/?customer={number}"))
        said = page.inner_text("main")
        assert "请先制作、核对并确认行集" in said  # the database
        assert page.input_value(f"#rows-{known[LIST]}") == "3"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.check("input[name=retire]")
        followed(page, "form[action*='plan'] button")
        said = page.inner_text("main")
        assert "1 件只销毁其中的行" in said
        assert "第 3 行" in said
        assert "1 份表格的原件退役" in said
        page.fill("#reason", "只销毁一位客户的行")
        page.fill("#again", PASSWORD)
        followed(page, "text=我已看过以上效果，下达销毁")
        assert "完成" in ended(page, shop, page.url.rstrip("/").rpartition("/")[2])
        page.goto(shop.page("disposition/orders/"))
        assert "仅部分" in page.inner_text("tbody")
        followed(page, "tbody a >> nth=0")
        assert "1 件已销毁其中的行" in page.inner_text("main")
        assert "1 份表格的原件已退役" in page.inner_text("main")
        page.goto(shop.page(f"disposition/orders/rows/?customer={number}"))
        assert "原件已退役" in page.inner_text("main")
        assert page.locator("form[action*='plan']").locator("button").count() == 0
    left = shop.world.run("open", known[LIST], "--with-holes", "--out", "-").out
    assert MARKER.encode("gb18030") not in left
    assert CHEN[0].encode("gb18030") in left
    # What was taken from these two since the newest snapshot is no fault of the copy.
    drilled = shop.world.ask("drill")["drills"][0]
    assert (drilled["passed"], drilled["withheld"]) == (True, 2)


def test_rows_that_are_not_there_and_customers_nobody_knows_are_said(shop: Served, browser: Browser) -> None:
    with lin(browser, shop) as page:
        page.goto(shop.page("disposition/orders/rows/?customer=4711"))
        assert "没有这个编号的客户" in page.inner_text("[role=alert]")
