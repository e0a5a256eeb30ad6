"""Fixity rounds go on where they stopped, and a whole round says so."""

from __future__ import annotations

from tests.fixity.conftest import flipped
from tests.world import World


def test_a_round_goes_on_where_it_stopped(kept: World) -> None:
    runs = []
    for _ in range(200):
        runs.append(kept.ask("verify", "--round", "--minutes", "0.0001"))
        if runs[-1]["ended"]:
            break
        if len(runs) == 3:
            runs.append(kept.ask("verify", "--round"))
            break
    assert {run["number"] for run in runs} == {1}
    assert runs[-1]["ended"]
    assert [run["left"] for run in runs] == sorted((run["left"] for run in runs), reverse=True)
    assert kept.ask("verify", "--round")["number"] == 2
    assert kept.ask("verify", "--deep")["clean"]


def test_a_round_finds_what_is_damaged(kept: World) -> None:
    flipped(kept.objects("packs")[0])
    kept.change("UPDATE holdings_link SET ground = 'x'")
    ran = kept.run("verify", "--round", "--json")
    assert ran.status == 4, ran.said
    objects = {fault["object"].partition("/")[0] for fault in ran.json["faults"]}
    assert {"packs", "link"} <= objects


def test_a_rate_is_kept(kept: World) -> None:
    free = kept.ask("verify", "--round")
    slow = kept.ask("verify", "--round", "--rate", "0.05", "--minutes", "0.03")
    assert not slow["ended"]
    assert slow["objects"] < free["objects"]
