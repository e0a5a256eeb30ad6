"""Over random worlds, what is listed, counted and found is what the decision function allows, no more and no less."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.conftest import PASSWORD, Filled

WORLDS = 5
SEED = "20261122"


def test_no_list_count_or_search_knows_more_than_the_decision_allows(
    filled_case: Filled, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = filled_case.world.copied(tmp_path_factory.mktemp("permitted") / "world")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.web.permitted_driver", SEED, str(WORLDS), "lin", PASSWORD],
        env=world.surroundings() | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert said["wrong"] == []
    assert said["seen"]["listed"] > 3
    assert said["seen"]["charts"] > 0
    assert said["seen"]["unnamed"] > 0
    assert said["seen"]["searched"] > 7
    assert said["too_many"] == "KD-H344"
