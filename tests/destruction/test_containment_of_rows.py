"""Rows of delimited texts go alone: their bytes are holes, and nothing derived speaks of them any more."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.destruction.ordering import (
    destroyed,
    holed,
    opened,
    planned,
    record_named,
    refused,
    total,
    with_copy,
    zeroed,
)
from tests.sharing import made_once
from tests.world import World

CORRECTED = """
import json, sys, django
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions.correcting import Decided, NewValues, correct
from kedang.holdings.actions.describing import FactSaid
from kedang.holdings.models import Record
from kedang.holdings.queries.corrections import corrections_of
from kedang.holdings.queries.shown_titles import title_of
context = new_context(as_json=True)
with context.writing() as archive:
    if sys.argv[1] == "correct":
        values = NewValues(title="住漱玉泉的名单", facts=(FactSaid("12", kind="amount"),))
        correct(archive, sys.argv[2], Decided("corrected", values, "漱玉泉一号核过"), clock=context.now)
    record = Record.objects.get(id=sys.argv[2])
    (shown,) = corrections_of(archive, record)
    print(json.dumps([title_of(archive, record), [one.column for one in shown.facts], shown.reason]))
"""
HEADERS = "客户名称,联系电话,身份证号,备注\r\n"
LIN = '林晚照,13912340001,11010119900307765X,"住在沧浪路七号\r\n常来电话"\r\n'
BO = "薄青山,13912340002,,沉香里九号\r\n"
CHEN = "谌若水,13912340003,,白鹭洲三号\r\n"
TABLE = HEADERS + LIN + BO + CHEN


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """Lists of customers in three encodings."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        (desk / "客户名单.csv").write_bytes(TABLE.encode("gb18030"))
        (desk / "宽字.csv").write_bytes(TABLE.replace("沧浪路", "宽窄巷").encode("utf-16"))
        (desk / "说明.txt").write_text("本所客户名单的说明，没有表格。", "utf-8")
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "filled-for-rows", made)


@pytest.fixture
def archive(filled: World, tmp_path: Path) -> World:
    return with_copy(filled.copied(tmp_path / "world"))


@pytest.mark.parametrize(
    ("name", "codec", "address"), [("客户名单.csv", "gb18030", "沧浪路"), ("宽字.csv", "utf-16-le", "宽窄巷")]
)
def test_a_row_goes_and_every_other_byte_stays(archive: World, name: str, codec: str, address: str) -> None:
    record = record_named(archive, name)["record_id"]
    before = opened(archive, record).out
    known = {path.name for path in archive.objects("packs")}
    outcome = destroyed(archive, "--rows", f"{record}:1")
    assert outcome["rows"] == {record: [1]}
    (made,) = {path.name for path in archive.objects("packs")} - known
    assert list((archive.root / "copy" / "packs").rglob(made))  # before the old keys ended
    assert holed(archive, record) == zeroed(before, LIN.replace("沧浪路", address).encode(codec))
    assert (opened(archive, record).status, opened(archive, record).out) == (2, b"")
    assert total(archive, address) == 0
    assert total(archive, "沉香里") == 2
    shown = archive.ask("show", record)
    assert address not in shown["text"]
    assert "林晚照" not in shown["text"]
    assert "白鹭洲" in shown["text"]
    assert shown["occurrences"] == name


def test_what_a_person_wrote_of_a_row_goes_with_it(archive: World) -> None:
    record = record_named(archive, "客户名单.csv")["record_id"]
    scripted = replace(archive, environment={"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"})

    def told(step: str) -> Any:
        ran = scripted.run(step, record, program=(sys.executable, "-c", CORRECTED))
        assert ran.status == 0, ran.said
        return ran.json

    assert told("correct") == ["住漱玉泉的名单", ["amount"], "漱玉泉一号核过"]
    assert total(archive, "漱玉泉") == 1
    destroyed(archive, "--rows", f"{record}:1")
    title, kinds, reason = told("look")
    assert "漱玉泉" not in title
    assert (kinds, reason) == ([], "")
    assert total(archive, "漱玉泉") == 0


def test_rows_go_one_order_after_the_other(archive: World) -> None:
    record = record_named(archive, "客户名单.csv")["record_id"]
    before = opened(archive, record).out
    destroyed(archive, "--rows", f"{record}:2")
    assert planned(archive, "--rows", f"{record}:1-2")["rows"][0]["rows"] == [1, 2]
    destroyed(archive, "--rows", f"{record}:1,2")
    assert holed(archive, record) == zeroed(before, *(row.encode("gb18030") for row in (LIN, BO, CHEN)))


def test_a_customer_goes_with_his_rows_and_no_other(archive: World) -> None:
    customers = {one["name"]: one["number"] for one in archive.ask("customers")}
    plan = planned(archive, "--customer", str(customers["薄青山"]))
    assert sorted(one["rows"] for one in plan["rows"]) == [[2], [2]]
    destroyed(archive, "--customer", str(customers["薄青山"]))
    assert total(archive, "沉香里") == 0
    assert total(archive, "白鹭洲") == 2
    assert archive.rows("SELECT count(DISTINCT customer_id) FROM holdings_link") == [(2,)]


@pytest.mark.parametrize(
    ("rows", "code"), [(":0", "KD-H132"), (":3-1", "KD-H132"), (":x", "KD-H132"), (":4", "KD-H133")]
)
def test_rows_that_are_not_there_are_refused(archive: World, rows: str, code: str) -> None:
    record = record_named(archive, "客户名单.csv")["record_id"]
    assert refused(archive, "--rows", record + rows) == code


def test_rows_of_what_has_no_table_are_refused(archive: World) -> None:
    record = record_named(archive, "说明.txt")["record_id"]
    assert refused(archive, "--rows", f"{record}:1") == "KD-H133"
