"""A snapshot from before destructions is restored as if it had been taken after them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.destruction.ordering import destroyed, holed, opened, require_whole, total
from tests.restoring.conftest import BAD, BO, CONTAINERS, DOOMED, LIN, Older, contents, restored
from tests.sharing import made_once
from tests.world import World


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory, older: Older) -> World:
    """The archive restored on another computer."""

    def made(folder: Path) -> World:
        world = older.world.copied(folder / "world")
        world.lose_home()
        said = restored(world, world.root / "copy")
        assert (said["withheld_records"], said["orphaned_from"]) == (2, None)
        return world

    return made_once(tmp_path_factory, "restored-older", made)


def test_everything_is_whole(back: World) -> None:
    require_whole(back)


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_have_holes_of_the_size_of_what_went(older: Older, back: World, name: str) -> None:
    record = older.containers[name]
    left = holed(back, record)
    assert left == holed(older.world, record)
    assert len(left) == len(contents()[name])
    assert BAD not in left
    assert LIN.encode("gb18030") not in left
    assert opened(back, record).status == 2


def test_rows_that_stayed_come_back_and_destroyed_ones_do_not(older: Older, back: World) -> None:
    table = contents()["客户名单.csv"]
    for row in (LIN, BO):
        table = table.replace(row.encode("gb18030"), bytes(len(row.encode("gb18030"))))
    assert holed(back, older.table) == table
    shown, live = back.ask("show", older.table), older.world.ask("show", older.table)
    assert shown["text"] == live["text"]
    assert "白鹭洲" in shown["text"]
    assert sorted(shown["occurrences"].split(" | ")) == sorted(live["occurrences"].split(" | "))
    assert (total(back, "沧浪路"), total(back, "沉香里"), total(back, "白鹭洲")) == (0, 0, 1)


def test_states_are_those_that_the_ledger_tells(older: Older, back: World) -> None:
    states = dict(back.rows("SELECT id, state FROM holdings_record"))
    assert (states[older.member], states[older.dissolved]) == ("destroyed", "destroyed")
    assert states[older.restricted] == "restricted"
    assert states[older.table] == "archived"
    assert total(back, DOOMED) == total(older.world, DOOMED) == 1


def test_links_are_those_of_the_archive_that_went_on(older: Older, back: World) -> None:
    links = "SELECT customer_id, record_id FROM holdings_link WHERE record_id = ? ORDER BY 1"
    assert back.rows(links, older.table) == older.world.rows(links, older.table)


def test_the_desk_taken_in_again_brings_nothing_and_what_came_later_comes_again(
    back: World, tmp_path: Path
) -> None:
    world = back.copied(tmp_path / "world")
    records = "SELECT count(*), count(reference_code) FROM holdings_record"
    ((before, _),) = world.rows(records)
    for name in ("合同.zip", "来信.eml", "说明.txt"):
        world.intake(back.root / "desk" / name)
    assert world.rows(records)[0][0] == before
    world.intake(back.root / "later")
    assert world.rows(records)[0][0] == before + 1
    assert total(world, "后来的") == 1
    require_whole(world)


def test_a_restored_archive_is_destroyed_in_and_backed_up_like_any_other(
    older: Older, back: World, tmp_path: Path
) -> None:
    world = back.copied(tmp_path / "world")
    destroyed(world, "--rows", f"{older.table}:1")
    assert total(world, "白鹭洲") == 0
    assert world.ask("backup")["copies"][0]["complete"]
    require_whole(world)
