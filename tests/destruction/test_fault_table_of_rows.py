"""An order on rows fails at the steps that are its own, once before and once after; then it is carried through."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.destruction import driver
from tests.destruction.driver import DIED
from tests.destruction.ordering import holed, opened, record_named, require_whole, total, zeroed
from tests.sharing import made_once
from tests.world import World

HEADERS = "客户名称,联系电话,备注\n"
LIN, BO = "林晚照,13912340001,住在沧浪路七号\n", "薄青山,13912340002,住在沉香里九号\n"
FAULTS = (
    ("ordered", "after"),
    ("words", "after"),
    ("switched", "before"),
    ("switched", "after"),
    ("rows", "after"),
)
"""The steps in which an order on rows does something of its own; each waits for the lease of the dead process."""


@pytest.fixture(scope="session")
def listed(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of one list."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        (desk / "客户名单.csv").write_text(HEADERS + LIN + BO, "utf-8")
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "listed-for-faults", made)


@pytest.mark.parametrize(("step", "when"), FAULTS)
def test_an_order_on_rows_broken_at_any_step_is_carried_through(
    listed: World, tmp_path: Path, step: str, when: str
) -> None:
    world = listed.copied(tmp_path / "world")
    record = record_named(world, "客户名单.csv")["record_id"]
    before = opened(world, record).out
    program = (sys.executable, str(Path(driver.__file__)))
    died = world.run(world.root / "copy", step, when, f"{record}:1", program=program)
    assert died.status == DIED, died.said
    resumed = world.run("destroy", "--resume", "--json")
    assert resumed.status == 0, resumed.said
    require_whole(world)
    assert holed(world, record) == zeroed(before, LIN.encode())
    assert (total(world, "沧浪路"), total(world, "沉香里")) == (0, 1)
    assert world.rows("SELECT count(*) FROM holdings_resealed") == [(0,)]
    assert world.rows("SELECT count(*) FROM holdings_order WHERE state = 'carried-out'") == [(1,)]
