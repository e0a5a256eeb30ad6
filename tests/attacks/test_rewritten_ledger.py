"""Somebody rewrites the ledger with all he knows: one earlier receipt, held outside, gives him away.

He writes to the database as he likes and rebuilds everything that is derived. In the worst case he has the
disk, the key sheets' places and the signing key too, and signs new heads: then only what lies outside tells.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.ledger.appending import Head, append
from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.notes import Signer, sign_note
from kedang.ledger.proofs import prove_consistency, verify_consistency
from kedang.ledger.storage import root_at
from kedang.ledger.tree import Frontier, leaf_hash
from kedang.ledger.verification import verify_ledger
from tests.ledger.worlds import NOON, ORIGIN, ledger_of, received, storage_of
from tests.world import World

SEED = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
print(new_context().unlock().signing_seed().hex())
"""
Rewrite = Callable[[list[bytes]], list[bytes]]


def renumbered(leaves: Sequence[bytes]) -> list[bytes]:
    """The leaves with numbers and times that fit their places: what a careful forger writes."""
    said = [json.loads(data) for data in leaves]
    times = sorted(one["time"] for one in said)
    fitted = [one | {"n": n, "time": time} for n, (one, time) in enumerate(zip(said, times, strict=True))]
    return [
        json.dumps(one, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() for one in fitted
    ]


def changed(leaves: list[bytes]) -> list[bytes]:
    """One word of one leaf is another: where the source came from."""
    place = next(n for n, data in enumerate(leaves) if b'"folder"' in data)
    return [*leaves[:place], leaves[place].replace(b'"folder"', b'"mailbox"'), *leaves[place + 1 :]]


REWRITES: dict[str, Rewrite] = {
    "change": changed,
    "drop": lambda leaves: renumbered([*leaves[:6], *leaves[7:]]),
    "insert": lambda leaves: renumbered([*leaves[:7], leaves[6], *leaves[7:]]),
    "reorder": lambda leaves: renumbered([*leaves[:6], leaves[7], leaves[6], *leaves[8:]]),
    "truncate": lambda leaves: leaves[:-3],
    "rebuild": lambda leaves: renumbered(leaves[:3] + leaves[10:]),
}


@dataclass(frozen=True, slots=True)
class Held:
    """An archive, and what people outside hold of its ledger."""

    world: World
    receipt: Path
    code: str
    key: str
    seed: bytes


@pytest.fixture(scope="module")
def held(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Held:
    folder = tmp_path_factory.mktemp("ledger")
    source = folder / "source"
    source.mkdir()
    (source / "合同.txt").write_text("采购合同 甲方：云溪样例商贸有限公司 乙方：慕容雪霏 13800138000\n")
    world = opened_case.copied(folder / "world")
    world.intake(source)
    receipt = folder / "receipt.json"
    said = world.ask("ledger", "receipt", "6", "--out", receipt)
    asked = world.run("-c", SEED, program=(sys.executable,))
    assert asked.status == 0, asked.said
    # Honest growth after the receipt.
    (source / "便条.txt").write_text("慕容雪霏 13800138000 来电\n")
    world.intake(source)
    return Held(world, receipt, said["code"], said["key"], bytes.fromhex(asked.text.strip()))


def rewritten(held: Held, folder: Path, rewrite: Rewrite) -> World:
    """A copy of the archive in which the ledger and everything derived from it says something else."""
    world = held.world.copied(folder)
    with closing(sqlite3.connect(world.database)) as database, database:
        rows = database.execute("SELECT leaf FROM holdings_ledgerleaf ORDER BY n").fetchall()
        case = database.execute("SELECT id FROM holdings_case").fetchone()[0]
        leaves = rewrite([row[0] for row in rows])
        frontier, nodes = Frontier().grown(map(leaf_hash, leaves))
        database.execute("DELETE FROM holdings_ledgerleaf")
        database.executemany(
            "INSERT INTO holdings_ledgerleaf (case_id, n, leaf, leaf_hash) VALUES (?, ?, ?, ?)",
            [(case, n, data, leaf_hash(data)) for n, data in enumerate(leaves)],
        )
        database.execute("DELETE FROM holdings_ledgernode")
        database.executemany(
            "INSERT INTO holdings_ledgernode (case_id, level, place, node_hash) VALUES (?, ?, ?, ?)",
            [(case, node.level, node.place, node.hash) for node in nodes],
        )
        database.execute(
            "UPDATE holdings_ledgerhead SET size = ?, frontier = ?", (len(leaves), frontier.to_bytes())
        )
        database.execute("DELETE FROM holdings_checkpoint")
    return world


def signed_anew(held: Held, world: World) -> None:
    """The forger has the signing key and the places of the key sheet: the new head is signed as if nothing was."""
    case = world.rows("SELECT id FROM holdings_case")[0][0]
    size, frontier = world.rows("SELECT size, frontier FROM holdings_ledgerhead")[0]
    signer = Signer(f"kedang/{case}/0", Ed25519PrivateKey.from_private_bytes(held.seed))
    note = sign_note(Checkpoint(signer.name, size, Frontier.from_bytes(frontier).root).text, signer)
    world.change(
        "INSERT INTO holdings_checkpoint (case_id, size, note, signed, mac) VALUES (?, ?, ?, '2026-11-22', x'')",
        case, size, note,
    )  # fmt: skip
    for head in world.keys.glob("*.head"):
        head.write_text(note)


def outside(world: World, *files: Path, held: Held) -> tuple[int, str]:
    """What the one-file verifier says, written by the very archive that is doubted."""
    program = world.root / "kedang_verify.py"
    assert world.run("ledger", "verifier", "--out", program).status == 0
    ran = world.run("-I", "-S", program, *files, "--key", held.key, program=(sys.executable,))
    return ran.status, ran.text


def test_honest_growth_passes_everywhere(held: Held, tmp_path: Path) -> None:
    world = held.world.copied(tmp_path / "world")
    found = world.ask("ledger", "verify", "--against", held.receipt, "--against", held.code)
    assert found["whole"]
    assert found["findings"] == []
    assert found["heads"] >= 2
    ledger, growth = tmp_path / "ledger.jsonl", tmp_path / "growth.json"
    assert world.run("ledger", "export", "--out", ledger).status == 0
    assert world.run("ledger", "prove", "--since", held.receipt, "--out", growth).status == 0
    status, said = outside(world, held.receipt, ledger, growth, held=held)
    assert status == 0, said


@pytest.mark.parametrize("what", REWRITES)
def test_without_the_signing_key_every_command_notices(what: str, held: Held, tmp_path: Path) -> None:
    world = rewritten(held, tmp_path / "world", REWRITES[what])
    ran = world.run("ledger", "verify", "--json")
    assert ran.status == 4, ran.text + ran.said
    codes = {(one["code"], one["where"]) for one in ran.json["findings"]}
    expected = "KD-L206" if what in ("drop", "truncate", "rebuild") else "KD-L205"
    assert (expected, "place") in codes


def test_nothing_is_handed_out_on_top_of_a_rewritten_ledger(held: Held, tmp_path: Path) -> None:
    world = rewritten(held, tmp_path / "world", REWRITES["rebuild"])
    refused = world.run("ledger", "receipt", "6", "--out", tmp_path / "receipt.json")
    assert refused.status in (3, 4), refused.said
    assert not (tmp_path / "receipt.json").exists()


@pytest.mark.parametrize("what", REWRITES)
def test_without_the_heads_beside_the_key_sheet_the_receipt_notices(
    what: str, held: Held, tmp_path: Path
) -> None:
    world = rewritten(held, tmp_path / "world", REWRITES[what])
    for head in world.keys.glob("*.head"):
        head.unlink()
    ran = world.run("ledger", "verify", "--against", held.receipt, "--against", held.code, "--json")
    given = {one["code"] for one in ran.json["findings"] if one["where"] == "given"}
    if what == "truncate":
        # The cut part is younger than this receipt: what the receipt covers is still there, word for word.
        assert given == set()
    else:
        assert ran.status == 4, ran.text
        assert given in ({"KD-L205", "KD-L408"}, {"KD-L206"})


@pytest.mark.parametrize("what", ["change", "rebuild"])
def test_with_the_signing_key_only_what_lies_outside_tells(what: str, held: Held, tmp_path: Path) -> None:
    world = rewritten(held, tmp_path / "world", REWRITES[what])
    signed_anew(held, world)
    assert world.ask("ledger", "verify")["whole"]
    ran = world.run("ledger", "verify", "--against", held.receipt, "--json")
    assert ran.status == 4
    assert {one["code"] for one in ran.json["findings"]} <= {"KD-L205", "KD-L206"}
    ledger = tmp_path / "ledger.jsonl"
    assert world.run("ledger", "export", "--out", ledger).status == 0
    assert outside(world, ledger, held=held)[0] == 0
    status, said = outside(world, held.receipt, ledger, held=held)
    assert status == 1, said
    grown = world.run("ledger", "prove", "--since", held.receipt, "--out", tmp_path / "growth.json")
    assert grown.status in (2, 4), grown.said


def test_a_cut_end_signed_anew_is_told_by_a_receipt_of_the_end(held: Held, tmp_path: Path) -> None:
    late = tmp_path / "late.json"
    held.world.copied(tmp_path / "before").ask("ledger", "receipt", "6", "--out", late)
    world = rewritten(held, tmp_path / "world", REWRITES["truncate"])
    signed_anew(held, world)
    ran = world.run("ledger", "verify", "--against", late, "--json")
    assert ran.status == 4
    assert {one["code"] for one in ran.json["findings"]} == {"KD-L206"}


def test_a_new_generation_does_not_hide_what_was_cut(held: Held, tmp_path: Path) -> None:
    world = rewritten(held, tmp_path / "world", REWRITES["rebuild"])
    world.change("UPDATE holdings_ledgerhead SET generation = 1")
    ran = world.run("ledger", "verify", "--against", held.receipt, "--json")
    assert ran.status == 4
    assert {(one["code"], one["where"]) for one in ran.json["findings"]} == {
        ("KD-L409", "place"),
        ("KD-L409", "given"),
    }


def test_text_in_place_of_bytes_is_no_way_out(held: Held, tmp_path: Path) -> None:
    world = held.world.copied(tmp_path / "world")
    world.change("UPDATE holdings_ledgerleaf SET leaf = CAST(replace(leaf, 'folder', 'mailbox') AS TEXT)")
    world.change("UPDATE holdings_ledgerhead SET frontier = 'none'")
    ran = world.run("ledger", "verify", "--json")
    assert ran.status == 4, ran.said
    assert {"KD-L204", "KD-L205"} <= {one["code"] for one in ran.json["findings"]}


def test_a_changed_node_is_told_and_gives_no_proof_away(held: Held, tmp_path: Path) -> None:
    world = held.world.copied(tmp_path / "world")
    case = world.rows("SELECT id FROM holdings_case")[0][0]
    world.change(
        "INSERT INTO holdings_ledgernode (case_id, level, place, node_hash) VALUES (?, 1, 0, zeroblob(32))",
        case,
    )
    ran = world.run("ledger", "verify", "--json")
    assert ran.status == 4
    assert [one["code"] for one in ran.json["findings"]] == ["KD-L207"]


@given(st.integers(2, 90), st.data())
@settings(max_examples=60, deadline=None)
def test_any_rewriting_below_any_earlier_head_shows(size: int, data: st.DataObject) -> None:
    leaves = [leaf.data for leaf in ledger_of(size).leaves]
    known = data.draw(st.integers(2, size), label="size of the head that somebody holds")
    head = Checkpoint(ORIGIN, known, root_at(storage_of(leaves), known))
    place = data.draw(st.integers(0, known - 2), label="place")
    rewrites: dict[str, list[bytes]] = {
        "change": [*leaves[:place], leaves[place].replace(b'"act"', b'"Act"'), *leaves[place + 1 :]],
        "drop": leaves[:place] + leaves[place + 1 :],
        "insert": [*leaves[:place], leaves[-1], *leaves[place:]],
        "reorder": [*leaves[:place], leaves[place + 1], leaves[place], *leaves[place + 2 :]],
        "truncate": leaves[:place],
        "rebuild": renumbered(leaves[place + 1 :] + leaves[: place + 1]),
    }
    for what, forged in rewrites.items():
        verdict = verify_ledger(forged, heads=[head])
        assert {fault.code for fault in verdict.faults} & {"KD-L205", "KD-L206"}, what


@given(st.integers(1, 60), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_honest_growth_always_passes(size: int, more: int) -> None:
    before = ledger_of(size)
    events = [received(n) for n in range(size, size + more)]
    grown = append(Head(before.head.frontier, before.head.last_time), events, now=NOON + timedelta(days=1))
    leaves = [leaf.data for leaf in (*before.leaves, *grown.leaves)]
    storage = storage_of(leaves)
    heads = [Checkpoint(ORIGIN, one, root_at(storage, one)) for one in range(size + more + 1)]
    assert verify_ledger(leaves, heads=heads).sound
    verify_consistency(
        old_size=size,
        old_root=before.head.root,
        new_size=size + more,
        new_root=grown.head.root,
        proof=prove_consistency(storage, size, size + more),
    )
