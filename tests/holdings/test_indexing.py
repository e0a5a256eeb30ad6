"""Words into parts: every record once, in order, in commits of bounded size, and never under a title that was corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.holdings.test_correcting import played, write_desk
from tests.sharing import made_once
from tests.world import World

LONG = 300_000  # ideographs of a long text: three such fill a commit


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> dict[str, Any]:
    """Both scenes, played once in one case: two contracts, four long texts, two notes, in this order."""

    def made(folder: Path) -> dict[str, Any]:
        world = opened_case.copied(folder / "world")
        desk = write_desk(folder / "桌面", contracts=2, notes=2)
        for number in range(4):
            (desk / f"长文{number}.txt").write_text(
                "巡检记录之二" * (LONG // 6) + f"长文末尾{number}", "utf-8"
            )
        world.intake(desk)
        said = played(world, "many_words", "corrected_meanwhile", of="indexing_scenes")
        return said | {"verified": world.run("verify").status}

    return made_once(tmp_path_factory, "indexing-scenes", made)


def test_records_of_many_words_are_indexed_in_several_commits_each_once_and_in_order(
    told: dict[str, Any],
) -> None:
    scene = told["many_words"]
    assert (scene["done"], scene["steps"]) == (8, [5, 3])
    assert scene["places"] == list(range(8))
    assert scene["found"] == [4, 1, 2]
    assert scene["again"] == 0


def test_words_read_before_a_title_was_corrected_are_not_taken_for_those_of_the_record(
    told: dict[str, Any],
) -> None:
    scene = told["corrected_meanwhile"]
    assert (scene["indexed"], scene["left"]) == (False, 8)
    assert scene["found"] == [scene["record"]]
    assert told["verified"] == 0
