"""Rows behind what extraction reads of a table find their customer, make one, or are counted; never the wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.customers.firm import records_of
from tests.destruction.ordering import require_whole
from tests.sharing import made_once
from tests.world import World

ENDLESS = ",".join("x" * 4_010_000 for _ in range(4))
"""A row longer than what is read of a text: nothing behind it is."""
MEMBERS = ("会员姓名,手机,身份证号,备注", "林晚照,13912340001,110101199003077651,", "薄青山,13912340002,,")
MEMBERS_BEHIND = (
    "林晚照,13912340001,,再来一次",  # 5: known by her telephone
    "谌北川,13912340003,,新人",  # 6: somebody new
    "谌北川,,,没有电话",  # 7: one of two, whoever comes first
    "谌北川,13912340004,,同名另一人",  # 8: another of that name
    "薄青山,13912340003,,谌北川的电话",  # 9: a name and a telephone that do not belong together
    "薄青山,13912340002,110101199003077774,",  # 10: known, with a number
    "薄青山,13912340002,110101199003077993,",  # 11: the same telephone, and another person's number
    "合计,7,,",
)
ORDERS = ("订单编号,客户姓名,手机,金额", "D1,林晚照,13912340001,10")
ORDERS_BEHIND = (
    "D2,林晚照,13912340001,20",
    "D3,陆沉舟,13912340009,30",
    "D4,陆沉舟,13912340009,40",
    "D5,,,50",
)


def write(path: Path, head: Iterable[str], behind: Iterable[str]) -> None:
    path.write_bytes("\r\n".join((*head, ENDLESS, *behind, "")).encode())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """A list of members and a book of orders, both too long to be read to the end, split."""

    def make(folder: Path) -> World:
        world = opened_case.copied(folder / "world")
        desk = folder / "desk"
        desk.mkdir()
        write(desk / "会员名单.csv", MEMBERS, MEMBERS_BEHIND)
        write(desk / "订单.csv", ORDERS, ORDERS_BEHIND)
        world.intake(desk)
        assert world.ask("rows", "make")["refused"] == []
        return world

    return made_once(tmp_path_factory, "rows-behind", make)


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    return made.copied(tmp_path / "world")


def numbers(world: World) -> dict[str, list[int]]:
    return {
        name: [one["number"] for one in world.ask("customers", "list")["customers"] if one["name"] == name]
        for name in ("林晚照", "薄青山", "谌北川", "陆沉舟")
    }


def rows_of(world: World, number: int, record: str) -> list[int]:
    return [
        row[0]
        for table in world.ask("rows", "of", str(number))
        if table["record_id"] == record
        for row in table["rows"]
    ]


def asked(world: World, record: str) -> list[dict[str, Any]]:
    return [
        one["facts"]
        for one in world.run("questions", "--json").json
        if one["code"] == "KD-H186" and one["record_id"] == record
    ]


def ids(world: World) -> dict[str, str]:
    return {one["occurrences"]: one["record_id"] for one in world.catalogue()}


def test_rows_behind_belong_to_whom_certain_keys_name_and_make_customers_of_a_list(world: World) -> None:
    members = ids(world)["会员名单.csv"]
    found = numbers(world)
    (lin,), (bo, namesake), (one, other) = found["林晚照"], found["薄青山"], found["谌北川"]
    assert rows_of(world, lin, members) == [2, 5]
    assert (rows_of(world, bo, members), rows_of(world, namesake, members)) == ([3, 10], [11])
    assert (rows_of(world, one, members), rows_of(world, other, members)) == ([6], [8])
    assert asked(world, members) == [{"rows": 2}], "one of two of a name, and a contradiction"
    assert world.ask("rows", "check", members)["rows"] == 12
    assert records_of(world, other) == [members]
    assert world.ask("rows", "make") == {"made": [], "moved": [], "refused": []}
    require_whole(world)


def test_rows_of_somebody_unknown_are_asked_about_and_move_when_he_is_known(
    world: World, tmp_path: Path
) -> None:
    orders = ids(world)["订单.csv"]
    assert numbers(world)["陆沉舟"] == []
    assert asked(world, orders) == [{"rows": 2}]
    (tmp_path / "客户名单.csv").write_text("客户姓名,手机\n陆沉舟,13912340009\n", "utf-8")
    world.intake(tmp_path / "客户名单.csv")
    (moved,) = world.ask("rows", "make", orders)["moved"]
    assert moved["moved"] == 2
    (number,) = numbers(world)["陆沉舟"]
    assert rows_of(world, number, orders) == [5, 6]
    assert asked(world, orders) == []
    assert world.ask("rows", "check", orders)["rows"] == 7
    assert world.ask("rows", "make", orders)["moved"] == []
    require_whole(world)
