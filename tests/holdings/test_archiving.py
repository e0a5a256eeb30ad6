"""Many records are archived at once as each would be alone: periods, numbers, MACs, leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kedang.vault.errors import RowAltered
from tests.holdings.test_correcting import played, write_desk
from tests.sharing import made_once
from tests.world import World


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> dict[str, Any]:
    """All scenes, played once in one case."""

    def made(folder: Path) -> dict[str, Any]:
        world = opened_case.copied(folder / "world")
        world.intake(write_desk(folder / "桌面", contracts=6, notes=4))
        return played(world, "more_than_one_batch", "edited", "reviewed", of="archiving_scenes")

    return made_once(tmp_path_factory, "archiving-scenes", made)


def test_records_of_several_batches_are_archived_as_each_would_be_alone(told: dict[str, Any]) -> None:
    scene = told["more_than_one_batch"]
    assert (scene["states"], scene["foreign_macs"], scene["reckoned_otherwise"]) == (["archived"], 0, 0)
    assert scene["told"] == {"reckoned": 0, "archived": 0}


def test_numbers_follow_the_order_of_the_records_without_a_gap(told: dict[str, Any]) -> None:
    scene = told["more_than_one_batch"]
    assert (scene["in_order"], scene["faults"]) == (True, 0)


def test_what_a_question_holds_back_is_passed_over_and_follows_alone(told: dict[str, Any]) -> None:
    scene = told["more_than_one_batch"]
    assert (scene["done"], scene["waits"], scene["followed"]) == (19, "sorting", 1)


def test_an_edited_row_among_many_keeps_its_batch_out(told: dict[str, Any]) -> None:
    scene = told["edited"]
    assert set(scene["refused"].values()) == {RowAltered.code}
    assert len(scene["refused"]) == 5
    assert scene["afterwards"] == 30


def test_more_records_than_a_leaf_can_name_are_sent_to_review(told: dict[str, Any]) -> None:
    scene = told["reviewed"]
    assert (scene["done"], scene["states"], scene["numbered"]) == (1_030, ["review"], 0)
    assert (scene["named"], scene["foreign_macs"]) == ([1_000, 30], 0)
