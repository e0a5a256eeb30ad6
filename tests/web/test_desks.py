"""Desks: each figure leads to the records that were found there, for whoever may list them, and to no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.markers import PERSON, distinct, traces_below
from tests.acceptance.sources import put, settle, zipped
from tests.destruction.ordering import destroyed
from tests.restoring.conftest import restored
from tests.web.conftest import PEOPLE, Served, enrol, serving, signed_in
from tests.web.doors import followed
from tests.world import World

COMPANY, SHOP, OWNER = "公司电脑", "门市部", PERSON
"""The name of the source, the desk that the register says of another, a folder that is called after a person."""
TWICE = "两处都有的通知\n".encode()
FILES = {
    f"{OWNER}/记录.txt": "接待记录 2021年3月2日\n".encode(),
    f"{OWNER}/通知.txt": TWICE,
    f"{OWNER}/旧件/信.txt": "来信 2019年5月6日\n".encode(),
    "采购部/通知.txt": TWICE,
    "采购部/往来.zip": zipped([("销售部/报价.txt", "报价 2020年7月8日\n".encode())]),
    "说明.txt": "本机说明\n".encode(),
}
COUNTS = {OWNER: 3, "采购部": 3, COMPANY: 1, SHOP: 1}
"""A double counts at both of its desks; what a container holds was found where the container lay."""
MOST = 60  # desks that are told
BARS = "[data-chart=chart-desk] svg path[fill='#1f5f99']"


def of_one_source(people: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """The same people, the reader with one source and no customers in reach."""
    told = {"role": "officer", "scope": {"sources": [source]}}
    return [one | {"grants": [told]} if one["login"] == "reader" else one for one in people]


@pytest.fixture(scope="module")
def world(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One source with folders of two desks, and one whose desk the register says. Copied, never changed."""
    folder = tmp_path_factory.mktemp("desks")
    world = opened_case.copied(folder / "world")
    put(folder / COMPANY, FILES.items())
    put(folder / "抽屉", [("柜/单据.txt", "单据 2022年1月1日\n".encode())])
    settle(folder)
    world.intake(folder / COMPANY)
    world.ask("intake", folder / "抽屉", "--desk", SHOP, "--no-name-model", "--no-resolve")
    return world


