"""Cases of one home are strangers: what one of them destroys, no other misses."""

from __future__ import annotations

from pathlib import Path

from tests.destruction.ordering import REASON, with_copy
from tests.world import COMPANY, World


def test_a_destruction_leaves_the_key_pages_of_another_case_in_the_home_alone(
    world: World, tmp_path: Path
) -> None:
    world = with_copy(world)
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "合同.txt").write_text("服务合同 黄河路七号的甲方 签订于2023年5月1日", "utf-8")
    world.intake(desk, workers=1)
    world.ask("init", "--name", COMPANY, "--code", "Q002", "--shares-out", world.root / "shares of another")
    ((record,),) = world.rows("SELECT id FROM holdings_record")
    order = ("destroy", record, "--case", "Q001", "--json")
    digest = world.run(*order).json["digest"]
    done = world.run(*order, "--confirm", digest, "--reason", REASON, "--no-name-model")
    assert (done.status, done.json["destroyed"]) == (0, 1), done.said
    for case in ("Q001", "Q002"):
        assert world.ask("verify", "--deep", "--case", case)["faults"] == []
