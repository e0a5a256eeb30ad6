"""Events that are looked up are those that are found by reading every leaf, also while the ledger grows."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.world import World

PROGRAM = """
import json, os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from dataclasses import replace
from kedang.holdings.adapters import kept_ledger
from kedang.holdings.models import Case, LedgerHead, LedgerLeaf
from kedang.holdings.queries.ledger_events import Wanted, events, octets
from kedang.ledger.leaves import read_leaf

case = Case.objects.get().id
leaves = [read_leaf(octets(row)) for row in LedgerLeaf.objects.order_by("n").values_list("leaf", flat=True)]
kept_ledger.AT_A_TIME = 7
kept, wrong, asked = kept_ledger.KeptLedger(), [], 0
more = True
while more:
    more = kept.follow(case)
    if asked and more:
        continue  # once near its beginning, once at its end
    wishes = [Wanted(act=act) for act in sorted({leaf.event.act for leaf in leaves})]
    wishes += [Wanted(actor=actor[:12]) for actor in sorted({leaf.event.actor for leaf in leaves})]
    objects = sorted({one for leaf in leaves for one in leaf.event.objects})
    wishes += [Wanted(record=one[7:]) for one in objects if one.startswith("record:")]
    wishes += [Wanted(customer=one[9:]) for one in objects if one.startswith("customer:")]
    wishes += [replace(wishes[0], actor=leaves[-1].event.actor), Wanted(record="f" * 32), Wanted(act="no-act")]
    for wish in wishes:
        for limited in (wish, replace(wish, limit=2), replace(wish, limit=9, before=len(leaves) // 2)):
            asked += 1
            found, plain = ([leaf.n for leaf in events(case, limited, by)] for by in (kept, None))
            if found != plain:
                wrong.append([str(limited), found, plain])
known, end = kept.leaves_of(act="received", actor=None, about=None)
size = LedgerHead.objects.get(case_id=case).size
print(json.dumps({"asked": asked, "wrong": wrong, "received": len(known), "end": end, "size": size}))
"""


def test_looking_up_finds_what_reading_finds(opened_case: World, tmp_path: Path) -> None:
    world = opened_case.copied(tmp_path / "world")
    source = tmp_path / "source"
    source.mkdir()
    for number in range(6):
        (source / f"{number}.txt").write_text(
            f"采购合同 乙方：慕容雪霏 13800138000 第{number}次\n", encoding="utf-8"
        )
    world.intake(source)
    ran = world.run("-c", PROGRAM, program=(sys.executable,))
    assert ran.status == 0, ran.said
    said = ran.json
    assert said["wrong"] == []
    assert said["asked"] > 40
    assert said["received"] >= 6
    assert said["end"] == said["size"]
