"""Links made after a snapshot are lost with a restore of it, and nothing is amiss."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.destruction.ordering import destroyed, record_named, require_whole
from tests.restoring.conftest import restored
from tests.sharing import made_once
from tests.world import World

NUMBER = "11010119900307765X"
LETTERS = 5


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """Backed up before the customer was known whom everything speaks of; then destroyed in part."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        for desk in ("desk", "later"):
            (folder / desk).mkdir()
        for number in range(LETTERS):
            text = f"第{number}封来信：林晚照（身份证号：{NUMBER}）来访，问及合同。"
            (folder / "desk" / f"来信{number}.txt").write_text(text, "utf-8")
        world.intake(folder / "desk")
        world.ask("copies", "add", folder / "copy")
        world.ask("backup")
        shutil.copytree(folder / "copy", folder / "kept-copy")
        table = f"客户名称,联系电话,身份证号\r\n林晚照,13912340001,{NUMBER}\r\n"
        (folder / "later" / "客户名单.csv").write_text(table, "utf-8")
        world.intake(folder / "later")
        ((links,),) = world.rows("SELECT count(*) FROM holdings_link")
        assert links == LETTERS + 1, "the records of the first intake are linked by the second"
        letters = [record_named(world, f"来信{number}.txt")["record_id"] for number in range(LETTERS - 1)]
        destroyed(world, *letters)
        for kind in ("ring", "leaves"):
            shutil.rmtree(folder / "kept-copy" / kind)
            shutil.copytree(folder / "copy" / kind, folder / "kept-copy" / kind)
        return world

    return made_once(tmp_path_factory, "linked-since", made)


def test_a_restore_of_before_the_links_has_no_finding(linked: World, tmp_path: Path) -> None:
    world = linked.copied(tmp_path / "world")
    world.lose_home()
    assert restored(world, world.root / "kept-copy")["withheld_records"] == LETTERS - 1
    require_whole(world)
    assert world.rows("SELECT count(*) FROM holdings_link") == [(0,)]
