"""Review by another person: only accepting numbers, singly or by sample and batch, gap-free whoever works at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kedang.holdings.errors import CaseMalformed
from tests.holdings.test_correcting import played, write_desk
from tests.sharing import made_once
from tests.world import World


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> dict[str, Any]:
    """All scenes, played once in one case whose records wait for review."""

    def made(folder: Path) -> dict[str, Any]:
        world = opened_case.copied(folder / "world")
        set_off = played(world, "reviewing_on")
        world.intake(write_desk(folder / "桌面", contracts=26, notes=2))
        said = played(world, "reviewed", "standard", "batch", "two_reviewers", of="review_scenes")
        back = next(one["id"] for one in world.run("questions", "--json").json if one["code"] == "KD-H420")
        answer = ("questions", "--answer", f"{back}=accepted")
        command = {
            "silent": world.run(*answer, "--json").json["error"],
            "said": world.run(*answer, "--reason", "已补附件").status,
        }
        return said | set_off | {"command": command, "verified": world.run("verify").status}

    return made_once(tmp_path_factory, "review-scenes", made)


def test_one_accepts_what_another_has_sorted_and_only_that_gives_a_number(told: dict[str, Any]) -> None:
    scene = told["reviewed"]
    assert (scene["own"], scene["stale"]) == ("KD-H411", "KD-H401")
    assert list(scene["given"].values()) == [scene["number"]]
    assert scene["untouched"] is None


def test_what_is_sent_back_returns_to_checking_with_its_reason(told: dict[str, Any]) -> None:
    scene = told["reviewed"]
    assert (scene["silent"], scene["wordless"]) == ("KD-H406", "KD-H406")
    assert (scene["state_back"], scene["again"]) == ("sorting", "review")
    assert (scene["reopened"], scene["reason"]) == ("open", "还是不对")


def test_the_standard_is_checked_first_and_an_exception_needs_a_reason(told: dict[str, Any]) -> None:
    scene = told["standard"]
    assert (scene["refused"], scene["silent"], scene["given"]) == ("KD-H412", "KD-H406", True)


def test_a_case_chooses_its_standard_and_leaves_out_only_what_it_may(told: dict[str, Any]) -> None:
    scene = told["standard"]
    assert scene["wrong"] == [CaseMalformed.code] * 3 + ["KD-H406"]
    assert scene["strict"] == ["A3", "A8"]
    assert scene["let_in"]
    assert scene["leaf"].keys() == {"left_out", "standard", "reason"}
    assert (scene["leaf"]["left_out"], scene["reason"]) == (["A3"], "日期无从查考")


def test_what_a_review_has_sent_back_is_answered_on_the_command_line_with_a_reason(
    told: dict[str, Any],
) -> None:
    assert told["command"] == {"silent": "KD-H406", "said": 0}


def test_a_batch_is_accepted_after_its_sample_and_without_what_was_changed_since(
    told: dict[str, Any],
) -> None:
    scene = told["batch"]
    assert (scene["empty"], scene["none"]) == ("KD-H414", "KD-H404")
    assert (scene["early"], scene["foreign"], scene["own_rule"]) == ("KD-H413", "KD-H414", "KD-H416")
    assert scene["accepted"] == [2, 1]


def test_a_batch_with_something_wrong_is_sent_back_and_a_stale_sample_accepts_nothing(
    told: dict[str, Any],
) -> None:
    scene = told["batch"]
    assert (scene["bad"], scene["back"], scene["state"]) == ("KD-H413", [1, 0], "sorting")
    assert (scene["stale"], scene["given_up"], scene["over"]) == ("KD-H415", [0, 0], "KD-H414")


def test_two_reviewers_at_once_leave_no_gap_and_no_double(told: dict[str, Any]) -> None:
    scene = told["two_reviewers"]
    assert scene["numbered"] == scene["records"] > 10
    assert scene["outcomes"][""] == scene["records"]
    assert scene["outcomes"].keys() <= {"", "KD-H401", "KD-H411"}
    assert scene["faults"] == []


def test_rows_and_ledger_agree_after_all_of_it(told: dict[str, Any]) -> None:
    assert told["verified"] == 0
