"""Every step of a destruction fails once before and once after it took effect; then it is carried through."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.destruction import driver
from tests.destruction.driver import DIED
from tests.sharing import made_once
from tests.world import Ran, World

STEPS = (
    "words",
    "sealing",
    "sheet-both",
    "switched",
    "sheet-new",
    "copied",
    "erased",
    "done",
    "rows",
    "files",
    "outcome",
)
FAULTS = [("ordered", "after"), *((step, when) for step in STEPS for when in ("before", "after"))]
DOOMED, KEPT = "黄河路七号的甲方", "长江路九号的乙方"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of six texts."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        for number in range(3):
            (desk / f"甲{number}.txt").write_text(
                f"服务合同 第{number}号 {DOOMED} 签订于2023年5月{number + 1}日", "utf-8"
            )
            (desk / f"乙{number}.txt").write_text(
                f"服务合同 第{number}号 {KEPT} 签订于2023年6月{number + 1}日", "utf-8"
            )
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "filled-for-destruction", made)


def doomed_records(world: World) -> list[str]:
    """The records that hold what is to go."""
    return [hit["record_id"] for hit in world.ask("search", f'"{DOOMED}"')["hits"]]


def drive(world: World, step: str, when: str, records: list[str]) -> Ran:
    """One attempt to destroy the records."""
    program = (sys.executable, str(Path(driver.__file__)))
    return world.run(world.root / "copy", step, when, *records, program=program)


@pytest.mark.parametrize(("step", "when"), FAULTS)
def test_a_destruction_broken_at_any_step_is_carried_through(
    filled: World, tmp_path: Path, step: str, when: str
) -> None:
    world = filled.copied(tmp_path / "world")
    records = doomed_records(world)
    assert len(records) == 3
    assert drive(world, step, when, records).status == DIED
    resumed = world.run("destroy", "--resume", "--json")
    assert resumed.status == 0, resumed.said
    verified = world.run("verify", "--deep", "--json")
    assert verified.json["faults"] == [], verified.text
    records_by_state = dict(world.rows("SELECT state, count(*) FROM holdings_record GROUP BY state"))
    assert records_by_state == {"destroyed": 3, "archived": 3}
    assert world.rows("SELECT count(*) FROM holdings_order WHERE state = 'carried-out'") == [(1,)]
    assert world.ask("search", f'"{DOOMED}"')["total"] == 0
    found = world.ask("search", f'"{KEPT}"')
    assert [KEPT in hit["snippet"] for hit in found["hits"]] == [True] * 3


def test_a_resumed_destruction_names_the_places_of_the_sheet_that_it_did_not_reach(
    filled: World, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    stick = world.root / "stick"
    stick.mkdir()
    world.ask("keys", "places", "add", stick / "keys", "--kind", "stick")
    named = replace(world, environment={"KEDANG_KEYS": f"{world.keys}:{stick / 'keys'}"})
    records = doomed_records(named)
    stick.rename(world.root / "in a drawer")
    assert drive(named, "copied", "before", records).status == DIED
    resumed = named.run("destroy", "--resume", "--json")
    assert (resumed.status, resumed.json["places_outstanding"]) == (1, 1), resumed.said
