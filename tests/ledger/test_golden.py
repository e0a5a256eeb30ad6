"""A ledger of format 1 as it was written first: it stays readable, byte for byte, for ever."""

from __future__ import annotations

from pathlib import Path

from kedang.ledger.appending import Head, append
from kedang.ledger.checkpoints import open_checkpoint, sign_checkpoint
from kedang.ledger.notes import VerificationKey
from kedang.ledger.receipts import Receipt, issue_receipt, verify_receipt
from kedang.ledger.verification import verify_ledger
from tests.ledger.test_leaves import event_of
from tests.ledger.worlds import NOON, SIGNER, checkpoint_of, storage_of

FORMAT_1 = Path(__file__).parent / "golden" / "format-1"
ACTS = (
    "case-opened source-registered accession-opened received refused question-raised question-answered "
    "classified archived reckoned accession-closed exported unlocked"
)


def leaves() -> list[bytes]:
    return (FORMAT_1 / "leaves.jsonl").read_bytes().splitlines()


def test_the_first_ledger_is_sound_under_its_signed_head() -> None:
    key = VerificationKey.parse((FORMAT_1 / "key.txt").read_text(encoding="utf-8").strip())
    head = open_checkpoint((FORMAT_1 / "checkpoint").read_text(encoding="utf-8"), key=key)
    assert head.size == len(leaves()) == len(ACTS.split())
    assert verify_ledger(leaves(), heads=[head]).sound
    receipt = Receipt.parse((FORMAT_1 / "archived.tlog-proof").read_text(encoding="utf-8"))
    assert verify_receipt(receipt, data=leaves()[receipt.n], key=key) == head


def test_today_the_same_events_give_the_same_bytes() -> None:
    done = append(Head(), [event_of(act, n) for n, act in enumerate(ACTS.split())], now=NOON)
    assert [leaf.data for leaf in done.leaves] == leaves()
    storage = storage_of(leaves())
    note = sign_checkpoint(checkpoint_of(done), signer=SIGNER, last_signed=None, ledger=storage)
    assert note.encode() == (FORMAT_1 / "checkpoint").read_bytes()
    assert (
        str(issue_receipt(storage, 8, signed_head=note)).encode()
        == (FORMAT_1 / "archived.tlog-proof").read_bytes()
    )
