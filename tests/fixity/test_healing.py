"""`verify --heal` brings everything back from a good copy, and says what it cannot."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixity.conftest import flipped
from tests.world import World


def page_of_records(world: World) -> Path:
    """A key page that is not the case's own: when that is damaged, no copy can be named (docs/plan.md)."""
    ((own,),) = world.rows(
        "SELECT stored FROM holdings_keypage WHERE id = (SELECT key_page FROM holdings_case)"
    )
    return next(path for path in reversed(world.objects("ring")) if own not in path.name)


OBJECTS: dict[str, Callable[[World], object]] = {
    "a bit of a pack": lambda world: flipped(world.objects("packs")[0]),
    "a pack that is gone": lambda world: world.objects("packs")[0].unlink(),
    "a bit of a key page": lambda world: flipped(page_of_records(world)),
    "a key page that was cut off": lambda world: os.truncate(page_of_records(world), 100),
    "a bit of a snapshot": lambda world: flipped(world.objects("snapshots")[0]),
    "a bit of an index part": lambda world: flipped(next((world.home / "index").glob("*.part"))),
    "an index part that is gone": lambda world: next((world.home / "index").glob("*.part")).unlink(),
}
ROWS = {
    "a leaf": "UPDATE holdings_ledgerleaf SET leaf = zeroblob(40) WHERE n = 5",
    "the hash of a leaf": "UPDATE holdings_ledgerleaf SET leaf_hash = zeroblob(32) WHERE n = 5",
    "a leaf that is gone": "DELETE FROM holdings_ledgerleaf WHERE n = 7",
    "the head": "UPDATE holdings_ledgerhead SET frontier = zeroblob(40)",
    "a record": "UPDATE holdings_record SET record_class = 'x' WHERE state != 'destroyed'",
    "an occurrence": "UPDATE holdings_occurrence SET ordinal = ordinal + 77",
    "a mention": "UPDATE holdings_mentionkey SET fingerprint = zeroblob(16)",
    "a key of a customer": "UPDATE holdings_customerkey SET kind = 'x'",
    "a link": "UPDATE holdings_link SET ground = 'x'",
    "a source": "UPDATE holdings_source SET state = 'x'",
    "the case": "UPDATE holdings_case SET time_zone = 'Asia/Tokyo'",
    "the count of a key page": "UPDATE holdings_keypage SET entries = entries + 1",
    "where a record's words lie": "UPDATE holdings_record SET indexed_row = 99 WHERE indexed_row = 1",
}


@pytest.mark.parametrize("what", OBJECTS)
def test_a_damaged_object_is_mended(what: str, kept: World) -> None:
    OBJECTS[what](kept)
    ran = kept.run("verify", "--deep", "--json")
    assert ran.status == 4
    faults = ran.json["faults"]
    if "index" not in what:
        assert any(fault["object"] and fault["copies"] for fault in faults), "a copy is named"
    _require_mended(kept)


@pytest.mark.parametrize("what", ROWS)
def test_a_damaged_row_is_mended(what: str, kept: World) -> None:
    assert kept.change(ROWS[what]) >= 1
    ran = kept.run("verify", "--json")
    assert ran.status == 4, ran.text
    _require_mended(kept)


def _require_mended(world: World) -> None:
    healed = world.run("verify", "--deep", "--heal", "--json")
    assert healed.status == 0, healed.text + healed.said
    assert healed.json["healed"]
    assert healed.json["not_healed"] == []
    assert b'"act":"healed"' in b"".join(row[0] for row in world.rows("SELECT leaf FROM holdings_ledgerleaf"))
    assert world.ask("verify", "--deep")["clean"]


def test_a_damaged_pack_names_its_records(kept: World) -> None:
    pack = kept.objects("packs")[0]
    inside = kept.rows(
        "SELECT count(*) FROM holdings_record WHERE content_pack = ? OR derived_pack = ?",
        pack.name,
        pack.name,
    )[0][0]
    pack.unlink()
    faults = kept.run("verify", "--json").json["faults"]
    fault = next(one for one in faults if one["object"] == f"packs/{pack.name}")
    assert len(fault["records"]) >= inside >= 1


def test_what_changed_after_the_snapshot_is_not_set_back(kept: World) -> None:
    question = kept.rows("SELECT id FROM holdings_question WHERE state = 'open'")[0][0]
    assert kept.run("questions", "--answer", f"{question}=accepted").status == 0
    kept.change("UPDATE holdings_question SET blocking = 1 - blocking WHERE id = ?", question)
    ran = kept.run("verify", "--heal", "--json")
    assert ran.status == 4
    assert {"object": f"question/{question}", "reason": "changed-since-snapshot"} in ran.json["not_healed"]


def test_without_a_copy_nothing_is_replaced(kept: World) -> None:
    copy = own_copy(kept)
    pack = kept.objects("packs")[0]
    flipped(pack)
    before = pack.read_bytes()
    shutil.rmtree(copy)
    ran = kept.run("verify", "--deep", "--heal", "--json")
    assert ran.status == 4
    assert {"object": f"packs/{pack.name}", "reason": "no-good-copy"} in ran.json["not_healed"]
    assert pack.read_bytes() == before


def test_a_copy_that_is_damaged_too_is_not_taken(kept: World) -> None:
    copy = own_copy(kept)
    pack = kept.objects("packs")[0]
    flipped(pack)
    flipped(next((copy / "packs").rglob(pack.name)), bit=4000)
    ran = kept.run("verify", "--deep", "--heal", "--json")
    assert {"object": f"packs/{pack.name}", "reason": "no-good-copy"} in ran.json["not_healed"]


def test_a_damaged_copy_is_written_anew(kept: World) -> None:
    copy = own_copy(kept)
    flipped(next(path for path in sorted((copy / "packs").rglob("*")) if path.is_file()))
    ran = kept.run("verify", "--copies", "--json")
    assert ran.status == 1, ran.text + ran.said
    assert ran.json["copies"][0]["mended"] == 1
    assert kept.run("verify", "--copies", "--json").status == 0


def own_copy(world: World) -> Path:
    """A copy that this test alone writes to, in place of the one that all share."""
    world.ask("copies", "remove", "1")
    place = world.root / "own-copy"
    place.mkdir()
    world.ask("copies", "add", place)
    world.ask("backup")
    return place