@pytest.fixture(scope="module")
def door(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a copy; the reader may list what comes from the second source."""
    world = world.copied(tmp_path_factory.mktemp("door") / "world")
    (_, second) = world.rows("SELECT id FROM holdings_source ORDER BY ordinal")
    with serving(world, enrol(world, of_one_source(PEOPLE, second[0]))) as served:
        yield served


def figures(page: Page, places: str, label: str, count: str) -> dict[str, tuple[int, str]]:
    """Figure and address by desk."""
    return {
        row.locator(label).inner_text(): (
            int(row.locator(count).inner_text()),
            row.locator("a").first.get_attribute("href") or "",
        )
        for row in page.locator(places).all()
    }


def counts(told: dict[str, tuple[int, str]]) -> dict[str, int]:
    return {desk: count for desk, (count, _) in told.items()}


def facet(page: Page, door: Served) -> dict[str, tuple[int, str]]:
    page.goto(door.page("archive/"))
    return opened_facet(page)


def opened_facet(page: Page) -> dict[str, tuple[int, str]]:
    """What the list tells of desks when it is asked for."""
    page.click("section:has(#facet-desk) button")
    page.wait_for_selector("section:has(#facet-desk) ul", state="attached")
    return figures(page, "section:has(#facet-desk) li", ".arc-label", ".arc-count")


def chart(page: Page, door: Served) -> dict[str, tuple[int, str]]:
    page.goto(door.page(""))
    page.wait_for_selector("[data-chart=chart-desk] svg")
    page.click("div:has(> [data-chart=chart-desk]) summary")
    return figures(page, "div:has(> [data-chart=chart-desk]) tbody tr", "a", ".kd-number")


def found_at(world: World) -> dict[str, set[str]]:
    """The records by desk, as their paths in the catalogue tell."""
    desks: dict[str, set[str]] = defaultdict(set)
    for record in world.catalogue():
        for path in str(record["occurrences"]).split(" | "):
            folder, slash, _ = path.partition("/")
            desks[SHOP if folder == "柜" else folder if slash else COMPANY].add(str(record["record_id"]))
    return desks


def listed(page: Page, door: Served, address: str) -> set[str]:
    page.goto(door.address + address)
    return set(page.eval_on_selector_all("input[name=record]", "boxes => boxes.map(box => box.value)"))


@pytest.mark.parametrize("shown", [facet, chart])
def test_each_figure_leads_to_exactly_the_records_of_its_desk(
    door: Served, browser: Browser, shown: Any
) -> None:
    with signed_in(browser, door, "lin") as page:
        told = shown(page, door)
        assert counts(told) == COUNTS
        expected = found_at(door.world)
        for desk, (_, address) in told.items():
            assert listed(page, door, address) == expected[desk], desk
            assert desk in page.inner_text(".arc-chosen")


def test_a_bar_leads_where_its_figure_does(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        first = next(iter(chart(page, door).values()))[1]
        bars = page.locator(BARS)
        assert bars.count() == len(COUNTS)
        with page.expect_navigation():
            bars.first.click()
        assert page.url.endswith(first)


def test_figures_follow_what_is_chosen_beside_them(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("archive/"))
        followed(page, f"section:has(#facet-source) li a:has-text('{COMPANY}')")
        told = opened_facet(page)
        assert counts(told) == {desk: count for desk, count in COUNTS.items() if desk != SHOP}


def test_an_address_that_names_no_desk_asks_for_nothing(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        for said in ("desk=none", "desk=%E4%B8%80", "desk=" + "0" * 31):
            answer = page.request.get(door.page(f"archive/?{said}"))
            assert (answer.status, "arc-chip" in answer.text()) == (200, False)


def test_whoever_is_scoped_elsewhere_sees_no_desk_of_others(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        addresses = {desk: address for desk, (_, address) in facet(page, door).items()}
    with signed_in(browser, door, "reader") as page:
        assert counts(facet(page, door)) == {SHOP: 1}
        assert counts(chart(page, door)) == {SHOP: 1}
        for desk, address in addresses.items():
            assert len(listed(page, door, address)) == (desk == SHOP)
            assert (desk in page.inner_text("main")) == (desk == SHOP)


def test_a_name_in_the_place_of_a_desk_is_covered_for_whoever_may_not_see_every_customer(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    copied = world.copied(tmp_path / "world")
    (first, _) = copied.rows("SELECT id FROM holdings_source ORDER BY ordinal")
    with (
        serving(copied, enrol(copied, of_one_source(PEOPLE, first[0]))) as served,
        signed_in(browser, served, "reader") as page,
    ):
        assert counts(facet(page, served)) == {"█" * len(OWNER): 3, "采购部": 3, COMPANY: 1}


def test_of_very_many_desks_those_with_most_records_are_told_and_it_is_said(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    copied = world.copied(tmp_path / "world")
    put(
        tmp_path / "分户",
        [(f"户{one:02d}/单.txt", f"第 {one} 户的单据\n".encode()) for one in range(MOST)],
    )
    settle(tmp_path / "分户")
    copied.intake(tmp_path / "分户")
    with serving(copied, enrol(copied, PEOPLE)) as served, signed_in(browser, served, "lin") as page:
        told = counts(chart(page, served))
        assert len(told) == MOST
        assert dict(list(told.items())[:2]) == {OWNER: 3, "采购部": 3}
        assert page.locator(BARS).count() == 12
        assert "只列件数最多的 60 个" in page.inner_text("div:has(> [data-chart=chart-desk])")


def test_what_is_destroyed_counts_at_no_desk_and_a_restore_brings_the_others_back(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    copied = world.copied(tmp_path / "world")
    copied.ask("copies", "add", tmp_path / "copy")
    copied.ask("backup")
    double = next(one["record_id"] for one in copied.catalogue() if " | " in str(one["occurrences"]))
    (alone,) = found_at(copied)[COMPANY]
    destroyed(copied, double, alone)
    left = {OWNER: 2, "采购部": 2, SHOP: 1}
    with serving(copied, enrol(copied, PEOPLE)) as served, signed_in(browser, served, "lin") as page:
        assert counts(facet(page, served)) == counts(chart(page, served)) == left
        assert listed(page, served, "/c/Q001/archive/?state=destroyed") == {double, alone}
        assert reported(page, copied) == left
    copied.lose_home()
    restored(copied, tmp_path / "copy")
    with serving(copied, enrol(copied, PEOPLE)) as served, signed_in(browser, served, "lin") as page:
        assert counts(facet(page, served)) == left


def reported(page: Page, world: World) -> dict[str, int]:
    """Records by desk as the printed report has them."""
    out = world.root / "report.html"
    assert world.run("report", "--out", out).status == 0
    page.goto(out.as_uri())
    rows = page.locator("table:has(caption:text-is('按部门或岗位')) tbody tr").all()
    out.unlink()
    return {row.locator("bdi").inner_text(): int(row.locator("td.number").first.inner_text()) for row in rows}


def test_no_byte_on_disk_holds_the_name_of_a_desk(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        assert OWNER in chart(page, door)
        assert OWNER in facet(page, door)
    assert distinct(traces_below(door.world.root)) == []
