"""Attacks on a ledger of which an outsider holds a receipt: edit, cut, reorder, truncate, rebuild."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from kedang.ledger.appending import Head, append
from kedang.ledger.checkpoints import check_head, open_checkpoint, sign_checkpoint
from kedang.ledger.errors import (
    CheckpointMalformed,
    InclusionNotProven,
    LeavesMissing,
    OutOfRange,
    ReceiptMalformed,
    RootMismatch,
    SignerMissing,
)
from kedang.ledger.leaves import read_leaf, said_time, written
from kedang.ledger.notes import VerificationKey
from kedang.ledger.proofs import prove_consistency, verify_consistency
from kedang.ledger.receipts import Receipt, issue_receipt, verify_receipt
from kedang.ledger.storage import MemoryStorage, root_at
from kedang.ledger.tree import leaf_hash
from kedang.ledger.verification import verify_ledger
from tests.ledger.worlds import NOON, SIGNER, checkpoint_of, ledger_of, received, storage_of

SIZE, HELD = 50, 31
KEY = SIGNER.verification_key
LEDGER = ledger_of(SIZE)
LEAVES = [leaf.data for leaf in LEDGER.leaves]
EARLIER = ledger_of(HELD)
NOTE = sign_checkpoint(
    checkpoint_of(EARLIER),
    signer=SIGNER,
    last_signed=None,
    ledger=storage_of([leaf.data for leaf in EARLIER.leaves]),
)


def renumbered(leaves: list[bytes]) -> list[bytes]:
    """The leaves as a careful forger writes them: numbers and form right again."""
    parsed = [read_leaf(data) for data in leaves]
    return [written(leaf.event, n=n, time=said_time(leaf.time)) for n, leaf in enumerate(parsed)]


def edited(leaves: list[bytes]) -> list[bytes]:
    return [*leaves[:8], leaves[8].replace(b"false", b"true"), *leaves[9:]]


def cut(leaves: list[bytes]) -> list[bytes]:
    return leaves[:7] + leaves[8:]


def reordered(leaves: list[bytes]) -> list[bytes]:
    return [*leaves[:7], leaves[8], leaves[7], *leaves[9:]]


def truncated(leaves: list[bytes]) -> list[bytes]:
    return leaves[: HELD - 1]


def rebuilt(leaves: list[bytes]) -> list[bytes]:
    done = append(Head(), [received(n + 1) for n in range(len(leaves))], now=NOON)
    return [leaf.data for leaf in done.leaves]


def inserted(leaves: list[bytes]) -> list[bytes]:
    return [*leaves[:7], leaves[7], *leaves[7:]]


ATTACKS = pytest.mark.parametrize("attack", [edited, cut, reordered, truncated, rebuilt, inserted])


def test_a_receipt_proves_its_leaf_against_the_signed_head() -> None:
    ledger = storage_of(LEAVES)
    for n in range(HELD):
        receipt = issue_receipt(ledger, n, signed_head=NOTE)
        assert verify_receipt(receipt, data=LEAVES[n], key=KEY) == checkpoint_of(EARLIER)
        assert Receipt.parse(str(receipt)) == receipt


@ATTACKS
@pytest.mark.parametrize("careful", [False, True])
def test_a_held_head_gives_every_forgery_away(
    attack: Callable[[list[bytes]], list[bytes]], careful: bool
) -> None:
    forged = attack(LEAVES)
    if careful and attack is not edited:
        forged = renumbered(forged)
    assert forged != LEAVES
    with pytest.raises((RootMismatch, LeavesMissing)):
        check_head(storage_of(forged), open_checkpoint(NOTE, key=KEY))


@ATTACKS
def test_the_verdict_names_what_a_forgery_broke(attack: Callable[[list[bytes]], list[bytes]]) -> None:
    head = open_checkpoint(NOTE, key=KEY)
    assert verify_ledger(LEAVES, heads=[head]).sound
    verdict = verify_ledger(attack(LEAVES), heads=[head])
    assert {fault.code for fault in verdict.faults} & {"KD-L205", "KD-L206"}


@ATTACKS
def test_a_forged_ledger_cannot_prove_that_it_continues_the_held_one(
    attack: Callable[[list[bytes]], list[bytes]],
) -> None:
    forged = storage_of(renumbered(attack(LEAVES)) if attack is not edited else attack(LEAVES))
    if forged.size < HELD:
        with pytest.raises(OutOfRange):
            prove_consistency(forged, HELD, forged.size)
        return
    proof = prove_consistency(forged, HELD, forged.size)
    from_root = root_at(forged, forged.size)
    with pytest.raises(Exception, match="KD-L303"):
        verify_consistency(
            old_size=HELD,
            old_root=checkpoint_of(EARLIER).root,
            new_size=forged.size,
            new_root=from_root,
            proof=proof,
        )


def test_random_changes_of_one_byte_never_pass() -> None:
    numbers = random.Random(6962)
    receipt = issue_receipt(storage_of(LEAVES), 11, signed_head=NOTE)
    for _ in range(300):
        at = numbers.randrange(len(LEAVES[11]))
        changed = bytearray(LEAVES[11])
        changed[at] ^= 1 << numbers.randrange(8)
        with pytest.raises(InclusionNotProven, match="KD-L302"):
            verify_receipt(receipt, data=bytes(changed), key=KEY)


def test_a_receipt_of_another_signer_is_refused() -> None:
    receipt = issue_receipt(storage_of(LEAVES), 3, signed_head=NOTE)
    stranger = VerificationKey(KEY.name, bytes(32))
    with pytest.raises(SignerMissing):
        verify_receipt(receipt, data=LEAVES[3], key=stranger)


def test_no_receipt_for_a_leaf_after_the_head() -> None:
    with pytest.raises(OutOfRange):
        issue_receipt(storage_of(LEAVES), HELD, signed_head=NOTE)


def test_a_receipt_needs_a_head() -> None:
    with pytest.raises(CheckpointMalformed):
        issue_receipt(MemoryStorage([leaf_hash(b"")]), 0, signed_head="text\n\n— someone AAAAAAAAAAAA\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nhead\n",
        "c2sp.org/tlog-proof@v1\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nindex x\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n?\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n" + ("A" * 43 + "=\n") * 64 + "\nhead\n",
    ],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(ReceiptMalformed, match="KD-L304"):
        Receipt.parse(text)


def test_an_extra_line_of_another_writer_is_passed_over() -> None:
    text = str(issue_receipt(storage_of(LEAVES), 3, signed_head=NOTE))
    assert Receipt.parse(text.replace("\nindex", "\nextra AAAA\nindex", 1)).n == 3
