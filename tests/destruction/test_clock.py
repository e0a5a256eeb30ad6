"""Nothing is destroyed by a clock that jumped, back or ahead."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.destruction import clocked
from tests.destruction.ordering import with_copy
from tests.ledger.authority import Authority, new_authority, serving
from tests.sharing import made_once
from tests.world import World

HOUR, DAY, YEAR = 3_600, 86_400, 365 * 86_400
LEDGER, WITNESS, AHEAD, ORDERED = "KD-H129 ledger", "KD-H129 witness", "KD-H129 ahead", "ordered"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of one text, with a copy. Copied, not used."""

    def made(folder: Path) -> World:
        world = with_copy(opened_case.copied(folder))
        desk = folder / "desk"
        desk.mkdir()
        (desk / "甲.txt").write_text("服务合同 签订于2023年5月1日", "utf-8")
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "filled-for-clocks", made)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


def ordered(world: World, *offsets: str | int) -> list[str]:
    """How orders end that are given by clocks so many seconds from the right one."""
    ((record,),) = world.rows("SELECT id FROM holdings_record")
    program = (sys.executable, str(Path(clocked.__file__)))
    ran = world.run(record, *map(str, offsets), program=program)
    assert ran.status == 0, ran.said
    said: list[str] = ran.json
    return said


def stamped(world: World, authority: Authority) -> None:
    """The head of now, time-stamped."""
    with serving(authority) as address:
        world.run("ledger", "witness", "--tsa", address, "--certificate", authority.folder / "root.pem")


def test_a_clock_that_was_set_back_destroys_nothing_and_one_that_is_corrected_does(
    filled: World, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    assert ordered(world, -YEAR, -HOUR, -5, 0) == [LEDGER, LEDGER, ORDERED, ORDERED]
    assert world.rows("SELECT count(*) FROM holdings_order") == [(0,)]


def test_a_clock_that_was_ahead_is_found_when_it_is_right_again_and_a_time_stamp_vouches_for_it(
    filled: World, authority: Authority, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    assert ordered(world, f"ahead:{YEAR}", 0, YEAR) == [LEDGER, ORDERED]
    stamped(world, authority)
    assert ordered(world, 0, -HOUR, 2 * HOUR, DAY) == [ORDERED, WITNESS, LEDGER, LEDGER]


def test_a_clock_that_was_ahead_of_its_time_stamp_destroys_nothing_until_a_new_one_shows_it_right(
    filled: World, authority: Authority, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    with serving(authority) as address:
        said = {"STAMPED_BY": address, "STAMPED_UNDER": str(authority.folder / "root.pem")}
        world = replace(world, environment=world.environment | said)
        assert ordered(world, f"stamped:{YEAR}", YEAR, 0, "stamped:0", 0) == [AHEAD, AHEAD, ORDERED]


def test_a_clock_behind_a_time_stamp_destroys_nothing_though_the_ledger_was_wound_back_with_it(
    filled: World, authority: Authority, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    stamped(world, authority)
    back = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")
    assert world.change("UPDATE holdings_ledgerhead SET last_time = ?", back) == 1
    assert ordered(world, -DAY, 0) == [WITNESS, ORDERED]
    assert world.change("UPDATE holdings_witness SET time = ?", back) == 1
    assert ordered(world, -DAY) == ["KD-V104"]
