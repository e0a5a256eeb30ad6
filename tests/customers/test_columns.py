"""What a column means is corrected once and holds for the source: customers follow it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

PEOPLE = (("欧阳修远", "13800138000"), ("司徒静宜", "13900139000"), ("夏侯明轩", "13700137000"))
SALESMAN = "上官业成"


def table(path: Path, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as sink:
        csv.writer(sink).writerows([headers, *rows])


@pytest.fixture
def misread(opened_case: World, tmp_path: Path) -> World:
    """A list of customers in which nothing says that one column of names is of the company's own people."""
    world = opened_case.copied(tmp_path / "world")
    desk = tmp_path / "desk"
    desk.mkdir()
    rows = [(name, number, SALESMAN, "13600136000") for name, number in PEOPLE]
    table(desk / "会员名单.csv", ("会员姓名", "手机", "归口", "归口手机"), rows)
    world.intake(desk)
    return world


def shown(world: World) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in world.ask("rows", "columns", reference(world))["columns"]}


def reference(world: World) -> str:
    ((one,),) = world.rows(
        "SELECT id FROM holdings_record WHERE format_name = 'csv' ORDER BY first_order LIMIT 1"
    )
    return str(one)


def values_of(world: World, number: int) -> set[str]:
    profile = world.ask("customers", "show", str(number))["profile"]
    return {said["value"] for field in profile for said in field["values"]}


def names(world: World) -> set[str]:
    return {one["name"] for one in world.ask("customers", "list")["customers"]}


def test_a_corrected_column_changes_who_is_found_and_later_tables_of_the_source_too(misread: World) -> None:
    before = shown(misread)
    assert before["归口手机"]["meaning"] == "mobile"
    assert "13600136000" in values_of(misread, 1)
    assert len(names(misread)) < len(PEOPLE)  # one number that all share has made them one
    assert not before["归口"]["corrected"]
    misread.ask("rows", "columns", reference(misread), "--set", "归口=handler", "--set", "归口手机=ignored")
    after = shown(misread)
    assert (after["归口"]["meaning"], after["归口"]["corrected"]) == ("handler", True)
    assert SALESMAN not in names(misread)
    for number in (1, 2, 3):
        assert "13600136000" not in values_of(misread, number)
    later = misread.root.parent / "desk" / "会员名单二.csv"
    table(
        later,
        ("会员姓名", "手机", "归口", "归口手机"),
        [("慕容晓岚", "13500135000", SALESMAN, "13600136000")],
    )
    misread.intake(later.parent)
    assert names(misread) == {*(name for name, _ in PEOPLE), "慕容晓岚"}
    assert misread.run("verify", "--deep").status == 0


def test_taking_a_correction_back_reads_as_before_and_an_unknown_column_is_refused(misread: World) -> None:
    before, said = names(misread), {key: one["meaning"] for key, one in shown(misread).items()}
    misread.ask("rows", "columns", reference(misread), "--set", "会员姓名=ignored")
    assert shown(misread)["会员姓名"]["meaning"] == "ignored"
    misread.ask("rows", "columns", reference(misread), "--set", "会员姓名=")
    assert {key: one["meaning"] for key, one in shown(misread).items()} == said
    assert names(misread) == before
    ran = misread.run("rows", "columns", reference(misread), "--set", "没有=mobile")
    assert ran.status != 0
    assert "KD-H179" in ran.said


def test_what_a_person_has_judged_stays_true(misread: World) -> None:
    misread.ask("rows", "columns", reference(misread), "--set", "归口手机=ignored")
    misread.ask("customers", "merge", "2", "--into", "1", "--reason", "同一人")
    misread.ask("rows", "columns", reference(misread), "--set", "归口=handler")
    (kept,) = [one for one in misread.ask("customers", "list")["customers"] if one["number"] == 1]
    assert kept["merged"] == [2]
