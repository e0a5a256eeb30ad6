"""Row sets made, made again, checked and confirmed; what stands in their way, and what a crash leaves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.destruction.driver import DIED
from tests.destruction.ordering import destroyed, opened, refused, require_whole, with_copy
from tests.row_sets import driver
from tests.row_sets.company import MARKER, write_tables
from tests.sharing import made_once
from tests.world import Ran, World

ROWS = 12_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """The three tables, a text, and a list that is long enough to die in."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder / "world")
        write_tables(folder / "desk")
        (folder / "desk" / "说明.txt").write_text("没有表格的说明。", "utf-8")
        lines = (f"{n:05},绿茶\r\n" for n in range(ROWS))
        (folder / "desk" / "品名.csv").write_text("编号,品名\r\n" + "".join(lines), "utf-8")
        world.intake(folder / "desk")
        return world

    return made_once(tmp_path_factory, "tables-to-split", made)


@pytest.fixture
def world(filled: World, tmp_path: Path) -> World:
    return filled.copied(tmp_path / "world")


def ids(world: World) -> dict[str, str]:
    return {one["occurrences"]: one["record_id"] for one in world.catalogue()}


def drive(world: World, *arguments: str) -> Ran:
    root = str(Path(__file__).parents[2])
    environment = {**world.environment, "PYTHONPATH": root}
    there = World(world.root, world.wrapping, environment, world.address)
    return there.run(*arguments, program=(sys.executable, str(Path(driver.__file__))))


def code(world: World, *arguments: str) -> Any:
    return world.run(*arguments, "--json").json["error"]


def test_making_is_done_once_and_again_only_when_asked_for(world: World) -> None:
    found = ids(world)
    assert len(world.ask("rows", "make")["made"]) == 4
    assert world.ask("rows", "make") == {"made": [], "moved": [], "refused": []}
    assert len(world.ask("rows", "make", found["客户名单.csv"], "--again")["made"]) == 1
    assert world.rows("SELECT count(*) FROM holdings_splittable") == [(5,)]
    assert {one["state"] for one in world.ask("rows", "list")} == {"made"}
    assert world.ask("rows", "check", found["品名.csv"])["rows"] == ROWS + 1
    require_whole(world)


def test_what_cannot_be_done_says_why(world: World) -> None:
    found = ids(world)
    assert code(world, "rows", "check", found["客户名单.csv"]) == "KD-H181"
    assert code(world, "rows", "make", found["说明.txt"]) == "KD-H182"
    assert refused(world, "--retire", found["客户名单.csv"]) == "KD-H181"
    world.ask("rows", "make", found["客户名单.csv"])
    assert refused(world, "--retire", found["客户名单.csv"]) == "KD-H184"


def test_rows_go_to_other_sets_when_they_are_somebody_elses(world: World) -> None:
    record = ids(world)["客户名单.csv"]
    world.ask("rows", "make", record)
    world.ask("rows", "confirm", record)
    world.change("DELETE FROM holdings_link WHERE record_id = ? AND customer_id = "
                 "(SELECT id FROM holdings_customer WHERE number = 2)", record)  # fmt: skip
    (moved,) = world.ask("rows", "make", record)["moved"]
    assert (moved["moved"], moved["owned"], moved["state"]) == (1, 2, "made")
    assert world.ask("rows", "of", "2") == []
    assert world.ask("rows", "check", record)["rows"] == 6


def test_sets_that_lost_a_row_are_found(world: World) -> None:
    record = ids(world)["客户名单.csv"]
    world.ask("rows", "make", record)
    world.change("DELETE FROM holdings_rowchunk WHERE row_set_id = "
                 "(SELECT id FROM holdings_rowset WHERE customer_id IS NOT NULL LIMIT 1)")  # fmt: skip
    assert code(world, "rows", "confirm", record) == "KD-H183"
    faults = world.run("verify", "--deep", "--json").json["faults"]
    assert [(one["code"], one["records"]) for one in faults] == [("KD-H216", [record])]


def test_rows_stay_in_a_workbook_until_its_original_is_retired(world: World) -> None:
    with_copy(world)
    record = ids(world)["客户台账.xlsx"]
    world.ask("rows", "make", record)
    outcome = destroyed(world, "--customer", "2", status=1)
    assert outcome["cells"][record] == 2
    shown = world.run("destroy", "--customer", "1").text
    assert "kedang rows make" in shown
    world.ask("rows", "confirm", record)
    assert destroyed(world, "--retire", record)["retired"] == [record]
    rebuilt = world.root / "rebuilt.xlsx"
    assert world.run("open", record, "--out", rebuilt).status == 0
    assert world.run("rows", "of", "3").text.count("白鹭洲") == 2
    assert MARKER not in world.run("rows", "of", "1").text


def test_rows_that_an_order_named_go_into_no_set(world: World) -> None:
    with_copy(world)
    record = ids(world)["客户资料.db"]
    destroyed(world, "--customer", "2", status=1)
    made = world.ask("rows", "make", record)["made"][0]
    assert (made["rows"], made["owned"]) == (4, 2)
    world.ask("rows", "confirm", record)
    destroyed(world, "--retire", record)
    assert MARKER.encode() not in opened(world, record).out


def test_a_crash_while_sets_are_made_leaves_nothing_that_counts(world: World) -> None:
    record = ids(world)["品名.csv"]
    assert drive(world, "make", record).status == DIED
    assert world.rows("SELECT count(*) FROM holdings_rowset") == [(0,)]
    assert len(world.ask("rows", "make", record)["made"]) == 1
    world.ask("rows", "confirm", record)
    require_whole(world)


def test_a_crash_while_a_table_is_retired_is_carried_through(world: World) -> None:
    with_copy(world)
    record = ids(world)["客户台账.xlsx"]
    world.ask("rows", "make", record)
    world.ask("rows", "confirm", record)
    died = drive(world, "retire", record, "switched", "after")
    assert died.status == DIED, died.said
    resumed = world.run("destroy", "--resume", "--json")
    assert resumed.json["retired"] == [record], resumed.text
    require_whole(world)
    assert opened(world, record).status == 0
