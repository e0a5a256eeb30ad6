"""Checks that are shared out among processes."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.world import World

SCRIPT = """
import json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions.progress import Silent
from kedang.holdings.adapters.looking_up import all_of_case
from kedang.holdings.models import KeyPage, Record
from kedang.holdings.queries import verifying
from kedang.holdings.queries.shared_checks import shared
archive, here = new_context().unlock(), os.getpid()

def look(found):
    archive.keyring.forget_pages()
    keys = len(archive.mac_key()) + KeyPage.objects.count()  # the database answers on both sides
    found.add("KD-H203", "here" if os.getpid() == here else "elsewhere", records=["a" * 32] * (keys > 32))

def die(found):
    if os.getpid() != here:
        os._exit(9)
    look(found)

def told(checks, processes):
    found = sorted(shared(checks, processes=processes))
    assert [number for number, _ in found] == list(range(len(checks)))
    return [fault.subject for _, part in found for fault in part.faults]

def whole(cores):
    os.sched_setaffinity(0, cores)
    found = verifying.verify_case(archive, deep=True, progress=Silent())
    return found.to_json()

said = {"two": told([look] * 5, 2), "one": told([look] * 5, 1)}
said["dies"] = told([look, die, look], 2)
said["all die"] = told([die] * 5, 2)
said["many"] = len(told([lambda found: found.add("KD-H203", "x")] * 5000, 4))
next(waiting := shared([look] * 5, processes=2))
waiting.close()
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    said["left"] = "none"
cores = os.sched_getaffinity(0)
said["whole alone"] = whole({min(cores)})
verifying.SLICE = 3
said["alone"], said["together"] = whole({min(cores)}), whole(cores)
verifying.SLICE, verifying.SLICE_BYTES = 1000, 1
said["one by one"] = whole(cores)
said["read"] = all_of_case(Record, archive.case_id).explain()
print(json.dumps(said))
"""


def _said(kept: World) -> dict[str, Any]:
    ran = kept.run("-c", SCRIPT, program=(sys.executable,))
    assert ran.status == 0, ran.said
    said: dict[str, Any] = json.loads(ran.text)
    return said


@pytest.fixture
def said(kept: World) -> dict[str, Any]:
    return _said(kept)


def test_other_processes_have_keys_and_rows_and_die_without_harm(said: dict[str, Any]) -> None:
    assert said["two"] == ["elsewhere"] * 5
    assert said["one"] == ["here"] * 5
    assert sorted(said["dies"]) == ["elsewhere", "elsewhere", "here"]
    assert said["all die"] == ["here"] * 5
    assert said["many"] == 5000, "each is made once, however many take them at the same instant"
    assert said["left"] == "none", "no process is left behind"


def test_a_verification_in_slices_counts_the_same(kept: World, said: dict[str, Any]) -> None:
    whole = kept.ask("verify", "--deep")
    assert whole["clean"]
    asked = {name: value for name, value in whole.items() if name in said["alone"]}
    assert said["whole alone"] == said["alone"] == said["together"] == said["one by one"] == asked
    assert "INDEX" not in said["read"], "rows are read one after the other"


def test_several_processes_find_what_one_finds_in_the_same_order(kept: World) -> None:
    kept.change("UPDATE holdings_case SET time_zone = 'Asia/Tokyo'")
    kept.change(
        "UPDATE holdings_record SET record_class = 'x' WHERE id IN (SELECT min(id) FROM holdings_record)"
    )
    kept.change("UPDATE holdings_record SET pages = 'many' WHERE id IN (SELECT max(id) FROM holdings_record)")
    kept.change("UPDATE holdings_occurrence SET version = 9")
    kept.change("DELETE FROM holdings_ledgerleaf WHERE n = 7")
    pack = kept.objects("packs")[0]
    octets = bytearray(pack.read_bytes())
    octets[len(octets) // 3] ^= 1
    pack.write_bytes(octets)
    said = _said(kept)
    found = [fault["code"] for fault in said["alone"]["faults"]]
    assert {"KD-H203", "KD-H207"} < set(found)
    assert any(code.startswith("KD-V") for code in found), found
    assert said["together"] == said["alone"]
    assert said["alone"]["records"] == said["whole alone"]["records"]
