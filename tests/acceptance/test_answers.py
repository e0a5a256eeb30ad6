"""A person's answer stands: the period follows the class he gave, and no machine takes it back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.acceptance.sources import put, settle
from tests.world import World

SEEN_AGAIN = """
import json, sys, django
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.intake.decided import describe_again, still_asked
from kedang.holdings.models import Record
from kedang.pipeline.messages import Summary
from kedang.records.content import Problem
with new_context().reading() as archive:
    record = Record.objects.get(id=sys.argv[1])
    describe_again(archive, record, Summary(**json.loads(sys.argv[2])))
    problems = tuple(Problem(code) for code in ("KD-G101", "KD-G102", "KD-G103", "KD-E303", "KD-D204"))
    asked = [problem.code for problem in still_asked(archive, record, problems)]
print(json.dumps([record.record_class, record.class_permille, record.sensitivity, asked]))
"""
READ = {
    "record_class": "contract", "class_permille": 640, "accounting": False, "accounting_kind": "",
    "sensitivity": "sensitive-personal", "record_date": "", "title": "", "text_source": "ocr", "pages": 1,
    "awaits_ocr": False, "trigger_dates": {}, "finding_counts": {}, "problems": [], "mentions": [],
}  # fmt: skip


def leaves(world: World, act: str) -> list[dict[str, Any]]:
    told = [json.loads(leaf) for (leaf,) in world.rows("SELECT leaf FROM holdings_ledgerleaf ORDER BY n")]
    return [leaf for leaf in told if leaf["act"] == act]


def question(world: World, code: str) -> str:
    return str(next(one["id"] for one in world.run("questions", "--json").json if one["code"] == code))


def answered_as_other(world: World, tmp_path: Path) -> dict[str, Any]:
    """An archived record of the class "other", which a person gave it."""
    put(tmp_path / "source", [("记录.txt", "琉璃厂旧书店回访".encode())])
    settle(tmp_path / "source")
    world.intake(tmp_path / "source")
    first = world.run("questions", "--json").json[0]["id"]
    assert world.run("questions", "--answer", f"{first}=other").status == 0
    record = world.catalogue()[0]
    assert record["reference_code"]
    assert (record["class"], record["state"]) == ("other", "archived")
    return record


def test_an_archived_record_of_another_class_is_reckoned_anew_under_its_old_number(
    world: World, tmp_path: Path
) -> None:
    before = answered_as_other(world, tmp_path)
    ((old_rule,),) = world.rows("SELECT retention_rule FROM holdings_record")
    assert world.run("questions", "--answer", f"{question(world, 'KD-D204')}=contract").status == 0
    after = world.catalogue()[0]
    ((rule, reckoning),) = world.rows("SELECT retention_rule, reckoning FROM holdings_record")
    assert (after["class"], after["state"]) == ("contract", "archived")
    assert after["reference_code"] == before["reference_code"]
    assert rule != old_rule
    *_, first, second = leaves(world, "reckoned")
    assert "replaced" not in leaves(world, "reckoned")[0]["facts"]
    assert len(second["facts"]["replaced"]) == 64
    assert second["facts"]["rules"] != first["facts"]["rules"]
    assert leaves(world, "classified")[-1]["facts"] == {"by": "person", "class": "contract"}
    states = dict(world.rows("SELECT code, state FROM holdings_question"))
    still_open = {code for code, state in states.items() if state == "open" and code.startswith("KD-D")}
    asked_by_it = {one["code"] for one in json.loads(reckoning)["questions"]}
    assert still_open == {code for code in asked_by_it if states[code] == "open"}
    assert world.ask("verify", "--deep")["clean"]


def test_accepting_a_question_reckons_nothing(world: World, tmp_path: Path) -> None:
    answered_as_other(world, tmp_path)
    reckoned = len(leaves(world, "reckoned"))
    assert world.run("questions", "--answer", f"{question(world, 'KD-D204')}=accepted").status == 0
    assert len(leaves(world, "reckoned")) == reckoned


def test_a_later_reading_does_not_take_a_persons_class_back(world: World, tmp_path: Path) -> None:
    answered_as_other(world, tmp_path)
    ((record,),) = world.rows("SELECT id FROM holdings_record")
    asking = World(world.root, environment={"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"})
    ran = asking.run(record, json.dumps(READ), program=(sys.executable, "-c", SEEN_AGAIN))
    assert ran.status == 0, ran.said
    assert ran.json == ["other", 1000, "sensitive-personal", ["KD-E303", "KD-D204"]]
