from __future__ import annotations

import pytest

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.leaves import said_time, written
from kedang.ledger.storage import root_at
from kedang.ledger.tree import EMPTY_ROOT, leaf_hash
from kedang.ledger.verification import FAULTS_MAX, Fault, verify_ledger
from tests.ledger.worlds import NOON, ORIGIN, ledger_of, received, storage_of

LEDGER = ledger_of(600)
LEAVES = [leaf.data for leaf in LEDGER.leaves]
STORAGE = storage_of(LEAVES)


def head_at(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_at(STORAGE, size))


def test_a_sound_ledger_passes_with_all_its_heads() -> None:
    verdict = verify_ledger(LEAVES, heads=[head_at(size) for size in (0, 600, 1, 255, 256, 257, 257)])
    assert verdict.sound
    assert verdict.frontier == LEDGER.head.frontier
    assert verdict.last_time == LEDGER.head.last_time


def test_an_empty_ledger_is_sound() -> None:
    verdict = verify_ledger([], heads=[Checkpoint(ORIGIN, 0, EMPTY_ROOT)])
    assert verdict.sound
    assert verdict.frontier.root == EMPTY_ROOT


def test_a_cut_end_is_told_by_the_heads_that_are_not_reached() -> None:
    verdict = verify_ledger(LEAVES[:300], heads=[head_at(300), head_at(301), head_at(600)])
    assert verdict.faults == (Fault("KD-L206", 301), Fault("KD-L206", 600))


FEW, MANY = 10, 500  # leaves of an act before one of it: many are looked at in another way


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("end", [b'x"}', b'\xff"}'])
def test_an_edited_leaf_is_told_with_the_heads_after_it(n: int, end: bytes) -> None:
    edited = [*LEAVES[:n], LEAVES[n][:-2] + end, *LEAVES[n + 1 :]]
    verdict = verify_ledger(edited, heads=[head_at(n), head_at(n + 1), head_at(600)])
    assert verdict.faults == (Fault("KD-L201", n), Fault("KD-L205", n + 1), Fault("KD-L205", 600))


@pytest.mark.parametrize("before", [FEW, MANY])
@pytest.mark.parametrize(
    ("ahead", "hour", "code"), [(1, 13, "KD-L202"), (0, 11, "KD-L203")], ids=["number", "time"]
)
def test_a_leaf_out_of_place_or_time_is_told(before: int, ahead: int, hour: int, code: str) -> None:
    leaves = [written(received(at), n=at, time=said_time(NOON)) for at in range(before)]
    time = said_time(NOON.replace(hour=hour))
    leaves.append(written(received(before), n=before + ahead, time=time))
    assert verify_ledger(leaves, heads=[]).faults == (Fault(code, before),)


def test_the_hash_of_every_leaf_is_told_in_order() -> None:
    told: list[bytes] = []
    verify_ledger(LEAVES, heads=[head_at(1), head_at(300)], hashed=told.extend)
    assert told == list(map(leaf_hash, LEAVES))


def test_faults_are_counted_beyond_those_that_are_kept() -> None:
    verdict = verify_ledger([b"{}"] * (FAULTS_MAX + 5), heads=[])
    assert (len(verdict.faults), verdict.fault_count, verdict.sound) == (FAULTS_MAX, FAULTS_MAX + 5, False)
