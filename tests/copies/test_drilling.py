"""Drills: what is whole passes, and nothing that is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kedang.ledger.notes import VerificationKey, open_note
from tests.world import World


def the_drill(world: World, *arguments: str | Path) -> dict[str, object]:
    """What a drill of the only copy says, passed or not."""
    (found,) = world.run("drill", *arguments, "--json").json["drills"]
    return dict(found)


def test_a_whole_copy_passes_and_remembers_it(copied: World) -> None:
    found = the_drill(copied)
    assert found["passed"] is True
    assert found["key_pages"] == found["key_pages_opened"]
    assert sum(one["drawn"] for one in found["samples"]) >= 5  # type: ignore[attr-defined]
    assert copied.ask("copies", "list")[0]["last_drilled"] is not None
    assert (
        '"act":"drilled"'
        in bytes(copied.rows("SELECT leaf FROM holdings_ledgerleaf ORDER BY n DESC LIMIT 1")[0][0]).decode()
    )


def test_the_result_is_signed_by_the_ledgers_key(copied: World) -> None:
    out = copied.root / "drill.txt"
    found = the_drill(copied, "--out", out)
    receipt = copied.ask("ledger", "receipt", "0", "--out", copied.root / "receipt.json")
    key = VerificationKey.parse(receipt["key"])
    text = open_note(out.read_text("utf-8"), keys=[key])
    assert json.loads(text)["snapshot"] == found["snapshot"]
    assert json.loads(text)["passed"] is True


@pytest.mark.parametrize("how", ["flipped", "missing"])
def test_one_damaged_object_of_any_kind_fails_the_drill(copied: World, how: str) -> None:
    for kind in ("packs", "ring", "blocks", "snapshots", "leaves"):
        damaged = max((copied.root / "copy" / kind).glob("*/*"), key=lambda path: path.stat().st_size)
        whole = damaged.read_bytes()
        middle = len(whole) // 2
        if how == "flipped":
            damaged.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        else:
            damaged.unlink()
        ran = copied.run("drill", "--json")
        assert ran.status in (1, 5), kind
        assert not any(one["passed"] for one in ran.json["drills"]), kind
        damaged.write_bytes(whole)
    assert copied.ask("copies", "list")[0]["last_drilled"] is None


def test_nothing_of_the_home_but_its_keys_and_counts_is_used(copied: World) -> None:
    for pack in (copied.home / "vault" / "packs").glob("*/*"):
        pack.unlink()
    for kind in ("snapshots", "blocks"):
        for path in (copied.home / "vault" / kind).glob("*/*"):
            path.unlink()
    assert the_drill(copied)["passed"] is True


def test_a_copy_that_missed_a_change_of_keys_does_not_pass_until_it_is_refreshed(copied: World) -> None:
    copied.ask("copies", "add", copied.root / "second")
    copied.ask("backup")
    (copied.root / "copy").rename(copied.root / "away")
    assert copied.run("rotate").status in (0, 1)
    (copied.root / "away").rename(copied.root / "copy")
    listed = {one["ordinal"]: one["keys"] for one in copied.ask("copies", "list")}
    assert listed == {1: "outstanding", 2: "current"}
    assert copied.run("drill", "1").status != 0
    assert copied.run("drill", "2").status == 0
    copied.ask("backup")
    assert copied.run("drill").status == 0


def test_a_full_drill_restores_by_a_key_of_its_own_and_leaves_nothing_behind(copied: World) -> None:
    work = copied.root / "work"
    work.mkdir()
    stick = copied.root / "stick"
    assert copied.run("keys", "places", "add", stick, "--kind", "stick").status in (0, 1)
    for secret in copied.secrets.iterdir():
        secret.unlink()  # only a person opens the case now
    sheets = {path: path.read_bytes() for place in (copied.keys, stick) for path in place.iterdir()}
    words = (copied.root / "shares.txt").read_text("utf-8").split("\n")
    person = replace(
        copied, environment={"KEDANG_PASSPHRASE": [line for line in words if line.strip()][-1].strip()}
    )
    out = copied.root / "drill.txt"
    found = the_drill(person, "--full", "--work", work, "--out", out)
    full = dict(found["full"])  # type: ignore[call-overload]
    note, ended = full.pop("note"), full.pop("ended")
    assert full == {"records": 37, "faults": 0, "code": "", "passed": True}
    assert list(work.iterdir()) == []
    after = {path: path.read_bytes() for place in (copied.keys, stick) for path in place.iterdir()}
    assert after == sheets
    receipt = person.ask("ledger", "receipt", "0", "--out", copied.root / "receipt.json")
    said = json.loads(open_note(note, keys=[VerificationKey.parse(receipt["key"])]))
    assert (said["format"], said["passed"], said["snapshot"]) == (
        "kedang-full-drill",
        True,
        found["snapshot"],
    )
    assert note in out.read_text("utf-8")
    assert said["ended"][:19] == ended[:19]
    assert person.ask("verify")["clean"]
