"""Answers and corrections: nothing lost, nothing twice, undone to the byte, taught to the classifier, seen by grant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kedang.holdings.errors import QuestionUnknown
from tests.sharing import made_once
from tests.world import REPOSITORY, World

SCENES = (
    "seen_by_scope",
    "corrected_and_undone",
    "described",
    "two_on_one",
    "overlaid",
    "refusals",
    "assigned",
    "learnt",
)


def played(world: World, *scenes: str, of: str = "checking_scenes") -> dict[str, Any]:
    """What the scenes tell."""
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.holdings.{of}", *scenes],
        env=world.surroundings() | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def write_desk(desk: Path, *, contracts: int, notes: int) -> Path:
    """Contracts that the signs tell, and notes that they do not."""
    desk.mkdir()
    for number in range(contracts):
        text = f"服务合同\n合同编号：HT-{number:03d}\n甲方：苏州安澜有限公司\n乙方：苏州样禾有限公司\n违约责任 付款方式\n签订日期：2023年5月{number % 27 + 1}日\n"
        (desk / f"服务合同{number:02d}.txt").write_text(text, "utf-8")
    for number in range(notes):
        words = "巡检完毕 风扇除尘 螺丝紧固" if number % 2 else "来电说周三到 已转告 记得回话"
        (desk / f"随记{number:02d}.txt").write_text(f"{words}\n第{number}页", "utf-8")
    return desk


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> dict[str, Any]:
    """All scenes, played once in one case."""

    def made(folder: Path) -> dict[str, Any]:
        world = opened_case.copied(folder / "world")
        world.intake(write_desk(folder / "桌面", contracts=12, notes=24))
        said = played(world, *SCENES)
        return said | {"verified": world.run("verify").status}

    return made_once(tmp_path_factory, "checking-scenes", made)


def test_a_correction_keeps_old_and_new_value_reason_and_person(told: dict[str, Any]) -> None:
    scene = told["corrected_and_undone"]
    assert scene["shown"]["record_class"] == [scene["before"]["record_class"], "contract"]
    assert scene["shown"]["sensitivity"][1] == "trade-secret"
    assert (scene["reason"], scene["who"]) == ("原件封面写明", "lin")
    assert scene["changed"]["class_permille"] == "1000"


def test_title_and_facts_are_corrected_found_anew_and_kept_from_a_later_reading(told: dict[str, Any]) -> None:
    scene = told["described"]
    assert scene["title"] == "供货协议补遗"
    assert scene["facts"] == [["amount", "1200.00"], ["signed_on", "2019-05-06"]]
    assert scene["days"] == "2019-05-06"
    assert scene["hits"] == [True, True]  # its text and its file are still called so
    assert scene["kept"] == ["供货协议补遗", "2019-05-06"]
    old, new = scene["told"][0]
    assert old != new == "供货协议补遗"
    assert [one[0] for one in scene["told"][1]] == ["signed_on", "amount"]
    assert scene["leaf"] == {"facts": 2, "title": True}


def test_a_corrected_title_and_facts_are_taken_back_like_everything_else(told: dict[str, Any]) -> None:
    scene = told["described"]
    assert scene["wrong"] == ["KD-H404", "KD-H404", "KD-H404"]
    assert scene["twice"] == "KD-H404"
    assert scene["as_before"]
    assert scene["facts_back"]
    assert not scene["hits_back"]


def test_undoing_restores_the_record_and_its_questions_to_the_byte(told: dict[str, Any]) -> None:
    scene = told["corrected_and_undone"]
    assert scene["after"] == scene["before"] != scene["changed"]
    assert (scene["undone_by"], scene["again"]) == ("lin", "KD-H402")


def test_undoing_restores_a_reckoned_period_and_never_past_a_later_decision(told: dict[str, Any]) -> None:
    scene = told["overlaid"]
    assert scene["refused"] == "KD-H403"
    assert scene["middle"]["reckoning"] != scene["before"]["reckoning"]
    assert scene["after"] == scene["before"]
    assert scene["after"]["reference_code"] == scene["middle"]["reference_code"]


def test_the_second_of_two_on_one_question_is_told_and_changes_nothing(told: dict[str, Any]) -> None:
    assert told["two_on_one"] == {"refused": "KD-H401", "class": "service", "corrections": 1, "by": True}


def test_what_is_no_decision_is_refused(told: dict[str, Any]) -> None:
    assert told["refusals"] == {
        "value": "KD-H404",
        "nothing": "KD-H404",
        "reason": "KD-H406",
        "unknown": "KD-H402",
        "question": QuestionUnknown.code,
    }


def test_a_question_is_given_only_to_somebody_who_may_answer_it(told: dict[str, Any]) -> None:
    scene = told["assigned"]
    assert scene == {"refused": "KD-H405", "mine": True, "may": ["he", "lin"]}


def test_the_queue_and_every_count_are_of_what_the_grant_covers(told: dict[str, Any]) -> None:
    scene = told["seen_by_scope"]
    for person in scene.values():
        assert person["walked"] == person["queue"]
        assert person["total"] == person["by_code"] == len(person["queue"])
        assert person["by_source"] == person["total"]
    assert scene["sorter"]["classes"] in ([], ["contract"])
    assert scene["sorter"]["total"] < scene["lin"]["total"]
    assert scene["chen"]["total"] == scene["chen"]["review"] == 0


def test_answers_teach_only_when_there_are_enough_and_the_model_dies_with_what_taught_it(
    told: dict[str, Any],
) -> None:
    scene = told["learnt"]
    assert scene["few"]
    assert scene["answers"] >= scene["least"]
    assert scene["after"] > scene["before"]
    assert scene["proposes"]
    assert (scene["clear"], scene["gone"], scene["rows"]) == ([], True, 1)


def test_rows_and_ledger_agree_after_all_of_it(told: dict[str, Any]) -> None:
    assert told["verified"] == 0
